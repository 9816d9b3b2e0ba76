"""Halving and Hyperband against a plain reckoning of who survives."""

from __future__ import annotations

import math

import pytest
from bowl import bowl, endless, finite, quality, searched, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.search.candidate import Candidate
from bakeoff.search.companies import LARGEST, company, planned_epochs, shares
from bakeoff.search.spec import Rung, SearchSpec, Stage, stages
from bakeoff.search.strategies import make_strategy
from bakeoff.search.strategies.hyperband import bracket_sizes
from bakeoff.search.strategy import Ask, Generation, Told


def spec(**told: object) -> SearchSpec:
    return SearchSpec.model_validate({"entry": "one", "strategy": "halving", **told})


def survivors(scores: dict[str, list[float]], keeps: list[float]) -> list[set[str]]:
    """Who trains towards each rung: the best share after the one before, worked out the slow way."""
    here, found = set(scores), []
    for place, keep in enumerate(keeps):
        found.append(here)
        sound = [key for key in here if scores[key][place] > -math.inf]
        better = {key: sum(scores[other][place] > scores[key][place] for other in sound) for key in sound}
        here = {key for key in sound if better[key] < max(1, round(len(sound) * keep))}
    return found


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(2, 4), st.integers(0, 1000), st.booleans())
def test_one_company_is_the_textbook(trials, eta, seed, noisy):
    """All candidates in one pack: who reaches each rung is what a sorted list says."""
    search = spec(trials=trials, eta=eta, seed=seed)

    def curve(candidate: Candidate, fold: int, epoch: int) -> float:
        noise = int(candidate.key, 16) // 16**epoch % 97 / 1e3 if noisy else 0.0
        return bowl(candidate, fold, epoch) + noise + int(candidate.key, 16) * 1e-25

    generations, told, _ = searched(make_strategy(search, endless(), {}, 9), search, curve, company=1000)
    (generation,) = generations
    epochs = [rung.epochs for rung in generation.stage.rungs]
    scores = {a.candidate.key: [curve(a.candidate, 0, epoch) for epoch in epochs] for a in generation.asks}
    expected = survivors(scores, [1 / eta] * len(epochs))
    for place, keys in enumerate(expected):
        assert {one.ask.candidate.key for one in told[0] if len(one.scores) > place} == keys
    assert {one.ask.candidate.key for one in told[0] if one.whole} == expected[-1]


@settings(max_examples=40)
@given(st.integers(2, 60), st.floats(0.05, 0.95), st.integers(0, 1000), st.integers(1, 12))
def test_between_stages_the_choice_is_among_all(trials, keep, seed, company):
    """Whatever the packs, since the first stage has one rung."""
    rungs = [{"epochs": 2, "examples": 100, "keep": keep}, {"epochs": 4, "folds": 1, "keep": keep}, {"epochs": 8}]
    search = spec(trials=trials, seed=seed, folds=2, rungs=rungs)
    generations, told, _ = searched(make_strategy(search, endless(), {}, 8), search, company=company)
    first, second, third = ([{ask.number for ask in g.asks} for g in generations] + [set()] * 3)[:3]
    for stage, (before, after) in enumerate([(first, second), (second, third)]):
        ordered = sorted(told[stage], key=lambda one: (-one.score, one.ask.number))
        assert {one.ask.number for one in ordered} == before
        assert {one.ask.number for one in ordered[: max(1, math.floor(len(before) * keep + 1e-9))]} == after


def test_ties_go_to_the_lower_number():
    search = spec(trials=12, rungs=[{"epochs": 1, "folds": 1, "keep": 4}, {"epochs": 2}], folds=2)
    generations, _, _ = searched(make_strategy(search, endless(), {}, 2), search, lambda *_: 0.5)
    assert [ask.number for ask in generations[1].asks] == [0, 1, 2, 3]


def test_who_diverged_or_left_early_is_not_promoted_however_many_are_kept():
    search = spec(trials=6, rungs=[{"epochs": 1, "examples": 9}, {"epochs": 2, "examples": 9, "keep": 6}, 3])
    strategy = make_strategy(search, endless(), {}, 3)
    first = strategy.next([])
    assert first is not None
    ends = [(0.9, -math.inf), (0.5,), (0.6, 0.2), (0.6, 0.4), (-math.inf,), (0.8,)]
    told = [
        Told(ask, 0, scores, len(scores) == 2 and scores[1] > 0) for ask, scores in zip(first.asks, ends, strict=True)
    ]
    second = strategy.next([told])
    assert [ask.number for ask in second.asks] == [2, 3]


def test_all_of_a_finite_space_unless_told_a_number():
    assert len(make_strategy(spec(), finite(), {}, 9).next([]).asks) == 36
    assert len(make_strategy(spec(trials=10), finite(), {}, 9).next([]).asks) == 10


def test_companies_are_random():
    """Packs of nine hold different learning rates, though the space lists one after the other."""
    asks = make_strategy(spec(), finite(), {}, 9).next([]).asks
    packs = [asks[i : i + 9] for i in range(0, 36, 9)]
    assert all(len({ask.candidate.point["lr"] for ask in pack}) > 1 for pack in packs)


