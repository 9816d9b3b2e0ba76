"""BK025: two names, one contestant."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from searches import key_of
from synthetic import make_contest, make_run
from test_search import made, search_of

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.judge.results import Finding


def finding(contest: Contest) -> Finding:
    (found,) = [f for f in judge(contest).results.findings if f.code == "BK025"]
    return found


@pytest.fixture
def named_twice(tmp_path: Path) -> Contest:
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8})
    return replace(contest, entries=(replace(contest.entries[0], aliases=("again", "once more")), contest.entries[1]))


def test_different_trainings_pass_and_one_entry_is_not_applicable(tmp_path: Path) -> None:
    assert finding(make_contest(tmp_path)).status == "passed"
    assert finding(make_contest(tmp_path / "one", {"a": 0.8})).status == "not applicable"


def test_other_names_are_told(named_twice) -> None:
    found = finding(named_twice)
    assert (found.status, found.severity) == ("found", "warning")
    assert found.evidence.startswith("again is the same training as a; once more is the same training as a.")


def test_a_search_that_came_back_is_no_warning(named_twice) -> None:
    search = replace(
        search_of(made(0, [0.9], lr=0.1)), finalists={"again": key_of({"lr": 0.1}), "once more": "k"}, baseline="a"
    )
    assert finding(replace(named_twice, searches=(search,))).severity == "info"


def test_a_shortened_run_may_take_away_what_set_them_apart(named_twice) -> None:
    assert finding(replace(named_twice, quick=True)).severity == "info"


def test_one_recipe_with_other_seeds_is_told(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.8})
    runs = tuple(make_run(tmp_path / "runs", contest.dataset, seed=s, accuracy=0.8) for s in (7, 8))
    found = finding(replace(contest, entries=(*contest.entries, Contestant("b", runs))))
    assert found.evidence == "a and b are one recipe with different seeds: a difference between them is luck"


def test_recipes_whose_difference_does_nothing_are_told(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8})
    for one, other in zip(*(entry.runs for entry in contest.entries), strict=True):
        with np.load(Path(one.path) / "test.sealed.npz") as sealed:
            np.savez(Path(other.path) / "test.sealed.npz", **sealed)
    assert finding(contest).evidence == "a and b answer alike to the last bit: what differs between them has no effect"
