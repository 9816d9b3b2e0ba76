"""Spaces: which points lead to one training, and only those."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spaces import MLP, PICTURES, make_space

from bakeoff.errors import UsageError
from bakeoff.models import build, resolve
from bakeoff.recipe import Recipe

VALUES = {
    "layers": st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
    "hidden": st.lists(st.lists(st.integers(2, 4), min_size=1, max_size=3), min_size=1, max_size=3, unique_by=tuple),
    "dropout": st.just([False, True]),
    "dropout_rate": st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=1, max_size=2, unique=True),
    "activation": st.lists(st.sampled_from(["relu", "elu", "none"]), min_size=1, max_size=2, unique=True),
    "batch_norm": st.lists(st.sampled_from(["none", "before", "after"]), min_size=1, max_size=2, unique=True),
    "input_dropout": st.just([False, True]),
    "input_batch_norm": st.just([True, False]),
    "conv_dropout": st.just([0.0, 0.5]),
    "recipe.batch_norm.momentum": st.just([0.1, 0.2]),
    "init": st.just(["torch", "lecun"]),
    "backbone_rate": st.just([1.0, 0.1]),
}


@st.composite
def spaces(draw):
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True))
    return {name: draw(VALUES[name]) for name in names}


def trained(point):
    """By hand: the network and what else of the recipe a training depends on."""
    hidden = point.get("hidden", [8, 6, 4])[: point.get("layers", 50)]
    rate = point.get("dropout_rate", 0.5)
    recipe = {
        "dropout": rate if point.get("dropout", True) else 0.0,
        "conv_dropout": point.get("conv_dropout", 0.0),
        "batch_norm": {"momentum": point.get("recipe.batch_norm.momentum", 0.1)},
        "init": point.get("init", "torch"),
    }
    names = ("activation", "batch_norm", "input_dropout", "input_batch_norm")
    model = {"mlp": {"hidden": hidden, **{name: point[name] for name in names if name in point}}}
    layers = Recipe.model_validate(recipe).layers
    return build(model, input_shape=(1, 4, 4), classes=3, **layers), recipe["init"]


@settings(max_examples=60)
@given(spaces())
@example({"batch_norm": ["before", "after"], "activation": ["relu", "none"]})
def test_equal_trainings_have_equal_keys_and_only_they(over):
    space = make_space(over, recipe=Recipe(dropout=0.5))
    points = [dict(zip(over, values, strict=True)) for values in product(*over.values())]
    assert list(space.points()) == [
        {name: "lecun_normal" if value == "lecun" else value for name, value in point.items()} for point in points
    ]
    assert space.declared == len(points)
    found = [(trained(point), space.candidate(point)) for point in points]
    for told, one in found:
        for other_told, other in found:
            assert (told == other_told) == (one.key == other.key), (one, other)
    firsts = list(dict.fromkeys(candidate.key for _, candidate in found))
    assert [candidate.key for candidate in space.candidates()] == firsts
    for (network, _), candidate in found:
        rebuilt = build(candidate.model, input_shape=(1, 4, 4), classes=3, **candidate.recipe.layers)
        assert rebuilt == network


@settings(max_examples=60)
@given(spaces())
def test_a_candidate_s_own_point_leads_to_it_again(over):
    space = make_space(over, recipe=Recipe(dropout=0.5))
    for candidate in space.candidates():
        again = space.candidate(candidate.point)
        assert (again.key, again.point) == (candidate.key, candidate.point)


def test_spelling_does_not_matter():
    space = make_space(
        {"lr": ["1e-3", 0.01], "init": ["he", "xavier"], "schedule": ["one-cycle", {"step": {"every": 3}}]}
    )
    one = space.candidate({"lr": 0.001, "init": "he_normal", "schedule": "one_cycle"})
    other = space.candidate({"lr": "1e-3", "init": "kaiming", "schedule": {"one-cycle": {"warmup": 0.3}}})
    assert (one.key, one.point) == (other.key, other.point)
    assert one.point == {"lr": 0.001, "init": "kaiming_normal", "schedule": "one_cycle"}
    stepped = space.candidate({"schedule": {"step": {"every": 3}}})
    assert (stepped.recipe.schedule.kind, stepped.recipe.schedule.every) == ("step", 3)


def test_the_last_axis_is_the_fastest():
    space = make_space({"lr": [0.1, 0.2], "activation": ["relu", "elu"]})
    assert [tuple(p.values()) for p in space.points()] == [(0.1, "relu"), (0.1, "elu"), (0.2, "relu"), (0.2, "elu")]


def test_a_continuum_has_no_points_but_can_be_drawn_from():
    space = make_space({"lr": {"log_uniform": [1e-4, 1e-2]}, "layers": {"integers": [1, 3]}})
    assert space.declared is None
    assert not space.countable
    with pytest.raises(UsageError, match="lr; draw from it"):
        list(space.points())
    drawn = [space.draw(np.random.default_rng(seed)) for seed in range(50)]
    assert drawn == [space.draw(np.random.default_rng(seed)) for seed in range(50)]
    assert {point["layers"] for point in drawn} == {1, 2, 3}
    assert all(1e-4 <= point["lr"] <= 1e-2 for point in drawn)
    assert len({space.candidate(point).key for point in drawn}) == 50


@pytest.mark.parametrize(("form", "middle"), [("uniform", 0.5005), ("log_uniform", 0.0316)])
def test_ranges_are_even_on_their_scale(form, middle):
    space = make_space({"dropout": {form: [0.001, 1.0]}})
    rng = np.random.default_rng(0)
    assert np.median([space.draw(rng)["dropout"] for _ in range(4000)]) == pytest.approx(middle, rel=0.15)


def test_whole_numbers_on_the_scale_of_logarithms_give_each_decade_its_share():
    space = make_space({"batch_size": {"log_integers": [1, 1000]}})
    rng = np.random.default_rng(0)
    drawn = np.array([space.draw(rng)["batch_size"] for _ in range(6000)])
    assert set(np.unique(drawn[drawn <= 3])) == {1, 2, 3}
    assert drawn.max() > 900
    share = math.log(99.5 / 9.5) / math.log(1000.5 / 0.5)
    assert np.mean((drawn >= 10) & (drawn <= 99)) == pytest.approx(share, abs=0.02)


def test_integers_take_steps():
    space = make_space({"batch_size": {"integers": [16, 70], "step": 16}})
    assert [point["batch_size"] for point in space.points()] == [16, 32, 48, 64]
    with pytest.raises(UsageError, match="17 is not in 16 to 70"):
        space.candidate({"batch_size": 17})


def test_budgets_are_solved_and_take_the_place_of_the_widths():
    space = make_space({"budget": {"log_integers": [200, 2000]}, "depth": [1, 2]})
    candidate = space.candidate({"budget": 900, "depth": 2})
    assert candidate.model == resolve({"mlp": {"budget": 900, "depth": 2}}, (1, 4, 4), 3).model
    assert make_space({"hidden": [[5]]}, model={"mlp": {"budget": 900}}).candidate({}).model != {"mlp": {"hidden": [5]}}
    assert make_space({"hidden": [[5]]}, model={"mlp": {"budget": 900}}).candidate({"hidden": [5]}).model == {
        "mlp": {"hidden": [5]}
    }


def test_whole_models_bring_their_own_arguments():
    over = {
        "model": ["linear", MLP, {"cnn": {"channels": [2, 4]}}],
        "activation": ["relu", "elu"],
        "layers": [1, 2],
        "kernel": {"values": [1, 3], "when": {"model": "cnn"}},
    }
    space = make_space(over)
    candidates = list(space.candidates())
    kinds = [next(iter(candidate.model)) for candidate in candidates]
    assert {kind: kinds.count(kind) for kind in kinds} == {"linear": 1, "mlp": 4, "cnn": 8}
    assert candidates[0].point == {"model": {"linear": {}}}


def test_model_and_recipe_can_be_told_apart():
    space = make_space({"model.batch_norm": ["none", "after"], "recipe.batch_norm.momentum": [0.1, 0.3]})
    assert len(list(space.candidates())) == 3, "without a batch norm its momentum changes nothing"
    assert (
        space.candidate({"model.batch_norm": "after", "recipe.batch_norm.momentum": 0.3}).recipe.batch_norm.momentum
        == 0.3
    )


def test_conditions_hold_along_a_chain():
    over = {
        "optimizer": ["adam", "sgd"],
        "momentum": {"values": [0.0, 0.9], "when": {"optimizer": "sgd"}},
        "nesterov": {"values": [False, True], "when": {"momentum": 0.9}},
    }
    space = make_space(over)
    assert space.declared == 8
    assert [candidate.point for candidate in space.candidates()] == [
        {"optimizer": "adam"},
        {"optimizer": "sgd", "momentum": 0.0},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": False},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    ]


def test_a_point_that_cannot_be_trained_says_so():
    space = make_space({"optimizer": ["sgd"], "momentum": [0.0, 0.9], "nesterov": [False, True]})
    with pytest.raises(UsageError, match=r"momentum: 0\.0.*cannot be trained: nesterov needs momentum above 0"):
        list(space.candidates())


def test_a_point_outside_the_space_is_refused():
    space = make_space({"lr": [0.1], "activation": ["relu"]})
    with pytest.raises(UsageError, match=r"lr: 0\.2 is none of 0\.1"):
        space.candidate({"lr": 0.2})
    with pytest.raises(UsageError, match="activatoin: no axis of this space; did you mean 'activation'"):
        space.candidate({"activatoin": "relu"})


def test_other_axes_around_the_same_base():
    space = make_space({"lr": [0.1]})
    finer = space.with_axes({"lr": [0.05, 0.2]})
    assert finer.declared == 2
    assert finer.candidate({"lr": 0.2}).model == space.candidate({"lr": 0.1}).model


def test_nothing_is_hopeless_where_nothing_is_dropped():
    linear = make_space({"conv_dropout": [1.0, 0.0]}, model={"linear": {}})
    (candidate,) = linear.candidates()
    assert linear.hopeless(candidate) is None
    assert PICTURES["classes"] == linear.classes
