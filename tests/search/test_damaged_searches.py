"""What a search keeps beside its trials, damaged: named in words, whatever it holds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bakeoff.api.search_files import kept_outcome, kept_trials
from bakeoff.errors import StoreError
from bakeoff.fleet import Course
from bakeoff.runs import StudyPaths, TrialStore
from bakeoff.search.placement import Placement, read_packs

OLD = Path(__file__).parents[1] / "old" / "1"
LINE = {"pack": "p", "stage": 0, "rungs": [], "trials": ["a", "b"]}
DEEP = "[" * 100_000


def seconds_spent(paths, search):
    return TrialStore(paths.trials(search)).seconds_spent()


@pytest.fixture
def paths(tmp_path):
    """Those of a study with a search called rates."""
    shutil.copytree(OLD / "trials", tmp_path / "trials")
    return StudyPaths(tmp_path)


def test_the_files_are_sound_as_they_are(paths):
    assert kept_outcome(paths, "rates").ended == "done"
    assert kept_trials(paths, "rates")
    assert seconds_spent(paths, "rates") > 0
    assert len(read_packs(paths.trials("rates") / "packs.jsonl")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "[]",
        "{}",
        DEEP,
        *(
            json.dumps(LINE | damage)
            for damage in (
                {"stage": None},
                {"trials": []},
                {"trials": ["a", "a"]},
                {"trials": [{}]},
                {"rungs": [3]},
                {"rungs": [[1, 2]]},
                {"rungs": [[1, float("nan")]]},
            )
        ),
    ],
)
def test_lines_that_are_no_packs(tmp_path, line):
    (tmp_path / "packs.jsonl").write_text(line + "\n")
    with pytest.raises(StoreError, match=r"packs\.jsonl: cannot read which trials share a pack"):
        Placement(TrialStore(tmp_path)).place([], Course("s", 0, {}, {}))


@pytest.mark.parametrize(
    "told", [5, [], {"recipe": 3}, {"recipe": {}, "from": 5}, {"recipe": {}, "from": {"recipe": 1}}]
)
def test_outcomes_that_are_none(paths, told):
    file = paths.trials("rates") / "outcome.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"told": told}))
    with pytest.raises(StoreError, match=r"outcome\.json: cannot read what the search came to"):
        kept_outcome(paths, "rates")


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("outcome.json", DEEP, kept_outcome),
        ("asked.jsonl", DEEP, kept_trials),
        ("spent.json", DEEP, seconds_spent),
        ("spent.json", json.dumps({"seconds": 10**400}), seconds_spent),
    ],
)
def test_nesting_and_numbers_without_end(paths, name, content, read):
    (paths.trials("rates") / name).write_text(content)
    with pytest.raises(StoreError, match=rf"{name}: cannot read"):
        read(paths, "rates")
