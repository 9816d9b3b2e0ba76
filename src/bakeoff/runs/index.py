"""A SQLite index of the run folders, for quick listings. It holds nothing that the folders do not: whoever reads it has
it brought up to date first, and one that is deleted, damaged or of another version is made again; where nothing can be
written, on a full disk or in a read-only folder, it is made in memory."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bakeoff.errors import StoreError
from bakeoff.runs.disks import is_network
from bakeoff.runs.files import MANIFEST

INDEX_SCHEMA = 2
"""0 was the first, with whole manifests and no sizes; 1 did not notice files that had changed."""
BUSY_S = 60.0
"""How long to wait for other processes that write."""
_TABLE = """CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, model TEXT, seed INTEGER, numerics INTEGER,
    seconds REAL, stopped TEXT, bytes INTEGER, stamp TEXT)"""
_INSERT = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_READ = ("job.json", "summary.json", MANIFEST)
"""The files that a row is made from."""

Row = dict[str, object]


class _UnusableError(StoreError):
    """The file can be neither read nor written."""


class Index:
    """One row a run: key, model, seed, numerics, seconds, why it stopped, bytes on disk, and the stamp
    (sizes and times) of the files that it was made from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, folder: Path) -> None:
        """Note one run. Raises StoreError."""
        row = _row(folder)
        with self._open() as connection, connection:
            connection.execute(_INSERT, row)

    def rows(self, folders: Sequence[Path]) -> list[Row]:
        """A row for each of these folders that is a whole run, by key; those that are damaged have none."""
        with contextlib.suppress(_UnusableError), self._open() as connection:
            return _current(connection, folders)
        with contextlib.suppress(_UnusableError, OSError):
            self.delete()
            with self._open() as connection:
                return _current(connection, folders)
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(_TABLE)
            return _current(connection, folders)

    def problem(self) -> str:
        """What is wrong with the file; empty if nothing is, or if there is none."""
        try:
            if self.path.exists():
                with self._open() if _can_be_written(self.path) else self._open_to_read() as connection:
                    _check(connection)
        except StoreError as error:
            return str(error)
        return ""

    def delete(self) -> None:
        """Take the file away; it is made again when it is asked for."""
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level="IMMEDIATE")
            _prepare(connection, "DELETE" if is_network(self.path.parent) else "WAL")
            yield connection
        except (sqlite3.Error, OSError) as error:
            raise _UnusableError(
                f"{self.path}: {error}; it can be deleted, it is rebuilt from the run folders"
            ) from error
        finally:
            if connection is not None:
                connection.close()

    @contextlib.contextmanager
    def _open_to_read(self) -> Iterator[sqlite3.Connection]:
        """Where nobody can write: told that, SQLite does without locks and the files that it has beside its own."""
        try:
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise _UnusableError(
                f"{self.path}: {error}; it can be deleted, it is rebuilt from the run folders"
            ) from error


def _can_be_written(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _current(connection: sqlite3.Connection, folders: Sequence[Path]) -> list[Row]:
    _check(connection)
    here = {folder.name: folder for folder in folders}
    known = dict(connection.execute("SELECT key, stamp FROM runs"))
    changed = [here[key] for key in sorted(here) if known.get(key, "") != _stamp(here[key])]
    with connection:
        old = [(key,) for key in known.keys() - here.keys() | {folder.name for folder in changed}]
        connection.executemany("DELETE FROM runs WHERE key = ?", old)
        connection.executemany(_INSERT, _whole(changed))
    connection.row_factory = sqlite3.Row
    return [dict(row) for row in connection.execute("SELECT * FROM runs ORDER BY key") if row["key"] in here]


def _whole(folders: Iterable[Path]) -> Iterator[tuple[object, ...]]:
    for folder in folders:
        with contextlib.suppress(StoreError):
            yield _row(folder)


def _prepare(connection: sqlite3.Connection, mode: str) -> None:
    """The journal and the table. SQLite does not wait for others while it changes the journal, so we do."""
    until = time.monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != mode:
        try:
            connection.execute(f"PRAGMA journal_mode={mode}")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
    if _version(connection) == INDEX_SCHEMA:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) != INDEX_SCHEMA:  # nobody else was faster
            connection.execute("DROP TABLE IF EXISTS runs")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version={INDEX_SCHEMA}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(str(found))


def _row(folder: Path) -> tuple[object, ...]:
    try:
        stamp = _stamp(folder)
        job = json.loads((folder / "job.json").read_text(encoding="utf-8"))["job"]
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        manifest = (folder / MANIFEST).read_bytes()
        size = len(manifest) + sum(facts["size"] for facts in json.loads(manifest).values())
        told = (json.dumps(job["model"]), job["seed"], job["numerics"], summary["seconds"], summary["stopped"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{folder}: not a whole run ({error})") from error
    return (folder.name, *told, size, stamp)


def _stamp(folder: Path) -> str:
    """Another one when a file that the row is made from has been written again. Empty if one is missing."""
    try:
        facts = [(folder / name).stat() for name in _READ]
    except OSError:
        return ""
    return " ".join(f"{fact.st_size}:{fact.st_mtime_ns}" for fact in facts)
