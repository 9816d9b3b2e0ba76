"""BK012: a class that is recognised no better than by guessing."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.judge.findings.bk012_lost_class import lost_classes


def finding(entry, rows):
    """`rows`: the confusion counts of one seed."""
    counts = np.array(rows)
    accuracy = entry.test_accuracy.model_copy(update={"mean": counts.trace() / counts.sum()})
    changes = {"confusion": (3 * counts).tolist(), "test_accuracy": accuracy, "test_examples": int(counts.sum())}
    return lost_classes(entry.model_copy(update=changes))


def test_classes_that_are_recognised_pass(entry):
    assert finding(entry, [[90, 5, 5, 0], [5, 90, 0, 5], [0, 5, 90, 5], [5, 0, 5, 90]]).status == "passed"


def test_a_class_that_is_never_predicted_is_named(entry):
    counts = [[95, 5, 0, 0], [5, 95, 0, 0], [0, 5, 95, 0], [40, 30, 30, 0]]
    found = finding(entry, counts)
    assert (found.status, found.severity) == ("found", "warning")
    assert found.evidence == "1 of 4 classes no better recognised than by guessing: class 3 (never predicted)"


def test_a_recall_no_higher_than_its_false_alarms_is_lost(entry):
    counts = [[70, 0, 0, 30], [0, 70, 0, 30], [0, 0, 70, 30], [23, 23, 24, 30]]
    assert "class 3 (30.0%)" in finding(entry, counts).evidence


def test_a_low_recall_that_beats_guessing_is_not(entry):
    counts = [[98, 1, 1, 0], [1, 98, 1, 0], [1, 1, 98, 0], [30, 30, 30, 10]]
    found = finding(entry, counts)
    assert found.status == "passed"
    assert "class 3, is 10.0%" in found.evidence


def test_many_are_counted(entry):
    counts = np.zeros((9, 9), int)
    counts[:, 0] = 20
    counts[0, 0], counts[1, 1], counts[1, 0] = 100, 20, 0
    names = [entry.classes[0].model_copy(update={"name": f"k{i}"}) for i in range(9)]
    found = finding(entry.model_copy(update={"classes": names}), counts)
    assert found.evidence.startswith("7 of 9 classes")
    assert found.evidence.endswith("and 2 more")


def test_few_pictures_say_nothing(entry):
    assert finding(entry, [[9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [3, 3, 3, 0]]).status == "not applicable"


@pytest.mark.parametrize("share", [25, 24])
def test_an_entry_at_chance_is_another_finding(entry, share):
    assert finding(entry, np.full((4, 4), share)).status == "not applicable"
