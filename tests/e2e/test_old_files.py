"""Study folders that earlier versions left are read as they are: runs, plan, searches, checkpoints, index.

tests/old/N holds one, as the version wrote it whose checkpoints and shards had schema N: a study that is done, with a
search, and beside it the checkpoint of a pack after two of three epochs. Only the path of its data was made short.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from squares import contents

from bakeoff.api import Study, redraw, status
from bakeoff.runs import Store, TrialStore
from bakeoff.runs.store import load_weights
from bakeoff.train.checkpoint import read_checkpoint

pytestmark = pytest.mark.usefixtures("undrawn")

VERSIONS = sorted((Path(__file__).parents[1] / "old").iterdir())
PACK = "6bb5c135e63e00c8"


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def old(request, tmp_path, monkeypatch) -> Path:
    folder = shutil.copytree(request.param, tmp_path / "old")
    shutil.move(folder / "squares.npz", tmp_path / "squares.npz")
    monkeypatch.chdir(tmp_path)  # the study names its data without a folder
    return Path(folder)


def test_it_is_done_and_can_be_judged_again(old):
    before, runs = json.loads((old / "results.json").read_text()), contents(old / "runs")
    report = status(old)
    assert {e.name: (e.done, e.missing) for e in report.entries} == {"linear": (2, 0), "mlp": (2, 0)}
    assert [search.state for search in report.searches] == ["done"]
    redraw(old)
    after = json.loads((old / "results.json").read_text())
    for entry, was in zip(after["entries"], before["entries"], strict=True):
        assert entry["run_keys"] == was["run_keys"]
        assert entry["test_accuracy"]["values"] == was["test_accuracy"]["values"]
    assert [pair["verdict"] for pair in after["pairs"]] == [pair["verdict"] for pair in before["pairs"]]
    assert after["looks"] == before["looks"]
    assert contents(old / "runs") == runs


def test_running_it_trains_nothing(old):
    outcome = Study.load(old / "study.yaml").run(out=old, workers=1)
    assert (outcome.trained, outcome.reused, outcome.failed, outcome.trials) == (0, 4, [], 4)


def test_its_checkpoint_is_gone_on_from_to_the_same_weights(old):
    """But for rounding: the last bits are those of the processor, and the folder comes from another machine."""
    state, _ = read_checkpoint(old / "packs" / PACK / "checkpoint.safetensors")
    assert state["epoch"] == 2
    before = {key: load_weights(Store(old).load(key)) for key in state["keys"]}
    for key in state["keys"]:
        shutil.rmtree(old / "runs" / key)
    events = []
    outcome = Study.load(old / "study.yaml").run(out=old, workers=1, progress=events.append)
    assert (outcome.trained, outcome.reused) == (2, 2)
    assert [event.text.split(": ")[1] for event in events if event.kind == "epoch"] == ["epoch 3"]
    for key, weights in before.items():
        after = load_weights(Store(old).load(key))
        assert after.keys() == weights.keys()
        for name, values in weights.items():
            np.testing.assert_allclose(after[name], values, rtol=0, atol=1e-6)


def test_its_index_and_shards_are_read(old):
    store = Store(old)
    assert [row["key"] for row in store.rows()] == list(store)
    trials = TrialStore(store.paths.trials("rates")).all()
    assert [trial.validation_accuracy[-1] for trial in trials] == pytest.approx([0.8, 1.0, 1.0, 1.0], abs=0.21)
