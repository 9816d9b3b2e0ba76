"""Budgets: when a search is over, and what a generation is cut to."""

from __future__ import annotations

import pytest
from bowl import bowl, endless, plain, searched, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.search.budget import cut, over
from bakeoff.search.companies import planned_epochs
from bakeoff.search.spec import Rung, SearchSpec, Stage
from bakeoff.search.strategies import make_strategy
from bakeoff.search.strategy import Ask, Generation
from bakeoff.search.told import tell


def spec(budget: object, **told: object) -> SearchSpec:
    return SearchSpec.model_validate({"entry": "one", "strategy": "random", "budget": budget, **told})


def generation(asks: int, *rungs: Rung) -> Generation:
    space, search = endless(), SearchSpec(entry="one", trials=asks)
    drawn = make_strategy(search, space, {}, 1).next([])
    return Generation(drawn.asks, Stage(rungs=rungs or (Rung(epochs=4),)), 0)


def flat(*_: object) -> float:
    return 0.5


def test_over():
    search = spec({}, folds=2)
    trials = trained(generation(5), search, flat)  # ten trials of four epochs
    assert not over(search, trials, 1e9)
    assert [over(spec({"trials": n}), trials) for n in (10, 11)] == [True, False]
    assert [over(spec({"epochs": n}), trials) for n in (40, 41)] == [True, False]
    assert [over(spec("10m"), trials, seconds) for seconds in (599.0, 600.0)] == [False, True]
    assert not over(spec({"trials": 1}), [])


@pytest.mark.parametrize(
    ("budget", "folds", "before", "expected"),
    [({"trials": 7}, 1, 0, 7), ({"trials": 7}, 3, 0, 2), ({"trials": 7}, 1, 5, 2), ({"trials": 2}, 3, 0, None),
     ({"epochs": 17}, 1, 0, 4), ({"epochs": 17}, 2, 0, 2), ({"epochs": 25}, 1, 5, 1), ({"epochs": 21}, 1, 5, None),
     ({"trials": 9, "epochs": 12}, 1, 0, 3), ({"trials": 99}, 1, 0, 10), ("1m", 1, 9, 10), ({}, 1, 0, 10)],
)  # fmt: skip
def test_cut(budget, folds, before, expected):
    spent = trained(generation(before), spec({}), flat) if before else []
    kept = cut(generation(10), spec(budget, folds=folds), spent)
    assert (kept and len(kept.asks)) == expected
    if kept:
        assert plain(kept)[0] == plain(generation(10))[0][:expected]


def test_a_warm_one_and_its_twin_are_cut_together():
    candidates = [endless().candidate({"lr": lr, "activation": "relu"}) for lr in (0.1, 0.2, 0.3)]
    asks = (Ask(0, candidates[0]), Ask(1, candidates[1], "parent"), Ask(2, candidates[1]), Ask(3, candidates[2]))
    whole = Generation(asks, Stage(rungs=(Rung(epochs=1),)), 0)
    numbers = [[ask.number for ask in cut(whole, spec({"trials": n}), []).asks] for n in (1, 2, 3, 4)]
    assert numbers == [[0], [0], [0, 1, 2], [0, 1, 2, 3]]


@given(st.integers(1, 60), st.integers(1, 400), st.integers(1, 3))
def test_epochs_are_planned_with_the_losers_leaving(asks, epochs, folds):
    """The largest number of asks whose plan fits, found by trying each."""
    stage = Stage(rungs=(Rung(epochs=1), Rung(epochs=3), Rung(epochs=9)))
    candidate = endless().candidate({"lr": 0.1, "activation": "relu"})
    whole = Generation(tuple(Ask(i, candidate) for i in range(asks)), stage, 0)
    fits = [n for n in range(1, asks + 1) if planned_epochs(stage, n, eta=3, folds=folds) <= epochs]
    kept = cut(whole, spec({"epochs": epochs}, folds=folds), [])
    assert (len(kept.asks) if kept else 0) == max(fits, default=0)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 80))
def test_stopped_anywhere_and_taken_up_again_a_search_ends_alike(seed, stops_after):
    """Trials are found again by what they are; the first ones of an unfinished generation are not trained twice."""
    search = spec({"trials": 45}, strategy="tpe", generation=8, folds=2, seed=seed)
    straight = searched(make_strategy(search, endless(), {}, 3), search)
    kept = {(t.number, t.stage, t.fold): t for t in straight[2][:stops_after]}
    strategy, before, told, generations = make_strategy(search, endless(), {}, 3), [], [], []
    while not over(search, before) and (asked := strategy.next(told)) and (now := cut(asked, search, before)):
        fresh = [kept.get((t.number, t.stage, t.fold), t) for t in trained(now, search, bowl)]
        generations.append(now)
        told.append(tell(now, fresh, search))
        before += fresh
    assert [plain(g) for g in generations] == [plain(g) for g in straight[0]]
    assert before == straight[2]