def test_a_number_to_keep_is_each_companys_share_of_it():
    rungs = (Rung(epochs=1, keep=100), Rung(epochs=2, keep=50), Rung(epochs=3, keep=7))
    assert shares(Stage(rungs=rungs), 1000, 3) == [(1, 0.1), (2, 0.5)]
    assert shares(Stage(rungs=(Rung(epochs=1, keep=100), Rung(epochs=2))), 40, 3) == [(1, 1.0)]
    assert shares(Stage(rungs=(Rung(epochs=1, keep=0.2), Rung(epochs=2), Rung(epochs=3))), 8, 4) == [
        (1, 0.2),
        (2, 0.25),
    ]


@pytest.mark.parametrize(
    ("rungs", "count", "size"),
    [((1, 3), 100, 24), ((1, 3, 9), 100, 27), ((1, 3, 9, 27, 81), 100, 81), ((5,), 100, 24), ((1, 3, 9), 0, 24)],
)
def test_of_a_third_that_goes_on_one_is_left(rungs, count, size):
    assert company(Stage(rungs=tuple(Rung(epochs=epochs) for epochs in rungs)), count, 3) == size


@pytest.mark.parametrize(
    ("trials", "keeps", "end"),
    [
        (60, (10,), 10),
        (60, (2,), 2),
        (333, (37, 4), 4),
        (27, (9, 3), 3),
        (90, (0.1,), 9),
        (500, (1,), 2),
        (7, (99,), 7),
    ],
)
def test_companies_together_keep_the_number_that_was_written(trials, keeps, end):
    """Of 500 one would be a company of 500: two of 250 keep one each."""
    rungs = [{"epochs": place, "keep": keep} for place, keep in enumerate(keeps, 1)]
    search = spec(trials=trials, rungs=[*rungs, {"epochs": 9}])
    (generation,), told, _ = searched(make_strategy(search, endless(), {}, 9), search)
    assert sum(one.whole for one in told[0]) == end
    assert len(generation.asks) == trials


@settings(max_examples=60)
@given(
    st.integers(1, 300),
    st.lists(st.none() | st.integers(1, 400) | st.floats(0.01, 0.99), max_size=3),
    st.integers(2, 5),
    st.integers(1, 3),
)
def test_a_plan_counts_the_epochs_that_are_trained(trials, keeps, eta, folds):
    rungs = [{"epochs": 2 * place, "keep": keep} for place, keep in enumerate(keeps, 1)]
    search = spec(trials=trials, eta=eta, folds=folds, rungs=[*rungs, {"epochs": 9}])
    (generation,), _, made = searched(make_strategy(search, endless(), {}, 9), search)
    assert sum(t.epochs for t in made) == planned_epochs(generation.stage, trials, eta=eta, folds=folds)
    assert 1 <= company(generation.stage, trials, eta) <= LARGEST


def test_brackets_of_the_paper():
    """Li et al. 2017, table 1: R = 81, eta = 3."""
    assert bracket_sizes(5, 3, None) == [81, 34, 15, 8, 5]


@given(st.integers(1, 8), st.integers(2, 5), st.integers(1, 500))
def test_brackets_share_the_trials(rungs, eta, trials):
    sizes = bracket_sizes(rungs, eta, trials)
    assert sum(sizes) == trials
    assert sizes == sorted(sizes, reverse=True)


def test_brackets_start_at_later_and_later_rungs_and_all_end_at_the_last():
    search = spec(strategy="hyperband")
    generations, _, _ = searched(make_strategy(search, endless(), {}, 27), search, company=1000)
    climbs = [[rung.epochs for rung in g.stage.rungs] for g in generations]
    assert climbs == [[1, 3, 9, 27], [3, 9, 27], [9, 27], [27]]
    assert [len(g.asks) for g in generations] == bracket_sizes(4, 3, None) == [27, 12, 6, 4]
    assert {g.stage_number for g in generations} == {0}


def test_a_bracket_that_dies_out_makes_room_for_the_next():
    """The first bracket has two stages; when all of it diverges in the first, the second bracket begins."""
    search = spec(strategy="hyperband", trials=20, rungs=[{"epochs": 1, "examples": 10}, {"epochs": 3}])
    strategy = make_strategy(search, endless(), {}, 3)
    first = strategy.next([])
    dead = [Told(ask, 0, (-math.inf,), False) for ask in first.asks]
    second = strategy.next([dead])
    assert (second.stage_number, second.stage) == (1, stages(search.written_rungs)[1])
    assert {ask.number for ask in second.asks}.isdisjoint({ask.number for ask in first.asks})
    alive = [Told(ask, 1, (0.5,), True) for ask in second.asks]
    assert strategy.next([dead, alive]) is None


def test_halving_finds_the_best_where_curves_do_not_cross():
    search = spec(trials=81)
    _, told, _ = searched(make_strategy(search, endless(), {}, 27), search, company=9)
    best = max(told[0], key=lambda one: quality(one.ask.candidate))
    assert best.whole


@pytest.mark.parametrize("company", [1, 3, 100])
def test_small_packs_keep_at_least_one_each(company):
    generation = Generation(
        tuple(Ask(i, c) for i, c in enumerate(finite().candidates())), Stage(rungs=(Rung(epochs=1), Rung(epochs=3))), 0
    )
    trials = trained(generation, spec(), bowl, company)
    packs = math.ceil(len(generation.asks) / company)
    assert sum(t.epochs == 3 for t in trials) >= packs
