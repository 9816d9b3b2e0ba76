"""BK018: another metric, another winner."""

from __future__ import annotations

import pytest

from bakeoff.judge.findings.bk018_metric import other_winner


@pytest.fixture
def two(entry):
    """One that is best by accuracy alone, and one behind."""
    ahead = entry.model_copy(update={"name": "ahead", "best_group": True})
    return [ahead, entry.model_copy(update={"name": "behind", "best_group": False})]


def moved(entry, name, low, high):
    was = getattr(entry, name)
    update = {"mean": (low + high) / 2, "interval": was.interval.model_copy(update={"low": low, "high": high})}
    return entry.model_copy(update={name: was.model_copy(update=update)})


def test_the_same_winner_passes(two):
    assert other_winner(two).status == "passed"


@pytest.mark.parametrize(("name", "better", "worse"), [
    ("nll", (0.2, 0.3), (0.4, 0.5)), ("brier", (0.1, 0.12), (0.13, 0.15)),
    ("macro_f1", (0.9, 0.92), (0.85, 0.88)), ("balanced_accuracy", (0.9, 0.92), (0.85, 0.88)),
])  # fmt: skip
def test_an_entry_clearly_ahead_by_another_metric_is_found(two, name, better, worse):
    found = other_winner([moved(two[0], name, *worse), moved(two[1], name, *better)])
    assert found.status == "found"
    assert "behind" in found.evidence
    assert other_winner([moved(two[0], name, *better), moved(two[1], name, *worse)]).status == "passed"


def test_overlapping_intervals_prove_nothing(two):
    assert other_winner([moved(two[0], "nll", 0.25, 0.5), moved(two[1], "nll", 0.2, 0.3)]).status == "passed"


def test_whoever_may_be_first_by_accuracy_must_be_beaten(two):
    rival = moved(two[0].model_copy(update={"name": "rival"}), "nll", 0.1, 0.15)
    entries = [moved(two[0], "nll", 0.4, 0.5), rival, moved(two[1], "nll", 0.2, 0.3)]
    assert other_winner(entries).status == "passed"


def test_one_entry_does_not_apply(two):
    assert other_winner(two[:1]).status == "not applicable"
