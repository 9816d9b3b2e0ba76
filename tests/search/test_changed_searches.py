"""A search that has changed: how it compares decides who counts, and of what it asks only what is new trains.

As long as it asks for the same candidates it ends as its last settings do in an empty folder, whatever it was before.
Companies are small here (4 or more in place of 24), so that a few trials make several packs.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_up import LookUp
from squares import write_squares

from bakeoff.api.search_files import SearchOutcome, keep, kept_trials
from bakeoff.data import make_split
from bakeoff.fleet import DataRef
from bakeoff.judge import SpaceFacts
from bakeoff.recipe import Recipe
from bakeoff.runs import StudyPaths
from bakeoff.search.engine import Engine, Found
from bakeoff.search.ground import Ground
from bakeoff.search.reading import read_axes
from bakeoff.search.select import rank
from bakeoff.search.space import Space
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies import make_strategy

MODEL = {"mlp": {"hidden": [4]}}
RECIPE = Recipe(epochs=4, batch_size=32)
Settings = dict[str, Any]

DRAWN: Settings = {"strategy": "halving", "trials": 12, "over": {"lr": {"log_uniform": [1e-5, 1e-1]}}, "eta": 2}
LISTED: Settings = DRAWN | {"trials": None, "over": {"lr": [1e-4, 1e-3, 1e-2], "activation": ["relu", "elu", "selu"]}}
KEEP_A_TENTH = [{"epochs": 1, "keep": 0.1}, {"epochs": 4}]
STAGES = [{"epochs": 1, "examples": 40}, {"epochs": 1}, {"epochs": 2}, {"epochs": 4}]

CHANGES: dict[str, list[Any]] = {
    "metric": ["validation_accuracy", "validation_loss"],
    "eta": [2, 3],
    "rungs": [[1, 2, 4], KEEP_A_TENTH, [{"epochs": 1, "keep": 0.5}, {"epochs": 4}], [{"epochs": 1, "keep": 3}, 4],
              STAGES, "none"],
    "folds": [1, 2],
    "trials": [3, 9, 12, 20],
    "budget": [{}, {"trials": 7}, {"trials": 999}, {"epochs": 25}],
    "over": [DRAWN["over"], LISTED["over"], {"lr": [1e-3, 1e-2], "activation": ["elu", "relu"]},
             {"lr": [1e-4, 1e-3, 1e-2]}, {"lr": [1e-4, 1e-3, 1e-2], "activation": ["relu"]}],
    "strategy": ["halving", "hyperband", "random", "tpe"],
}  # fmt: skip
"""Settings, each with what it may be changed to."""


@pytest.fixture(scope="module", autouse=True)
def small_companies():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.search.companies.COMPANY", 4)
        yield


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return DataRef(name=str(write_squares(tmp_path_factory.mktemp("data") / "squares.npz"))).load()


def search(dataset: Any, folder: Path, told: Settings, stop_after: int | None = None) -> tuple[Found, LookUp]:
    """One sitting, and what is kept of it."""
    spec = SearchSpec.model_validate({"entry": "e", "generation": 3} | told)
    space = Space(read_axes(spec.over, MODEL, RECIPE), MODEL, RECIPE, dataset.shape, len(dataset.classes))
    ground = Ground(dataset, make_split(dataset.train.labels.numpy(), validation=0.25), spec, "cpu")
    look_up, paths = LookUp(stop_after), StudyPaths(folder)
    engine = Engine("s", ground, make_strategy(spec, space, {}, RECIPE.epochs), look_up, paths)  # type: ignore[arg-type]
    found = engine.run(lambda _: None, threading.Event())
    facts = SpaceFacts(declared=space.declared)
    outcome = SearchOutcome(told={}, ended=found.ended, failed=(), space=facts, winners=(), baseline="e")
    keep(paths, "s", outcome, found.trials)
    return found, look_up


def answers(found: Found) -> list[list[tuple[Any, ...]]]:
    return [[(one.ask.number, one.ask.candidate.key, one.scores, one.whole) for one in told] for told in found.told]


def assert_as_fresh(dataset: Any, folder: Path, found: Found, told: Settings) -> None:
    """The same table, the same answers to the strategy, the same end; and what is kept is what was found."""
    with tempfile.TemporaryDirectory() as empty:
        fresh, _ = search(dataset, Path(empty), told)
    assert found.trials == fresh.trials
    assert answers(found) == answers(fresh)
    assert found.ended == fresh.ended
    assert [one.ask.candidate.key for one in rank(found.told).cold] == [
        one.ask.candidate.key for one in rank(fresh.told).cold
    ]
    kept = kept_trials(StudyPaths(folder), "s")
    assert kept == sorted(found.trials, key=lambda trial: (trial.number, trial.stage, trial.fold))


COMPARING = ("metric", "eta", "rungs", "folds")
"""Settings that leave it at the same candidates."""


def changed(base: Settings, names: Collection[str] = tuple(CHANGES)) -> st.SearchStrategy[Settings]:
    """`base` with up to three of its settings of these names changed."""
    one = st.sampled_from([{name: value} for name in names for value in CHANGES[name]])
    return st.lists(one, max_size=3).map(lambda changes: {k: v for d in (base, *changes) for k, v in d.items()})


def sequences(names: Collection[str] = tuple(CHANGES)) -> st.SearchStrategy[list[tuple[Settings, int | None]]]:
    """Settings of earlier sittings, each with the number of packs after which it was stopped, if it was."""
    return st.lists(st.tuples(changed(DRAWN, names), st.none() | st.integers(1, 3)), min_size=1, max_size=3)


@settings(max_examples=15)
@given(before=sequences(COMPARING), last=changed(DRAWN, COMPARING))
def test_however_it_compared_before_it_ends_as_in_an_empty_folder(dataset, before, last):
    with tempfile.TemporaryDirectory() as folder:
        for told, stop_after in before:
            search(dataset, Path(folder), told, stop_after)
        found, _ = search(dataset, Path(folder), last)
        assert_as_fresh(dataset, Path(folder), found, last)


@settings(max_examples=15)
@given(before=sequences(), last=changed(DRAWN))
def test_whatever_it_was_before_it_is_whole_and_trains_nothing_twice(dataset, before, last):
    with tempfile.TemporaryDirectory() as folder:
        for told, stop_after in before:
            search(dataset, Path(folder), told, stop_after)
        found, _ = search(dataset, Path(folder), last)
        places = [(trial.number, trial.stage, trial.fold) for trial in found.trials]
        assert len(set(places)) == len(places)
        # Each company whole, none of another search's: one line holds every trial that is said to be of its pack.
        lines = [json.loads(line) for line in (Path(folder) / "trials/s/packs.jsonl").read_text().splitlines()]
        members = {line["pack"]: set(line["trials"]) for line in lines if line["rungs"]}
        for pack, keys in members.items():
            mine = {trial.job for trial in found.trials if trial.pack == pack and not trial.fold}
            assert not mine or mine == keys
        again, look_up = search(dataset, Path(folder), last)
        assert (again.trials, look_up.trained) == (found.trials, [])


SEQUENCES: dict[str, list[Settings]] = {
    "another metric, then a larger budget": [
        DRAWN | {"rungs": KEEP_A_TENTH},
        DRAWN | {"rungs": KEEP_A_TENTH, "metric": "validation_loss"},
        DRAWN | {"rungs": KEEP_A_TENTH, "metric": "validation_loss", "budget": {"trials": 999}},
        DRAWN | {"rungs": KEEP_A_TENTH, "budget": {"trials": 999}},
    ],
    "more are kept": [DRAWN | {"rungs": KEEP_A_TENTH}, DRAWN | {"rungs": [{"epochs": 1, "keep": 0.5}, 4]}],
    "and back again": [DRAWN | {"rungs": [1, 4]}, DRAWN | {"rungs": KEEP_A_TENTH}, DRAWN | {"rungs": [1, 4]}],
    "another eta": [DRAWN, DRAWN | {"eta": 3}],
    "no rungs any more": [DRAWN, DRAWN | {"rungs": "none"}],
    "rungs where there were none": [DRAWN | {"rungs": "none"}, DRAWN],
    "a value less": [LISTED, LISTED | {"over": {"lr": [1e-3, 1e-2], "activation": ["relu", "elu", "selu"]}}],
    "an axis less": [LISTED | {"over": {"lr": [1e-3, 1e-2], "activation": ["relu"]}},
                     LISTED | {"over": {"lr": [1e-3, 1e-2]}}],
}  # fmt: skip


@pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES)
def test_what_a_user_changes(dataset, tmp_path, sequence):
    for told in sequence:
        found, _ = search(dataset, tmp_path, told)
        assert_as_fresh(dataset, tmp_path, found, told)


@pytest.mark.parametrize("strategy", ["halving", "random"])
def test_more_trials_train_alone_where_rungs_keep_a_number(dataset, tmp_path, strategy):
    told = DRAWN | {"strategy": strategy, "rungs": [{"epochs": 1, "keep": 6}, {"epochs": 4}]}
    before, _ = search(dataset, tmp_path, told)
    found, look_up = search(dataset, tmp_path, told | {"trials": 24})
    assert len(look_up.trained) == 12
    assert {trial.job for trial in before.trials} < {trial.job for trial in found.trials}


def test_without_rungs_a_training_counts_in_whatever_pack_it_was(dataset, tmp_path):
    plain = DRAWN | {"strategy": "random", "rungs": "none"}
    for change in ({"trials": 9}, {"metric": "validation_loss"}, {"trials": 20}, {"budget": {"trials": 5}}):
        _, look_up = search(dataset, tmp_path, plain | change)
        assert len(look_up.trained) == {9: 9, 20: 8}.get(change.get("trials"), 3 if "metric" in change else 0)


def test_with_rungs_companies_are_found_again_and_only_what_is_new_trains(dataset, tmp_path):
    _, look_up = search(dataset, tmp_path, DRAWN | {"budget": {"trials": 6}})
    assert len(look_up.trained) == 6
    _, look_up = search(dataset, tmp_path, DRAWN)
    assert len(look_up.trained) == 6
    found, look_up = search(dataset, tmp_path, DRAWN | {"trials": 20})
    assert (len(look_up.trained), len({trial.number for trial in found.trials})) == (8, 20)
    _, look_up = search(dataset, tmp_path, DRAWN)
    assert look_up.trained == []


def test_more_values_of_an_axis_train_alone(dataset, tmp_path):
    search(dataset, tmp_path, LISTED | {"over": {"lr": [1e-4, 1e-3], "activation": ["relu", "elu", "selu"]}})
    found, look_up = search(dataset, tmp_path, LISTED)
    assert (len(look_up.trained), len({trial.number for trial in found.trials})) == (3, 9)


@pytest.mark.parametrize("strategy", ["random", "halving", "tpe"])
def test_time_that_ends_inside_a_generation_is_said(dataset, tmp_path, strategy):
    told = DRAWN | {"strategy": strategy, "rungs": [1, 4]}
    found, _ = search(dataset, tmp_path, told, stop_after=1)
    assert 0 < len(found.trials) < 12
    assert found.ended == "budget"
    assert_as_fresh(dataset, tmp_path, search(dataset, tmp_path, told)[0], told)


def as_earlier(folder: Path) -> None:
    """asked.jsonl of earlier versions named neither pack nor point."""
    file = folder / "trials" / "s" / "asked.jsonl"
    file.write_text("".join(json.dumps(json.loads(line)[:3]) + "\n" for line in file.read_text().splitlines()))


def test_what_earlier_versions_kept_is_read_where_it_says_enough(dataset, tmp_path):
    found, _ = search(dataset, tmp_path, DRAWN)
    as_earlier(tmp_path)
    assert kept_trials(StudyPaths(tmp_path), "s") == sorted(found.trials, key=lambda t: (t.number, t.stage, t.fold))
    search(dataset, tmp_path, DRAWN | {"metric": "validation_loss"})
    as_earlier(tmp_path)
    assert kept_trials(StudyPaths(tmp_path), "s") is None, "two companies left the same training at other rungs"
    again, look_up = search(dataset, tmp_path, DRAWN)
    assert (again.trials, look_up.trained) == (found.trials, [])
