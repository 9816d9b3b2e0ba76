"""The contract that every strategy keeps."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from functools import cache

import pytest
from bowl import Continuum, Listed, SmallSpace, bowl, endless, finite, plain, quality, searched, trained

from bakeoff.errors import UsageError
from bakeoff.runs.trials import Trial
from bakeoff.search.rungs import stage_folds
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies import finer_axes, make_strategy
from bakeoff.search.strategy import Generation, Strategy, Told
from bakeoff.search.told import tell

EPOCHS = 9
POINTS = [{"lr": 1e-2, "activation": "relu"}, {"lr": 1e-3, "activation": "elu"}, {"lr": 1e-2, "activation": "relu"}]
LADDER = [{"epochs": 1, "folds": 1, "keep": 0.5}, {"epochs": 3, "folds": 1, "keep": 6}, {"epochs": 3}, {"epochs": 9}]

CASES = {
    "grid": (finite, {"strategy": "grid"}),
    "grid-rungs": (finite, {"strategy": "grid", "rungs": [1, 3, 9]}),
    "list": (finite, {"strategy": "list", "points": POINTS}),
    "random": (endless, {"strategy": "random", "trials": 20}),
    "random-all": (finite, {"strategy": "random", "trials": 1000}),
    "random-budget": (endless, {"strategy": "random", "generation": 5, "budget": {"trials": 33}, "folds": 2}),
    "random-rungs": (endless, {"strategy": "random", "trials": 20, "rungs": [1, 3]}),
    "halving": (finite, {"strategy": "halving"}),
    "halving-drawn": (endless, {"strategy": "halving", "trials": 30}),
    "halving-stages": (endless, {"strategy": "halving", "trials": 40, "folds": 3, "rungs": LADDER}),
    "halving-none": (finite, {"strategy": "halving", "rungs": "none"}),
    "hyperband": (endless, {"strategy": "hyperband"}),
    "hyperband-trials": (endless, {"strategy": "hyperband", "trials": 17}),
    "hyperband-few": (endless, {"strategy": "hyperband", "trials": 2}),
    "hyperband-stages": (endless, {"strategy": "hyperband", "trials": 40, "folds": 3, "rungs": LADDER}),
    "tpe": (endless, {"strategy": "tpe", "trials": 25, "generation": 6}),
    "tpe-finite": (finite, {"strategy": "tpe", "trials": 1000, "generation": 7}),
    "tpe-rungs": (endless, {"strategy": "tpe", "trials": 20, "generation": 8, "rungs": [1, 3, 9]}),
    "tpe-budget": (endless, {"strategy": "tpe", "generation": 6, "budget": {"epochs": 200}}),
    "refine": (finite, {"strategy": "refine", "from": "before"}),
    "refine-grow": (finite, {"strategy": "refine", "from": "before", "grow": [4, 2], "rungs": [1, 3]}),
    "refine-drawn": (endless, {"strategy": "refine", "from": "before", "trials": 6, "grow": [5]}),
}


def spec_of(name: str, **changes: object) -> SearchSpec:
    return SearchSpec.model_validate({"entry": "one", **CASES[name][1], **changes})


def strategy_of(name: str, spec: SearchSpec) -> Strategy:
    space, histories = CASES[name][0](), {}
    if spec.strategy == "refine":
        before = SearchSpec(entry="one", strategy="random", trials=12)
        histories = {"before": searched(make_strategy(before, space, {}, EPOCHS), before)[1]}
        space = space_over(finer_axes(spec, histories))
    return make_strategy(spec, space, histories, EPOCHS)


def space_over(over: dict) -> SmallSpace:
    def axis(name: str, written: object) -> Listed | Continuum:
        if isinstance(written, list):
            return Listed(name, written)
        ((word, (low, high)),) = written.items()
        return Continuum(name, low, high, log=word.startswith("log_"), whole=word.endswith("integers"))

    return SmallSpace(*(axis(name, written) for name, written in over.items()))


@cache
def found(name: str) -> tuple[list[Generation], list[list[Told]], list[Trial]]:
    return searched(strategy_of(name, spec_of(name)), spec_of(name))


@pytest.fixture(params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_numbers_count_candidates_in_the_order_first_asked(name):
    generations, _, _ = found(name)
    numbers = [ask.number for generation in generations for ask in generation.asks]
    assert numbers
    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))
    candidates = {(ask.number, ask.candidate.key, ask.parent) for g in generations for ask in g.asks}
    assert len(candidates) == len(set(numbers))


def test_never_trains_a_candidate_twice_at_one_stage(name):
    generations, _, _ = found(name)
    asked = [(g.stage_number, ask.candidate.key, ask.parent) for g in generations for ask in g.asks]
    assert len(asked) == len(set(asked))


def test_one_stage_number_is_one_set_of_data(name):
    generations, _, _ = found(name)
    data = {(g.stage_number, g.stage.examples, g.stage.folds) for g in generations}
    assert len(data) == len({number for number, _, _ in data})


def test_never_more_than_trials_and_nothing_hopeless(name):
    spec = spec_of(name)
    generations, _, trials = found(name)
    candidates = {ask.candidate.key: ask.candidate for g in generations for ask in g.asks}
    if spec.trials is not None and spec.strategy != "refine":
        assert len(candidates) <= spec.trials
    if spec.budget.trials is not None:
        assert spec.budget.trials - spec.folds < len(trials) <= spec.budget.trials
    if spec.budget.epochs is not None:
        assert spec.budget.epochs - EPOCHS < sum(t.epochs for t in trials) <= spec.budget.epochs
    assert all(candidate.point.get("rate") != 1.0 for candidate in candidates.values())


def test_every_prefix_of_what_was_told_leads_to_the_same_generation(name):
    """Pure: by the same object out of order, by a fresh one, and from trials that were read back."""
    spec = spec_of(name)
    strategy = strategy_of(name, spec)
    generations, told, trials = found(name)
    after = [plain(g) for g in generations]
    for n in reversed(range(len(generations))):
        again = strategy.next(told[:n])
        assert plain(again)[0][: len(after[n][0])] == after[n][0]
        assert plain(strategy_of(name, spec).next(told[:n])) == plain(again)
    reread = [tell(g, [t for t in trials if t.stage == g.stage_number], spec) for g in generations]
    assert plain(strategy.next(reread)) == plain(strategy.next(told))


def test_when_everything_diverges_the_search_still_ends(name):
    spec = spec_of(name)
    generations, told, _ = searched(strategy_of(name, spec), spec, lambda *_: math.nan)
    assert all(one.score == -math.inf and not one.whole for generation in told for one in generation)
    # Nobody is promoted, so nobody is asked for twice.
    numbers = [ask.number for g in generations for ask in g.asks]
    assert len(numbers) == len(set(numbers))


def test_only_asks_of_refine_have_parents_and_each_a_cold_twin():
    near, grown = found("refine-grow")[0]
    assert not any(ask.parent for ask in near.asks)
    warm = [ask.candidate for ask in grown.asks if ask.parent]
    assert [c.key for c in warm] == [ask.candidate.key for ask in grown.asks if not ask.parent]
    best = max(near.asks, key=lambda ask: quality(ask.candidate)).candidate
    assert {ask.parent for ask in grown.asks} == {"", best.key}
    assert [c.model["mlp"]["hidden"] for c in warm] == [[8, 4], [8, 4, 2]]
    assert len(grown.stage.rungs) == 1


@pytest.mark.parametrize("name", ["random", "halving", "halving-stages", "hyperband", "tpe", "grid-rungs"])
def test_another_seed_searches_in_another_order(name):
    first, second = (strategy_of(name, spec_of(name, seed=seed)).next([]) for seed in (0, 1))
    assert plain(first) != plain(second)


@pytest.mark.parametrize("name", ["random", "random-rungs", "tpe", "random-budget"])
def test_more_trials_begin_with_the_same_candidates(name):
    few, many = (spec_of(name, trials=trials, rungs="none") for trials in (12, 24))
    short, long = (searched(strategy_of(name, spec), spec)[0] for spec in (few, many))
    keys = [[ask.candidate.key for g in found for ask in g.asks] for found in (short, long)]
    assert keys[1][:12] == keys[0]


def test_grid_is_every_different_candidate_that_could_learn():
    generation = strategy_of("grid", spec_of("grid")).next([])
    assert len(generation.asks) == 4 * 3 * 3  # four rates x (off, 0.2, 0.5) x three activations
    assert [ask.candidate.key for ask in generation.asks] == [
        c.key for c in finite().candidates() if c.point.get("rate") != 1.0
    ]


def test_random_exhausts_a_finite_space():
    generation = strategy_of("random-all", spec_of("random-all")).next([])
    assert {ask.candidate.key for ask in generation.asks} == {
        ask.candidate.key for ask in strategy_of("grid", spec_of("grid")).next([]).asks
    }


def test_list_is_the_points_once_each():
    generation = strategy_of("list", spec_of("list")).next([])
    assert [ask.candidate.point for ask in generation.asks] == POINTS[:2]


@pytest.mark.parametrize("strategy", ["grid", "halving"])
def test_all_of_an_endless_space_is_a_mistake(strategy):
    spec = SearchSpec(entry="one", strategy=strategy)
    with pytest.raises(UsageError, match=r"needs values, and lr, rate is|are a range"):
        make_strategy(spec, endless(), {}, EPOCHS)


def test_a_stage_with_rungs_is_asked_in_random_order():
    plain_order, mixed = (strategy_of(n, spec_of(n)).next([]) for n in ("grid", "grid-rungs"))
    keys = [[ask.candidate.key for ask in g.asks] for g in (plain_order, mixed)]
    assert keys[0] != keys[1]
    assert sorted(keys[0]) == sorted(keys[1])


def test_a_generation_takes_the_folds_of_its_stage():
    spec = spec_of("halving-stages")
    generations = found("halving-stages")[0]
    assert [stage_folds(g.stage, spec.folds) for g in generations] == [1, 3]
    assert [len(trained(g, spec, bowl)) for g in generations] == [40, 18]


@pytest.mark.parametrize(("module", "heavy"), [("rungs", ["torch", "optuna"]), ("strategies", ["optuna", "pyarrow"])])
def test_nothing_heavy_is_loaded_before_it_is_needed(module, heavy):
    code = f"import sys, json, bakeoff.search.{module}; print(json.dumps(sorted(set({heavy}) & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
