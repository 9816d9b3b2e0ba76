"""One small study trained once; tests that change it work on a copy."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from squares import write_squares, write_study

from bakeoff.api import Outcome, Study


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return write_squares(tmp_path_factory.mktemp("data") / "squares.npz")


@pytest.fixture(scope="session")
def study_file(data) -> Path:
    """linear, mlp and cnn, two seeds, three epochs."""
    return write_study(data.with_name("squares.yaml"), data)


@pytest.fixture(scope="session")
def trained(study_file, tmp_path_factory) -> Outcome:
    """The study, run with two workers. Read it, do not change its folder."""
    return Study.load(study_file).run(out=tmp_path_factory.mktemp("trained") / "squares", workers=2)


@pytest.fixture
def copied(trained, tmp_path) -> Path:
    """A copy of the trained study folder."""
    return Path(shutil.copytree(trained.study_dir, tmp_path / "squares"))


@pytest.fixture(scope="session")
def hashes():
    """(study folder) -> SHA-256 of the weights by run key."""

    def of(folder: Path) -> dict[str, str]:
        return {p.parent.name: json.loads(p.read_text())["weights_sha256"] for p in folder.glob("runs/*/summary.json")}

    return of
