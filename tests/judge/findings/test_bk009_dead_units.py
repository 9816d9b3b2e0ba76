"""BK009: rectified units that are 0 whatever they see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bakeoff.judge.findings.bk009_dead_units import dead_units


def finding(entry, runs, *dead, units=40):
    """`dead`: a tuple of layers for each seed."""
    told = [
        replace(run, summary={**run.summary, "relu_examples": 1000, "relu_layers": [
            {"layer": str(2 * i), "units": units, "dead": n} for i, n in enumerate(layers)
        ]}) for run, layers in zip(runs, dead, strict=False)
    ]  # fmt: skip
    return dead_units(entry, told)


def test_the_median_over_seeds_is_told_layer_by_layer(entry, runs):
    found = finding(entry, runs, (3, 8), (0, 12), (2, 10))
    assert (found.status, found.severity) == ("found", "info")
    assert found.evidence == (
        "10 of 40 units of ReLU layer 2 (25%) are 0 on all of 1,000 training pictures (median over seeds)"
    )


@pytest.mark.parametrize(("dead", "status"), [(3, "passed"), (4, "found")])
def test_a_tenth_of_a_layer_is_many(entry, runs, dead, status):
    assert finding(entry, runs, *[(dead, 0)] * 3).status == status


def test_where_all_are_alive_it_says_so(entry, runs):
    assert finding(entry, runs, *[(0, 0)] * 3).evidence == "no ReLU unit is 0 on all of 1,000 training pictures"
    assert finding(entry, runs, *[(0, 2)] * 3).evidence.startswith("at most 2 of 40 units of ReLU layer 2 (5%)")


def test_a_single_unit_of_a_narrow_layer_is_not(entry, runs):
    assert finding(entry, runs, *[(1,)] * 3, units=4).status == "passed"
    assert finding(entry, runs, *[(2,)] * 3, units=4).severity == "warning"


def test_half_of_a_layer_is_a_warning(entry, runs):
    assert finding(entry, runs, *[(20,)] * 3).severity == "warning"


def test_runs_of_an_earlier_version_do_not_apply(entry, runs):
    assert dead_units(entry, runs).status == "not applicable"


def test_without_a_relu_there_is_nothing_to_die(entry, runs):
    assert finding(entry, runs, (), (), ()).status == "not applicable"
