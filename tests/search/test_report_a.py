"""Report A's grid: what it claims, what it declares, what is different, what can learn."""

from __future__ import annotations

import pytest
from report_a import OVER
from spaces import make_space

from bakeoff.recipe import Recipe

FASHION = {"shape": (1, 28, 28), "classes": 10}


@pytest.fixture(scope="module")
def space():
    winner = {"mlp": {"hidden": [300, 300, 200, 100]}}
    return make_space(OVER, model=winner, recipe=Recipe(epochs=30, batch_size=32), **FASHION)


@pytest.fixture(scope="module")
def candidates(space):
    return list(space.candidates())


def test_declared_points_are_far_fewer_different_trainings(space, candidates):
    assert space.declared == 151_200
    assert len(candidates) == 29_700
    assert len({candidate.key for candidate in candidates}) == 29_700


def test_depth_and_widths_give_fifteen_networks(candidates):
    assert len({tuple(candidate.model["mlp"]["hidden"]) for candidate in candidates}) == 15
    spelled = {(c.point["layers"], tuple(c.point["hidden"])) for c in candidates}
    assert len(spelled) == 15, "each cut goes by its first spelling"
    assert all(c.point["hidden"][: c.point["layers"]] == c.model["mlp"]["hidden"] for c in candidates)


def test_a_rate_of_one_is_hopeless_and_nothing_else_is(space, candidates):
    hopeless = [candidate for candidate in candidates if space.hopeless(candidate)]
    assert len(hopeless) == 2_700
    assert {candidate.recipe.dropout for candidate in hopeless} == {1.0}
    assert space.hopeless(hopeless[0]) == "dropout 1.0 lets nothing of the pictures through: nothing can be learned"


def test_without_dropout_its_rate_is_not_named(candidates):
    assert {"dropout_rate" in c.point for c in candidates if not c.point["dropout"]} == {False}
    assert {"dropout_rate" in c.point for c in candidates if c.point["dropout"]} == {True}


def test_its_table_8_is_the_sixth_tuple_cut_to_four(space):
    point = {"layers": 4, "hidden": [300, 250, 150, 100, 50], "lr": "1e-3", "init": "he"}
    candidate = space.candidate(point)
    assert candidate.model == {"mlp": {"hidden": [300, 250, 150, 100]}}
    assert (candidate.recipe.lr, candidate.recipe.init) == (1e-3, "kaiming_normal")
