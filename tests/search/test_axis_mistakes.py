"""What is wrong with axes: where it stands, what was expected, the nearest choice."""

from __future__ import annotations

import pytest
from spaces import make_space

from bakeoff.recipe import Recipe

MISTAKES = [
    ({"lrr": [0.1]}, "lrr", "unknown axis 'lrr'; did you mean 'lr'?"),
    ({"recipe.lrr": [0.1]}, "recipe.lrr", "unknown axis 'recipe.lrr'; did you mean 'lr'?"),
    ({"augment.corp": [4]}, "augment.corp", "did you mean 'augment.crop'?"),
    ({"model.lr": [0.1]}, "model.lr", "unknown axis 'model.lr'"),
    ({"epochs": [1, 2]}, "epochs", "cannot be an axis: candidates are compared after equal epochs"),
    ({"lr": []}, "lr", "at least one value"),
    ({"lr": 0.1}, "lr", "expected a list of values"),
    ({"lr": {"uniforn": [1, 2]}}, "lr", "uniform, log_uniform, integers, log_integers"),
    ({"lr": {"values": [0.1], "wen": {}}}, "lr.wen", "did you mean 'when'?"),
    ({"lr": [0.1, "fast"]}, "lr.1", "expected a number, not 'fast'"),
    ({"lr": [0.1, -1]}, "lr.1", "greater than 0"),
    ({"lr": [0.1, True]}, "lr.1", "expected a finite number, not true"),
    ({"lr": [0.1, "1e-1"]}, "lr.1", "'1e-1' stands there already, as 0.1"),
    ({"init": ["he", "kaiming"]}, "init.1", "'kaiming' stands there already, as 'he'"),
    ({"activation": ["relu", "reul"]}, "activation.1", "did you mean 'relu'?"),
    ({"hidden": [[8], [0]]}, "hidden.1", "needs one or more widths of at least 1, not [0]"),
    ({"hidden": [[8], 8]}, "hidden.1", "expected a list, not 8"),
    ({"lr": {"uniform": [1, 0.1]}}, "lr.uniform", "the lowest value comes first"),
    ({"lr": {"uniform": [0.1]}}, "lr.uniform", "[low, high]"),
    ({"weight_decay": {"log_uniform": [0, 1]}}, "weight_decay.log_uniform.0", "above 0"),
    ({"batch_size": {"uniform": [8, 64]}}, "batch_size.uniform", "say integers or log_integers"),
    ({"dropout_rate": {"integers": [0.5, 1]}}, "dropout_rate.integers.0", "a whole number, not 0.5"),
    ({"batch_size": {"integers": [8, 64], "step": 0}}, "batch_size.step", "at least 1, not 0"),
    ({"activation": {"uniform": [0, 1]}}, "activation.uniform.0", "expected"),
    ({"lr": [0.1], "recipe.lr": [0.2]}, "recipe.lr", "sets what lr sets"),
    ({"dropout": [0.1, 0.2], "dropout_rate": [0.5]}, "dropout", "takes false and true only"),
    ({"dropout": [False, True]}, "dropout.1", "dropout: true needs a rate"),
    ({"depth": [1, 2]}, "depth.0", "depth goes with budget"),
    (
        {"lr": {"values": [0.1], "when": {"activatio": "relu"}}, "activation": ["relu"]},
        "lr.when.activatio",
        "'activation'",
    ),
    (
        {"lr": {"values": [0.1], "when": {"activation": "rel"}}, "activation": ["relu"]},
        "lr.when.activation",
        "did you mean 'relu'?",
    ),
    (
        {"lr": {"values": [0.1], "when": {"dropout": {"uniform": [0, 1]}}}, "dropout": [0.5]},
        "lr.when.dropout",
        "no value of dropout",
    ),
    (
        {"lr": {"values": [0.1], "when": {"momentum": 0.5}}, "momentum": {"uniform": [0.1, 0.9]}},
        "lr.when.momentum",
        "is a range",
    ),
    ({"lr": {"values": [0.1], "when": ["dropout"]}}, "lr.when", "expected axes with the values"),
    ({"model": ["linear", "mpl"]}, "model.1", "did you mean 'mlp'?"),
    ({"model": ["linear"], "hidden": [[4]]}, "hidden", "unknown axis 'hidden'"),
    (
        {
            "lr": {"values": [0.1, 0.2], "when": {"momentum": 0.5}},
            "momentum": {"values": [0.5], "when": {"lr": 0.1}},
        },
        "lr.when",
        "a circle: lr depends on momentum depends on lr",
    ),
]


@pytest.mark.parametrize(("over", "where", "what"), MISTAKES, ids=[where for _, where, _ in MISTAKES])
def test_a_mistake_is_named_at_its_place(complaint, over, where, what):
    found = complaint(over)
    assert found[0] == where
    assert what in found[1]
    assert "\n" not in found[1]


def test_a_value_that_no_point_admits_is_a_mistake(complaint):
    over = {"optimizer": ["sgd"], "momentum": [0.0], "nesterov": [False, True]}
    assert complaint(over) == ("nesterov.1", "nesterov needs momentum above 0")


def test_a_value_that_some_point_admits_is_none():
    assert make_space({"optimizer": ["sgd"], "momentum": [0.0, 0.9], "nesterov": [False, True]}).declared == 4


def test_layers_cut_widths_not_a_budget(complaint):
    where, what = complaint({"layers": [1, 2]}, model={"mlp": {"budget": 500}})
    assert (where, what) == ("layers.0", "layers cuts hidden, which is not given; a budget goes with depth")


def test_yes_means_the_rate_of_the_recipe_where_it_has_one():
    space = make_space({"dropout": [False, True]}, recipe=Recipe(dropout=0.3))
    assert [candidate.recipe.dropout for candidate in space.candidates()] == [0.0, 0.3]
