"""BK013: one seed far from the others."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.judge.findings.bk013_unstable import far_off, usual_distance


def with_seeds(entry, *values, n=10_000):
    accuracy = entry.test_accuracy.model_copy(update={"values": list(values), "mean": float(np.mean(values))})
    changes = {"test_accuracy": accuracy, "seeds": list(range(len(values))), "test_examples": n}
    return entry.model_copy(update=changes)


def finding(entry, *values, others=(), n=10_000):
    entries = [with_seeds(entry, *v, n=n) for v in (values, *others)]
    return far_off(entries[0], usual_distance(entries))


STEADY = (0.901, 0.899, 0.900, 0.902, 0.898)


def test_a_seed_that_failed_to_learn_well_is_named(entry):
    found = finding(entry, 0.90, 0.902, 0.71, 0.899, others=[STEADY])
    assert found.status == "found"
    assert "seed 2 reaches 71.00% where the median seed reaches 89.95%" in found.evidence


def test_three_seeds_are_enough_beside_other_entries(entry):
    assert finding(entry, 0.90, 0.901, 0.80, others=[STEADY]).status == "found"


@pytest.mark.parametrize("seed", range(5))
def test_usual_noise_of_seeds_is_not_found(entry, seed):
    rng = np.random.default_rng(seed)
    values = [tuple(0.9 + rng.normal(0, 0.004, 5)) for _ in range(4)]
    assert finding(entry, *values[0], others=values[1:]).status == "passed"


def test_where_all_seeds_are_wild_none_is_far_off(entry):
    wild = [(0.7, 0.8, 0.9, 0.75, 0.85), (0.6, 0.8, 0.7, 0.9, 0.85)]
    assert finding(entry, *wild[0], others=wild[1:]).status == "passed"


def test_few_test_pictures_let_seeds_differ(entry):
    assert finding(entry, 0.90, 0.91, 0.85, n=100, others=[STEADY]).status == "passed"


def test_two_seeds_cannot_tell(entry):
    assert finding(entry, 0.9, 0.5).status == "not applicable"
