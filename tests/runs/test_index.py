"""The index: brought up to date by whoever reads it, made again when it is gone, damaged or of another version, safe
from many processes."""

from __future__ import annotations

import json
import multiprocessing
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from runs.test_store import finished

from bakeoff.errors import StoreError
from bakeoff.runs import Store
from bakeoff.runs.disks import file_system, is_network


def execute(store: Store, *statements: str) -> None:
    """As any program could that opens the file."""
    with closing(sqlite3.connect(store.paths.index)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three runs."""
    store = Store(tmp_path)
    for seed in range(3):
        store.write(finished(seed))
    return store


def test_there_is_a_row_a_run_with_its_size(store: Store) -> None:
    rows = store.rows()
    assert [row["key"] for row in rows] == list(store)
    assert sorted(row["seed"] for row in rows) == [0, 1, 2]
    for row in rows:
        assert row["bytes"] == sum(file.stat().st_size for file in store.paths.run(row["key"]).iterdir())


def test_an_index_that_is_gone_is_made_again(store: Store) -> None:
    before = store.rows()
    store.index.delete()
    assert not store.paths.index.exists()
    assert store.rows() == before


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_a_damaged_index_is_made_again(store: Store, content: bytes) -> None:
    before = store.rows()
    store.index.delete()
    store.paths.index.write_bytes(content)
    assert bool(store.index.problem()) == bool(content)
    assert store.rows() == before
    assert store.index.problem() == ""


def test_a_page_of_zeros_in_the_middle_is_found(store: Store) -> None:
    before = store.rows()
    execute(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    whole = store.paths.index.read_bytes()
    store.paths.index.write_bytes(whole[:4096] + bytes(4096) + whole[8192:])
    assert "rebuilt" in store.index.problem()
    assert store.rows() == before


def test_runs_that_came_and_went_without_it_are_noticed(store: Store, tmp_path: Path) -> None:
    first, *_ = store
    shutil.rmtree(store.paths.run(first))
    other = Store(tmp_path / "other")
    path = other.write(finished(7))
    shutil.copytree(path, store.paths.run(path.name))
    assert [row["key"] for row in store.rows()] == list(store)


@pytest.mark.parametrize("name", ["job.json", "summary.json", "manifest.json"])
@pytest.mark.parametrize("indexed", [True, False])
def test_a_folder_that_is_no_whole_run_has_no_row(store: Store, name: str, indexed: bool) -> None:
    """Whether it was whole when the index was made, or not."""
    first, *others = store
    if not indexed:
        store.index.delete()
    file = store.paths.run(first) / name
    file.write_bytes(file.read_bytes()[:20])
    assert [row["key"] for row in store.rows()] == others
    file.unlink()
    assert [row["key"] for row in store.rows()] == others


def test_a_run_that_was_replaced_is_read_again(store: Store) -> None:
    first, *_ = store
    before = {row["key"]: row["seconds"] for row in store.rows()}
    file = store.paths.run(first) / "summary.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seconds": 1234.5}))
    assert {row["key"]: row["seconds"] for row in store.rows()} == before | {first: 1234.5}


def test_an_index_that_cannot_be_written_does_not_lose_a_run(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    store.paths.index.mkdir()
    store.write(result)
    assert store.check(result.job.key) == []
    with pytest.raises(StoreError, match="rebuilt"):
        store.index.add(store.paths.run(result.job.key))


def test_rows_are_told_where_no_index_can_be_written(store: Store) -> None:
    """As on a full disk or in a read-only folder."""
    before = store.rows()
    store.index.delete()
    store.paths.index.mkdir()
    assert store.rows() == before
    assert store.paths.index.is_dir()


def test_another_version_is_made_again(store: Store) -> None:
    before = store.rows()
    execute(store, "PRAGMA user_version=99", "ALTER TABLE runs ADD COLUMN more TEXT")
    assert store.rows() == before


def test_a_row_that_was_changed_is_not_believed(store: Store) -> None:
    before = store.rows()
    for column in ("row", "hash"):
        execute(store, f"UPDATE runs SET {column} = replace({column}, '1', '2')")
        assert store.rows() == before
        assert store.index.problem() == ""


def test_an_index_that_another_deletes_between_reading_and_writing_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.rows()
    store.write(finished(7))
    held = store.index._held

    def held_then_deleted() -> dict[str, tuple[str, str]]:
        known = held()
        store.index.delete()
        return known

    monkeypatch.setattr(store.index, "_held", held_then_deleted)
    rows = store.rows()
    assert len(rows) == len(before) + 1
    assert [row["key"] for row in rows] == list(store)
    monkeypatch.undo()
    assert store.rows() == rows


def test_whatever_byte_is_damaged_the_rows_are_those_of_the_folders(store: Store) -> None:
    before = store.rows()
    execute(store, "PRAGMA journal_mode=DELETE")
    whole = store.paths.index.read_bytes()
    used = [at for at, byte in enumerate(whole) if byte]  # the rest is empty room
    for at in random.Random(0).sample(used, 200):
        store.index.delete()
        store.paths.index.write_bytes(whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :])
        assert store.rows() == before, at


def test_many_processes_open_it_at_once(store: Store) -> None:
    """Forked, because each would import for seconds; one of them deletes it meanwhile."""
    context = multiprocessing.get_context("fork")
    done = context.Value("i", 0)

    def work(number: int) -> None:
        own = Store(store.paths.root)
        for _ in range(3):
            own.write(finished(100 + number))
            if number == 0:
                own.index.delete()
            assert len(own.rows()) >= 4
        with done.get_lock():
            done.value += 1

    processes = [context.Process(target=work, args=(number,)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert done.value == 8
    assert len(store.rows()) == len(list(store)) == 11


def test_the_kind_of_disk_is_that_of_the_deepest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("rootfs / ext4 rw 0 0\nhost:/x /home nfs4 rw 0 0\n/dev/b /home/my\\040disk xfs rw 0 0\ngarbage\n")
    assert file_system(Path("/usr/x"), mounts) == "ext4"
    assert file_system(Path("/home/me/runs"), mounts) == "nfs4"
    assert file_system(Path("/home/my disk/runs"), mounts) == "xfs"
    assert is_network(Path("/home/me"), mounts)
    assert not is_network(Path("/homely"), mounts)
    assert file_system(Path("/"), tmp_path / "none") == ""
