"""A small study, its packs trained in this process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from squares import write_squares, write_study

from bakeoff.fleet.executors import InlineExecutor


@pytest.fixture(autouse=True, scope="module")
def _alone():
    """Worker processes take seconds to start, and a page with figures one to draw: both are tested end to end."""

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        patch.setattr("bakeoff.api.running.write_report", write_report)
        yield


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return write_squares(tmp_path_factory.mktemp("data") / "squares.npz")


@pytest.fixture(scope="session")
def study_file(data) -> Path:
    """linear, mlp and cnn, two seeds, three epochs."""
    return write_study(data.with_name("squares.yaml"), data)
