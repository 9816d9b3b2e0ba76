"""Signals to a command in a process of its own, with the dispositions that a terminal gives: told in a line, 130."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from squares import write_squares, write_study

from bakeoff.api import status

PATIENCE_S = 60
ENTRIES = {"cnn": "{model: {cnn: {channels: [8], kernel: 3}}, recipe: plain}"}
BEGUN = {"while it loads": "bakeoff.api.running.set_up", "while it judges": "bakeoff.api.running.judge"}
WAIT = """
import bakeoff.api.running, pathlib, sys, time
from bakeoff.cli.app import main
*place, name = sys.argv.pop(1).split(".")
def wait(*_words, **_settings):
    pathlib.Path(sys.argv[-1], "begun").touch()
    time.sleep(60)
setattr(sys.modules[".".join(place)], name, wait)
main()
"""
"""`python -c WAIT what.is.replaced run study --out folder`"""


def as_from_a_terminal() -> None:
    """Tests may run where these are ignored, as shells do for what runs in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def start(words: list[object], **streams: object) -> subprocess.Popen:
    """In a session, so a group of processes, of its own."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, *map(str, words)], env=env, text=True, preexec_fn=streams.pop("before", as_from_a_terminal),
        start_new_session=True, **streams,
    )  # fmt: skip


def wait_for(found, running: subprocess.Popen) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not found():
        assert running.poll() is None, running.stderr and running.stderr.read()
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.fixture
def study(tmp_path) -> Path:
    data = write_squares(tmp_path / "squares.npz", train=300, test=30)
    return write_study(tmp_path / "long.yaml", data, ENTRIES, seeds="2", epochs=400)


@pytest.mark.parametrize(
    ("when", "number"),
    [("while it loads", signal.SIGINT), ("while it loads", signal.SIGTERM), ("while it judges", signal.SIGHUP)],
)
def test_outside_of_training(study, tmp_path, when, number):
    (tmp_path / "out").mkdir()
    few = ["--set", "recipes.plain.epochs=1", "--seeds", 1] if "judges" in when else []
    words = ["-c", WAIT, BEGUN[when], "run", study, *few, "--out", tmp_path / "out"]
    running = start(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for((tmp_path / "out" / "begun").exists, running)
    os.killpg(running.pid, number)
    out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "stopped; the same command goes on from here"
    assert "Traceback" not in err


@pytest.fixture
def training(study, tmp_path):
    """(streams) -> a run with two workers, in the middle of its training."""
    started = []

    def begin(**streams: object) -> subprocess.Popen:
        running = start(["-m", "bakeoff", "run", study, "--out", tmp_path / "out", "--workers", 2], **streams)
        started.append(running)
        wait_for(lambda: list((tmp_path / "out").glob("packs/*/lease")), running)
        time.sleep(2)
        return running

    yield begin
    for running in started:
        running.kill()
        running.wait()


def test_a_hangup_of_the_whole_group_ends_the_epoch_first(training, tmp_path):
    """Twice, as the shell and its terminal may both send it."""
    running = training(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.killpg(running.pid, signal.SIGHUP)
    os.killpg(running.pid, signal.SIGHUP)
    out, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, out) == (130, ""), err
    assert err.splitlines()[-1].startswith("stopped; ")
    assert not any(word in err for word in ("Traceback", "leaked", "died"))
    assert sum(entry.missing for entry in status(tmp_path / "out").entries) >= 1


def test_a_terminal_that_closes(training):
    """What it would have said has nowhere to go, which is no error."""
    ours, its = os.openpty()

    def sit_at_it() -> None:
        as_from_a_terminal()
        fcntl.ioctl(its, termios.TIOCSCTTY, 0)

    running = training(stdin=its, stdout=its, stderr=its, before=sit_at_it)
    os.close(its)
    os.close(ours)
    assert running.wait(timeout=PATIENCE_S) == 130


def test_nohup_goes_on(training):
    def nohup() -> None:
        as_from_a_terminal()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    running = training(stdout=subprocess.PIPE, stderr=subprocess.PIPE, before=nohup)
    os.killpg(running.pid, signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(timeout=1)
