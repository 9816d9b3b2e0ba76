"""BK004: training ended while validation accuracy was still going up."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from curves import contest_with

from bakeoff.judge import judge
from bakeoff.recipe import Recipe, Schedule

RISING = np.linspace(0.5, 0.8, 15)
SETTLED = 0.8 - 0.3 * np.exp(-np.arange(15.0))


def finding(contest):
    return next(f for f in judge(contest).results.findings if f.code == "BK004" and f.entry == "net")


def test_a_rising_curve_is_found_with_its_gain(tmp_path: Path) -> None:
    found = finding(contest_with(tmp_path, validation_accuracy=RISING))
    assert found.status == "found"
    assert "10.71 points" in found.evidence


def test_a_settled_curve_passes(tmp_path: Path) -> None:
    assert finding(contest_with(tmp_path, validation_accuracy=SETTLED)).status == "passed"


def test_a_schedule_that_ends_at_zero_always_rises(tmp_path: Path) -> None:
    contest = contest_with(tmp_path, validation_accuracy=RISING)
    entry = contest.entries[0]
    recipe = Recipe(epochs=15, schedule=Schedule(kind="one_cycle"))
    runs = tuple(replace(r, job=r.job.model_copy(update={"recipe": recipe})) for r in entry.runs)
    contest = replace(contest, entries=(replace(entry, runs=runs), contest.entries[1]))
    assert finding(contest).status == "not applicable"


def test_a_short_curve_is_not_applicable(tmp_path: Path) -> None:
    assert finding(contest_with(tmp_path, validation_accuracy=RISING[:4])).status == "not applicable"
