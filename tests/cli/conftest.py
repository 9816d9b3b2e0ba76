"""The command line in this process, and a small study trained through it once."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from squares import write_squares, write_study

from bakeoff.cli.app import main
from bakeoff.fleet.executors import InlineExecutor


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def call(*words: object) -> int:
    """`bakeoff words`; the exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["bakeoff", *map(str, words)])
        # Worker processes take seconds to start; that they give the same results is tested end to end.
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        with pytest.raises(SystemExit) as left:
            main()
    return left.value.code


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    torch.set_num_threads(1)
    for name in ("BAKEOFF_DEBUG", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bakeoff(capsys):
    """(words of the command) -> exit code, stdout, stderr."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = call(*words)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def a_minute_a_pack(monkeypatch):
    """Instead of measuring."""
    monkeypatch.setattr("bakeoff.api.planning.calibrate", lambda packs, *_: {pack.id: 60.0 for pack in packs})
    monkeypatch.setattr("bakeoff.api.timing.forecast", lambda *_: 60.0)


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return write_squares(tmp_path_factory.mktemp("data") / "squares.npz")


@pytest.fixture(scope="session")
def study_file(data) -> Path:
    """linear, mlp and cnn, two seeds, three epochs."""
    return write_study(data.with_name("squares.yaml"), data)


@pytest.fixture(scope="session")
def trained(study_file, tmp_path_factory) -> Path:
    """The folder of the study, run. Read it, do not change it."""
    folder = tmp_path_factory.mktemp("trained") / "squares"
    assert call("run", study_file, "--out", folder) == 0
    return folder


@pytest.fixture
def copied(trained, tmp_path) -> Path:
    """A copy of the trained study folder."""
    return Path(shutil.copytree(trained, tmp_path / "squares"))
