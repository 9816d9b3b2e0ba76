"""A study that was killed and resumed is as one that never stopped: weights, metrics, all that a report is drawn from,
but for times."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from squares import write_study

from bakeoff.api import Study
from bakeoff.api.bench import keep_split, set_up
from bakeoff.fleet import InlineExecutor, launch, save_plan
from bakeoff.runs import Store

pytestmark = pytest.mark.usefixtures("undrawn")

ENTRIES = {
    "mlp": "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, dropout: 0.3}}",
    "cnn": "{model: {cnn: {channels: [4], kernel: 3, batch_norm: before}}, recipe: {from: plain, augment: {crop: 1}}}",
    "best": "{model: {mlp: {hidden: [9]}}, recipe: {from: plain, keep: best, schedule: one-cycle}}",
}
TIMES = {"seconds", "pack_seconds", "when", "speed"}


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIMES and "seconds" not in k}
    if isinstance(value, list):
        return [without_times(item) for item in value]
    # Sentences about cost give seconds in words.
    return re.sub(r"[\d.,]+ ?(s|ms|seconds|times)\b", "T", value) if isinstance(value, str) else value


@pytest.fixture
def stopped(data, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """(study file, folder of the study after two epochs of each pack, as a kill leaves it)"""
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    file = write_study(tmp_path / "s.yaml", data, ENTRIES, epochs=4)
    bench = set_up(Study.load(file).spec, out=tmp_path / "parts", device="cpu")
    save_plan(bench.plan, bench.store.paths.plan)
    keep_split(bench)
    for pack in bench.plan.packs:
        stop, seen = threading.Event(), []

        def watch(event, stop=stop, seen=seen):
            seen.append(event.kind == "epoch")
            if sum(seen) == 2:
                stop.set()

        launch([pack], InlineExecutor(bench.dataset), bench.store.paths.root, {}, watch, stop)
    assert len(list((tmp_path / "parts" / "packs").iterdir())) == len(bench.plan.packs) > 2
    return file, tmp_path / "parts"


def test_all_but_times_is_equal(stopped, tmp_path, hashes):
    file, parts = stopped
    again = Study.load(file).run(out=parts, workers=1)
    whole = Study.load(file).run(out=tmp_path / "whole", workers=2)
    assert (again.failed, again.trained, whole.trained) == ([], 6, 6)
    assert hashes(parts) == hashes(tmp_path / "whole")
    for key in (one := Store(parts)):
        a, b = one.load(key), Store(tmp_path / "whole").load(key)
        assert without_times(list(a.curves)) == without_times(list(b.curves))
        assert without_times(a.summary) == without_times(b.summary)
        assert np.array_equal(a.step_loss, b.step_loss)
        assert np.array_equal(a.validation_logits, b.validation_logits)
    results = [json.loads((folder / "results.json").read_text()) for folder in (parts, tmp_path / "whole")]
    assert without_times(results[0]) == without_times(results[1])
