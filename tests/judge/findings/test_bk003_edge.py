"""BK003: the best value at the edge of what was tried."""

from __future__ import annotations

from dataclasses import replace

import pytest
from searches import key_of
from test_search import made, search_of

from bakeoff.judge.findings.bk003_edge import edge
from bakeoff.judge.search_axes import Range


def finding(best: dict, axes: dict):
    """Of a search whose best candidate stands at `best`."""
    trials = [made(0, [0.9], **best), made(1, [0.5], **dict.fromkeys(best))]
    return edge(replace(search_of(*trials), axes=axes))


@pytest.mark.parametrize(("lr", "side"), [(0.1, "largest"), (0.001, "smallest")])
def test_found_at_either_end_of_a_list(lr, side):
    found = finding({"lr": lr}, {"lr": [0.001, 0.01, 0.1]})
    assert (found.code, found.status) == ("BK003", "found")
    assert found.evidence == f"search s: the best candidate has lr {lr:g}, the {side} tried"
    assert "lr" in found.advice


def test_inside_passes():
    assert finding({"lr": 0.01}, {"lr": [0.001, 0.01, 0.1]}).status == "passed"


def test_zero_is_no_edge():
    assert finding({"dropout": 0.0}, {"dropout": [0.0, 0.2, 0.4]}).status == "passed"


@pytest.mark.parametrize(("lr", "status"), [(1.1e-4, "found"), (9.5e-3, "found"), (1e-3, "passed")])
def test_near_an_end_of_a_range_on_its_own_scale(lr, status):
    assert finding({"lr": lr}, {"lr": Range(1e-4, 1e-2, log=True)}).status == status


@pytest.mark.parametrize("axes", [{"lr": ["a", "b", "c"]}, {"lr": [1.0, 2.0]}, {"lr": [False, True]}, {}])
def test_axes_without_an_inside_do_not_apply(axes):
    assert finding({"lr": 1.0}, axes).status == "not applicable"


def test_an_axis_that_is_not_active_at_the_best_does_not_apply():
    assert finding({"lr": 1.0}, {"rate": [0.1, 0.2, 0.3]}).status == "not applicable"


def test_the_retrained_winner_is_asked_not_our_own_ranking():
    trials = [made(0, [0.9], lr=0.01), made(1, [0.8], lr=0.1)]
    search = replace(search_of(*trials), axes={"lr": [0.001, 0.01, 0.1]})
    assert edge(search).status == "passed"
    assert edge(replace(search, finalists={"entry": key_of({"lr": 0.1})})).status == "found"


def test_nothing_with_a_score_does_not_apply():
    search = replace(search_of(made(0, [], lr=1.0, stopped="diverged at step 2")), axes={"lr": [0.1, 1.0, 10.0]})
    assert edge(search).status == "not applicable"
