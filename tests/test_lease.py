"""Leases: one holder at a time, gone with the process however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakeoff.errors import WriteError
from bakeoff.lease import is_held, lease

HOLD = """
import sys, time
from pathlib import Path
from bakeoff.lease import lease
with lease(Path(sys.argv[1]), shared=len(sys.argv) > 2) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def hold() -> Iterator[object]:
    """(path, *words) -> a process that holds the lease."""
    running: list[subprocess.Popen[str]] = []

    def start(path: Path, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, str(path), *words]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env))
        assert running[-1].stdout.readline() == "True\n"
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_another_process_is_kept_out_until_it_is_killed(tmp_path: Path, hold) -> None:
    path = tmp_path / "packs" / "one" / "lease"
    holder = hold(path)
    with lease(path) as ours:
        assert not ours
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lease(path) as ours:
        assert ours


def test_those_who_share_keep_out_who_wants_it_alone(tmp_path: Path, hold) -> None:
    path = tmp_path / ".lock"
    hold(path, "shared")
    with lease(path, shared=True) as ours:
        assert ours
    with lease(path) as ours:
        assert not ours


def test_a_second_holder_in_the_same_process_is_kept_out(tmp_path: Path) -> None:
    with lease(tmp_path / "x") as first, lease(tmp_path / "x") as second:
        assert (first, second) == (True, False)
    with lease(tmp_path / "x") as again:
        assert again


def test_the_holder_may_delete_the_file_and_the_next_gets_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "pack" / "lease"
    with lease(path) as first:
        assert first
        shutil.rmtree(path.parent)
        with lease(path) as second:  # a new file: what was deleted is done
            assert second
            with lease(path) as third:
                assert not third


@pytest.mark.parametrize("words", [(), ("shared",)])
def test_who_only_asks_makes_and_holds_nothing(tmp_path: Path, hold, words: tuple[str, ...]) -> None:
    path = tmp_path / ".lock"
    assert not is_held(path)
    assert not path.exists()
    holder = hold(path, *words)
    assert is_held(path)
    holder.kill()
    holder.wait()
    path.chmod(0o444)
    assert not is_held(path)
    with lease(path) as ours:
        assert ours


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="file/lease: cannot be written"), lease(tmp_path / "file" / "lease"):
        pass
