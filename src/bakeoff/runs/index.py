"""A SQLite index of the run folders, for quick listings. It holds nothing that the folders do not, and nothing in it is
believed: a row counts only with the hash of itself and of the state of its folder. So whoever reads it has every run,
as it is now, even if the file was deleted by one process while another was writing it; what it lacks is put in, and
one that is damaged or of another version is made again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bakeoff.errors import StoreError
from bakeoff.runs.disks import is_network
from bakeoff.runs.files import MANIFEST

INDEX_SCHEMA = 3
"""0 was the first, with whole manifests and no sizes; 1 did not notice files that had changed; 2 believed its rows."""
BUSY_S = 60.0
"""How long to wait for other processes that write."""
_TABLE = "CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, row TEXT, hash TEXT)"
_INSERT = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?)"
_READ = ("job.json", "summary.json", MANIFEST)
"""The files that a row is made from."""

Row = dict[str, object]
_Noted = tuple[str, str]
"""A row in JSON, and its hash."""


class _UnusableError(StoreError):
    """The file can be neither read nor written."""


class Index:
    """One row a run: key, model, seed, numerics, seconds, why it stopped, and bytes on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, folder: Path) -> None:
        """Note one run. Raises StoreError."""
        self._write({folder.name: _noted(folder)})

    def rows(self, folders: Sequence[Path]) -> list[Row]:
        """A row for each of these folders that is a whole run, by key; those that are damaged have none. Needs no index
        that can be read or written, as on a full disk: it is only slower then."""
        known = self._read()
        rows, new = {}, {}
        for folder in sorted(folders):
            with contextlib.suppress(StoreError):
                row, told = known.get(folder.name, ("", ""))
                if told != _hash(folder.name, row, _state(folder)):
                    row, _ = new[folder.name] = _noted(folder)
                rows[folder.name] = json.loads(row)
        if new or known.keys() - rows.keys():
            with contextlib.suppress(_UnusableError):
                self._write(new, known.keys() - rows.keys())
        return list(rows.values())

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
        for end in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    def _read(self) -> dict[str, _Noted]:
        """What the file holds; nothing if it cannot be read, and then it is made again if it can be."""
        with contextlib.suppress(_UnusableError):
            return self._held()
        with contextlib.suppress(_UnusableError, OSError):
            self.delete()
            return self._held()
        return {}

    def _held(self) -> dict[str, _Noted]:
        with self._open() as connection:
            _check(connection)
            held = connection.execute("SELECT key, row, hash FROM runs")
            return {str(key): (str(row), str(told)) for key, row, told in held}

    def _write(self, new: Mapping[str, _Noted], gone: Iterable[str] = ()) -> None:
        with self._open() as connection, connection:
            connection.executemany("DELETE FROM runs WHERE key = ?", [(key,) for key in gone])
            connection.executemany(_INSERT, [(key, *noted) for key, noted in new.items()])

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


def _prepare(connection: sqlite3.Connection, mode: str) -> None:
    """The journal and the table. SQLite does not wait for others while it changes the journal, so we do."""
    until = time.monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != mode:
        try:
            connection.execute(f"PRAGMA journal_mode={mode}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
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


def _noted(folder: Path) -> _Noted:
    """Raises StoreError if the folder is not a whole run."""
    state = _state(folder)  # first: what is written while we read is then noticed the next time
    try:
        job = json.loads((folder / "job.json").read_text(encoding="utf-8"))["job"]
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        manifest = (folder / MANIFEST).read_bytes()
        row = {
            "key": folder.name,
            "model": json.dumps(job["model"]),
            "seed": int(job["seed"]),
            "numerics": int(job["numerics"]),
            "seconds": summary["seconds"],
            "stopped": summary["stopped"],
            "bytes": len(manifest) + sum(facts["size"] for facts in json.loads(manifest).values()),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise StoreError(f"{folder}: not a whole run ({error})") from error
    text = json.dumps(row)
    return text, _hash(folder.name, text, state)


def _state(folder: Path) -> str:
    """Another one when a file that the row is made from has been written again. Raises StoreError if one is missing."""
    try:
        facts = [(folder / name).stat() for name in _READ]
    except OSError as error:
        raise StoreError(f"{folder}: not a whole run ({error})") from error
    return " ".join(f"{fact.st_size}:{fact.st_mtime_ns}" for fact in facts)


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
