"""Forecasts: real steps, and time in proportion to the work."""

from __future__ import annotations

from pathlib import Path

import pytest
from squares import write_squares

from bakeoff.data import make_split
from bakeoff.fleet import DataRef
from bakeoff.recipe import Recipe
from bakeoff.search import forecast as module
from bakeoff.search.candidate import Candidate
from bakeoff.search.forecast import forecast
from bakeoff.search.ground import Ground
from bakeoff.search.spec import SearchSpec, stages


@pytest.fixture
def ground(tmp_path: Path) -> tuple[Ground, DataRef, SearchSpec]:
    data = DataRef(name=str(write_squares(tmp_path / "squares.npz")))
    spec = SearchSpec.model_validate({"entry": "e", "strategy": "halving", "trials": 9, "rungs": [1, 3, 9], "folds": 2})
    dataset = data.load()
    split = make_split(dataset.train.labels.numpy(), validation=0.25)
    return Ground(dataset, split, spec, "cpu"), data, spec


def candidates(count: int) -> list[Candidate]:
    recipe = Recipe(epochs=9, batch_size=32)
    return [
        Candidate({"n": n}, {"mlp": {"hidden": [4 + n]}}, recipe.model_copy(update={"lr": 1e-3 * (1 + n)}))
        for n in range(count)
    ]


def test_every_group_takes_as_long_as_those_measured(ground, monkeypatch):
    ground, data, spec = ground
    measured, said = [], []

    def a_second_each(groups, _data, _workers, _note):
        measured.extend(groups)
        return [1.0] * len(groups)

    monkeypatch.setattr(module, "calibrate_trials", a_second_each)
    monkeypatch.setattr("bakeoff.fleet.heats.models_a_pack", lambda *_: 1)
    (stage,) = stages(spec.written_rungs)
    one, two = (forecast(ground, candidates(9), stage, data, workers, said.append) for workers in (1, 2))
    assert all(len(jobs) == 1 and jobs[0].split == split.digest for jobs, split in measured)
    # 9 candidates of 2 folds: 1 epoch of 9, 2 more of 3, 6 more of 1. A second each, but for differences in weights.
    assert one == pytest.approx(2 * (9 + 2 * 3 + 6), rel=0.1)
    assert two == pytest.approx(one / 2)


def test_what_cannot_be_measured_is_told_and_left_out(ground, monkeypatch):
    ground, data, spec = ground
    monkeypatch.setattr("bakeoff.fleet.heats.models_a_pack", lambda *_: 1)
    (stage,) = stages(spec.written_rungs)
    monkeypatch.setattr(module, "calibrate_trials", lambda groups, *_: [1.0] + [None] * (len(groups) - 1))
    assert forecast(ground, candidates(9), stage, data, 1, print) > 0
    monkeypatch.setattr(module, "calibrate_trials", lambda groups, *_: [None] * len(groups))
    assert forecast(ground, candidates(9), stage, data, 1, print) is None


def test_it_measures(ground):
    ground, data, spec = ground
    (stage,) = stages(spec.written_rungs)
    said = []
    assert 0 < forecast(ground, candidates(6), stage, data, 1, said.append) < 60
    assert said == []
