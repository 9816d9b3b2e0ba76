"""Output that nobody reads, or that cannot be written, ends in no traceback. Processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BAKEOFF = [sys.executable, "-m", "bakeoff"]


def call(*words, **streams):
    return subprocess.run([*BAKEOFF, *words], stderr=subprocess.PIPE, text=True, check=False, **streams)


@pytest.mark.parametrize("words", ["--help", "--version"])
def test_a_reader_that_has_gone_is_no_traceback(words):
    """What `| head -1` does, at its earliest."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = call(*words.split(), stdout=write)
    finally:
        os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = call("--version", stdout=full)
    assert done.stderr == "error: No space left on device\n"
    assert done.returncode == 1


def test_a_closed_stdout_is_no_traceback():
    done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *BAKEOFF, "--version"], stderr=subprocess.PIPE, text=True)
    assert "Traceback" not in done.stderr


def test_a_closed_stderr_does_not_move_errors_to_stdout():
    done = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *BAKEOFF, "pln"], stdout=subprocess.PIPE, text=True)
    assert done.stdout == ""
    assert done.returncode == 2


def test_a_terminal_without_the_letters_is_no_failure():
    done = call("--help", stdout=subprocess.PIPE, env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: bakeoff" in done.stdout
    assert done.stdout.isascii()


def test_the_exit_code_reaches_the_shell():
    done = call("pln", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: No such command 'pln'")


def test_the_installed_script_is_the_same_command():
    script = Path(sys.executable).with_name("bakeoff")
    done = [subprocess.run([*c, "--version"], capture_output=True, check=True).stdout for c in ([script], BAKEOFF)]
    assert done[0] == done[1]
