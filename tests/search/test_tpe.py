"""TPE: what Optuna is told and asked."""

from __future__ import annotations

import logging
import math
import statistics
import warnings

import numpy as np
import optuna
import pytest
from bowl import Continuum, Listed, SmallSpace, endless, quality, searched

from bakeoff.search.conditions import holds
from bakeoff.search.spec import Rung, SearchSpec, Stage
from bakeoff.search.strategies import make_strategy
from bakeoff.search.strategies.distributions import Scale
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.tpe import Tpe, _study, _suggested_point
from bakeoff.search.strategy import Ask, Told

LR, RATE = Continuum("lr", 1e-5, 1.0, log=True), Continuum("rate", 0.0, 0.9)


def best(strategy: str, seed: int) -> float:
    told = {"entry": "one", "strategy": strategy, "trials": 60, "generation": 8, "seed": seed, "rungs": "none"}
    search = SearchSpec.model_validate(told)
    _, found, _ = searched(make_strategy(search, endless(), {}, 1), search)
    return max(quality(one.ask.candidate) for generation in found for one in generation)


def test_it_beats_random_search_on_a_bowl():
    seeds = range(8)
    tpe, random = ([best(strategy, seed) for seed in seeds] for strategy in ("tpe", "random"))
    assert statistics.fmean(tpe) > statistics.fmean(random) + 0.03
    assert sum(a > b for a, b in zip(tpe, random, strict=True)) >= 6


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        (LR, optuna.distributions.FloatDistribution(1e-5, 1.0, log=True)),
        (RATE, optuna.distributions.FloatDistribution(0.0, 0.9)),
        (Continuum("width", 4, 20, whole=True, step=4), optuna.distributions.IntDistribution(4, 20, step=4)),
        (Continuum("width", 4, 256, log=True, whole=True), optuna.distributions.IntDistribution(4, 256, log=True)),
        (Listed("lr", [1e-1, 1e-3, 1e-2]), optuna.distributions.IntDistribution(0, 2)),
        (Listed("dropout", [False, True]), optuna.distributions.CategoricalDistribution([0, 1])),
        (Listed("hidden", [[300], [300, 150]]), optuna.distributions.CategoricalDistribution([0, 1])),
    ],
)
def test_distributions(axis, expected):
    assert Scale(axis).distribution == expected


@pytest.mark.parametrize(
    "axis",
    [LR, Continuum("width", 4, 20, whole=True, step=4), Listed("lr", [1e-1, 1e-3, 1e-2]), Listed("x", [False, True, 0]),
     Listed("hidden", [[300], [300, 150], [1]]), Listed("model", [{"mlp": {"hidden": [3]}}, {"linear": {}}])],
)  # fmt: skip
def test_values_come_back_from_what_optuna_saw(axis):
    study, scale = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)), Scale(axis)
    for _ in range(20):
        trial = study.ask()
        value = scale.suggest(trial)
        assert scale.encode(value) == trial.params[axis.name]
        assert scale.distribution._contains(scale.distribution.to_internal_repr(scale.encode(value)))


def test_conditions_hold_by_value_and_a_model_by_its_name():
    dropout = {"dropout": (True,)}
    assert holds(dropout, {"dropout": True})
    assert not holds(dropout, {"dropout": 1})
    assert not holds(dropout, {})
    assert holds({"model": ("mlp",)}, {"model": {"mlp": {"hidden": [9]}}})
    assert not holds({"model": ("mlp",)}, {"model": {"linear": {}}})
    steps = {"schedule": ({"step": {"every": 5}},)}
    assert holds(steps, {"schedule": {"step": {"every": 5}}})
    assert not holds(steps, {"schedule": {"step": {"every": 6}}})


def test_an_axis_may_come_before_the_one_it_depends_on():
    rate = Listed("rate", [0.1, 0.2], {"dropout": (True,)})
    scales = [Scale(rate), Scale(Listed("dropout", [False, True])), Scale(LR)]
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    points = [_suggested_point(scales, study.ask()) for _ in range(20)]
    assert {(point["dropout"], "rate" in point) for point in points} == {(True, True), (False, False)}
    assert all("lr" in point for point in points)


def test_what_the_study_is_told():
    """Whole ones with their score, the diverged with the worst, losers as pruned where they got to."""
    space, stage = endless(), Stage(rungs=(Rung(epochs=1), Rung(epochs=3)))
    rng = np.random.default_rng(0)
    asks = [Ask(i, space.candidate(space.draw(rng))) for i in range(3)]
    told = [Told(asks[0], 0, (0.2, 0.6), True), Told(asks[1], 0, (0.1,), False), Told(asks[2], 0, (-math.inf,), False)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = _study([Scale(axis) for axis in space.axes.values()], [told], 0, stage)
    whole, pruned, diverged = study.get_trials()
    assert (whole.value, whole.state.name) == (0.6, "COMPLETE")
    assert (pruned.intermediate_values, pruned.state.name) == ({1: 0.1}, "PRUNED")
    assert (diverged.value, diverged.state.name) == (-math.inf, "COMPLETE")
    for ask, trial in zip(asks, (whole, pruned, diverged), strict=True):
        assert set(trial.params) == set(ask.candidate.point)
        assert trial.params["lr"] == ask.candidate.point["lr"]


def test_a_loser_that_is_suggested_again_is_no_winner():
    """With a space of one point nothing else can be suggested: the study hears of a loser what it heard before."""
    space = SmallSpace(Listed("lr", [0.1]), Listed("activation", ["relu"]))
    stage = Stage(rungs=(Rung(epochs=1), Rung(epochs=3)))
    heard = []

    class Hearing(Tpe):
        def _tell(self, study, trial, one):
            super()._tell(study, trial, one)
            heard.append(study.trials[-1])

    search = SearchSpec.model_validate({"entry": "e", "strategy": "tpe", "trials": 9})
    tpe = Hearing(search, space, tuple(map(Scale, space.axes.values())), stage, Draws(space, search))
    ask = Ask(0, space.candidate({"lr": 0.1, "activation": "relu"}))
    for one, state in ((Told(ask, 0, (0.9,), False), "PRUNED"), (Told(ask, 0, (0.9, 0.5), True), "COMPLETE")):
        heard.clear()
        assert tpe.next([[one]]) is None
        assert {trial.state.name for trial in heard} == {state}
    assert heard[0].value == 0.5


def test_optuna_keeps_quiet_and_its_settings_stay(caplog, capsys):
    optuna.logging.enable_propagation()
    before = optuna.logging.get_verbosity()
    try:
        with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make_strategy(SearchSpec(entry="one", strategy="tpe", trials=4), endless(), {}, 1).next([])
    finally:
        optuna.logging.disable_propagation()
    assert optuna.logging.get_verbosity() == before
    assert (caplog.text, capsys.readouterr().err) == ("", "")
    assert [str(w.message) for w in caught] == []
