"""Rungs: where they are, how many go on, what they cost, which ones are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.errors import UsageError
from bakeoff.recipe import Recipe
from bakeoff.search.companies import entering, planned_epochs
from bakeoff.search.rungs import check_rungs, default_rungs, keep_count, ladder
from bakeoff.search.spec import Rung, SearchSpec, Stage


def spec(**told: object) -> SearchSpec:
    return SearchSpec.model_validate({"entry": "one", "strategy": "halving", **told})


@pytest.mark.parametrize(
    ("epochs", "eta", "expected"),
    [(27, 3, [1, 3, 9, 27]), (30, 3, [1, 3, 10, 30]), (25, 3, [1, 3, 8, 25]), (10, 3, [1, 3, 10]), (1, 3, [1]),
     (2, 3, [1, 2]), (16, 2, [1, 2, 4, 8, 16]), (100, 10, [1, 10, 100]), (4, 20, [4])],
)  # fmt: skip
def test_default_rungs(epochs, eta, expected):
    assert [rung.epochs for rung in default_rungs(epochs, eta)] == expected


@given(st.integers(1, 1000), st.integers(2, 20))
def test_default_rungs_rise_to_a_full_training(epochs, eta):
    rungs = [rung.epochs for rung in default_rungs(epochs, eta)]
    assert rungs == sorted(set(rungs))
    assert rungs[-1] == epochs
    assert rungs[0] <= eta


@pytest.mark.parametrize(
    ("keep", "count", "expected"),
    [(None, 27, 9), (None, 8, 2), (None, 2, 1), (None, 0, 0), (0.5, 7, 3), (0.29, 100, 29), (0.1, 30, 3), (0.01, 5, 1),
     (10, 100, 10), (10, 4, 4), (1, 5, 1), (1 / 9, 27000, 3000)],
)  # fmt: skip
def test_keep_count(keep, count, expected):
    assert keep_count(Rung(epochs=1, keep=keep), count, 3) == expected


@given(st.floats(0.001, 1, exclude_max=True) | st.integers(1, 200), st.integers(0, 500), st.integers(2, 20))
def test_never_more_than_there_are_and_never_none_of_some(keep, count, eta):
    assert min(1, count) <= keep_count(Rung(epochs=1, keep=keep), count, eta) <= count


def test_planned_epochs_by_hand():
    stage = Stage(rungs=default_rungs(9, 3))
    assert entering(stage, 27, 3) == [27, 9, 3]
    # 27 for one epoch, 9 for two more, 3 for six more, on each of two folds.
    assert planned_epochs(stage, 27, eta=3, folds=2) == 2 * (27 + 18 + 18)
    one_fold = Stage(rungs=(Rung(epochs=4, folds=1),))
    assert planned_epochs(one_fold, 5, eta=3, folds=3) == 20


def test_ladder_of_each_strategy():
    assert [r.epochs for r in ladder(spec(), 9)] == [1, 3, 9]
    assert [r.epochs for r in ladder(spec(rungs="none"), 9)] == [9]
    assert [r.epochs for r in ladder(spec(strategy="tpe"), 9)] == [9]
    assert [r.epochs for r in ladder(spec(rungs=[2, 5]), 9)] == [2, 5]


COSINE = Recipe(epochs=9, schedule="cosine")


@pytest.mark.parametrize(
    ("told", "recipe", "words"),
    [
        ({}, COSINE, "schedule cosine depends on the length"),
        ({"strategy": "hyperband"}, Recipe(epochs=9, schedule="one-cycle"), "schedule one_cycle"),
        ({"strategy": "tpe", "rungs": [1, 3]}, COSINE, "schedule cosine"),
        ({"over": {"schedule": ["constant", "cosine"]}}, Recipe(), "schedule cosine"),
        ({"over": {"recipe.schedule": {"values": [{"one_cycle": {"warmup": 0.1}}]}}}, Recipe(), "schedule one_cycle"),
        ({"over": {"schedule.kind": ["step", "cosine"]}}, Recipe(), "schedule cosine"),
        (
            {"strategy": "list", "points": [{"lr": 0.1}, {"schedule": "one_cycle"}], "rungs": [1, 3]},
            Recipe(),
            "schedule one_cycle",
        ),
        ({"strategy": "random", "rungs": [{"epochs": 1, "examples": 50}, 9]}, Recipe(), "halving or hyperband"),
        (
            {"rungs": [{"epochs": 1, "folds": 4}, 9], "folds": 3},
            Recipe(),
            "folds: 4 is more than",
        ),
    ],
)
def test_refused(told, recipe, words):
    with pytest.raises(UsageError, match=words):
        check_rungs(spec(**told), recipe)


@pytest.mark.parametrize(
    ("told", "recipe"),
    [
        ({"rungs": "none"}, COSINE),
        ({"strategy": "random"}, COSINE),
        ({}, Recipe(epochs=9, schedule={"step": {"every": 3}})),
        # Full trainings on little data, then on all of it: no rung looks at a part of a schedule.
        ({"rungs": [{"epochs": 9, "examples": 100}, {"epochs": 9}]}, COSINE),
        ({"over": {"schedule": ["constant", {"exponential": {"factor": 0.9}}]}}, Recipe()),
        ({"over": {"schedule": "no axis at all", "lr": [1, 2]}}, Recipe()),
        ({"strategy": "list", "points": [{"schedule": "cosine"}, {"lr": 0.1}]}, Recipe()),
        ({"strategy": "list", "points": [{"schedule": "constant"}], "rungs": [1, 3]}, Recipe()),
    ],
)
def test_admitted(told, recipe):
    check_rungs(spec(**told), recipe)
