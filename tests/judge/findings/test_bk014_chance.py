"""BK014: no better than always giving the most frequent answer."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.judge.findings.bk014_chance import chance


def finding(entry, support, accuracy):
    counts = np.zeros((4, 4), int)
    counts[:, 0] = support
    told = entry.test_accuracy.model_copy(update={"mean": accuracy})
    changes = {"confusion": counts.tolist(), "test_accuracy": told, "test_examples": int(np.sum(support))}
    return chance(entry.model_copy(update=changes))


@pytest.mark.parametrize(("accuracy", "status"), [(0.25, "found"), (0.28, "found"), (0.32, "passed"), (0.1, "found")])
def test_balanced_classes(entry, accuracy, status):
    found = finding(entry, [100, 100, 100, 100], accuracy)
    assert found.status == status
    assert "always naming one class gives 25.00%" in found.evidence


def test_a_frequent_class_makes_a_high_accuracy_worthless(entry):
    found = finding(entry, [900, 40, 30, 30], 0.91)
    assert (found.status, found.severity) == ("found", "serious")
    assert finding(entry, [900, 40, 30, 30], 0.95).status == "passed"


def test_one_class_is_no_contest(entry):
    assert finding(entry, [100, 0, 0, 0], 1.0).status == "not applicable"
