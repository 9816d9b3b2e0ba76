"""A SQLite index of the run folders, for quick listings. It holds nothing that the folders do not: delete it and
it is rebuilt."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bakeoff.errors import StoreError

_TABLE = """CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY, model TEXT, seed INTEGER, seconds REAL, stopped TEXT, manifest TEXT)"""


class Index:
    """One row a run: key, model, seed, seconds, why it stopped, its manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_TABLE)
            with connection:
                yield connection
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}; it can be deleted, it is rebuilt from the run folders") from error
        finally:
            connection.close()

    def add(self, run_folder: Path) -> None:
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)", _row(run_folder))

    def rebuild(self, run_folders: list[Path]) -> None:
        """Forget all rows and read them again from the folders."""
        rows = [_row(folder) for folder in run_folders]
        with self._open() as connection:
            connection.execute("DELETE FROM runs")
            connection.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", rows)

    def rows(self) -> list[dict[str, object]]:
        with self._open() as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM runs ORDER BY key")]


def _row(folder: Path) -> tuple[str, str, int, float, str, str]:
    try:
        job = json.loads((folder / "job.json").read_text(encoding="utf-8"))["job"]
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        manifest = (folder / "manifest.json").read_text(encoding="utf-8")
        return (folder.name, json.dumps(job["model"]), job["seed"], summary["seconds"], summary["stopped"], manifest)
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{folder}: not a whole run ({error})") from error
