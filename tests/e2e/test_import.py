"""`import`: a stranger's file becomes an entry that is judged, trained on, compared and asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from foreign import exported, home, net, taught, unit
from squares import pictures, write_squares

from bakeoff.api import Import, import_model


@dataclass
class Brought:
    file: Path
    data: Path
    found: Import


@pytest.fixture(scope="module")
def brought(tmp_path_factory) -> Brought:
    """A half-trained net, taken in and trained on, beside a study of ours."""
    folder = tmp_path_factory.mktemp("import")
    data = write_squares(folder / "squares.npz")
    file = exported(taught(net(), unit, steps=6), folder / "their net.onnx", (1, 8, 8))
    found = import_model(file, data, out=folder / "run", fine_tune=6, workers=1)
    return Brought(file, data, found)


def test_it_scores_what_it_scores_at_home(brought):
    entry = next(e for e in brought.found.outcome.results.entries if e.name == "their-net")
    images, labels = pictures(90, seed=1000)
    answers = home(brought.file, unit(images)).argmax(1)
    assert entry.test_accuracy.values == [pytest.approx((answers == labels).mean(), abs=1e-12)]
    assert (entry.imported.file, entry.imported.as_it_is) == ("their net.onnx", True)
