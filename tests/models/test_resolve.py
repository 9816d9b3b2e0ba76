"""Models as a study writes them: one canonical form, and one clear line for what cannot be built."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.errors import UsageError
from bakeoff.models import architectures, build, resolve
from bakeoff.models.layers import Activation, BatchNorm, Conv, Dense, Dropout, Flatten, Pool
from bakeoff.recipe import canonical

FASHION = (1, 28, 28)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"linear": None}, {"linear": {}}),
        ({"mlp": {"hidden": (64, 32)}}, {"mlp": {"batch_norm": "none", "activation": "relu", "hidden": [64, 32]}}),
        ({"mlp": {"hidden": [9, 8], "dropout_layers": [2, 1, 2]}}, {"mlp": {"hidden": [9, 8]}}),
        ({"mlp": {"hidden": [64.0]}}, {"mlp": {"hidden": [64]}}),
        ({"cnn": {"channels": [7, 14]}}, {"cnn": {"channels": [7, 14], "kernel": 3, "padding": "same", "dense": []}}),
        ({"cnn": {"channels": [13, 24], "kernel": 5}}, {"cnn": {"budget": 20_000, "depth": 2, "kernel": 5}}),
    ],
)
def test_two_spellings_of_one_model_are_one(one, other):
    first, second = (resolve(model, FASHION, 10).model for model in (one, other))
    assert canonical(first) == canonical(second)


@settings(max_examples=30)
@given(
    st.sampled_from(
        [
            {"linear": {}},
            {"mlp": {"budget": 30_000, "depth": 3}},
            {"mlp": {"hidden": [5], "activation": "gelu"}},
            {"cnn": {"budget": 9_000, "padding": 1}},
            {"cnn": {"channels": [3, 4], "dense": [9], "pool": "avg", "padding": "valid"}},
        ]
    ),
    st.integers(2, 20),
)
def test_resolving_again_changes_nothing(model, classes):
    once = resolve(model, FASHION, classes)
    again = resolve(once.model, FASHION, classes)
    assert again.model == once.model
    assert again.note is None
    assert not {"budget", "depth"} & set(next(iter(once.model.values())))


def test_resolve_leaves_its_argument_alone():
    model = {"cnn": {"budget": 20_000, "kernel": 5}}
    resolve(model, FASHION, 10)
    assert model == {"cnn": {"budget": 20_000, "kernel": 5}}


def test_dropout_where_it_was_asked_for():
    network = build({"mlp": {"hidden": [6, 5], "dropout_layers": [2]}}, input_shape=FASHION, classes=10, dropout=0.5)
    relu, dropout = Activation("relu"), Dropout(0.5)
    assert network.layers == (Flatten(), Dense(784, 6), relu, Dense(6, 5), relu, dropout, Dense(5, 10))


BAD = [
    ({"mpl": {"hidden": [5]}}, "unknown architecture 'mpl'; did you mean 'mlp'?"),
    (
        {"transformer": {}},
        "unknown architecture 'transformer'; choose from alexnet, cnn, linear, mlp, onnx, pretrained, residual",
    ),
    ({"mlp": {"hiden": [5]}}, "model mlp: unknown key 'hiden'; did you mean 'hidden'?"),
    ({"cnn": {"channels": [5], "kernal": 3}}, "model cnn: unknown key 'kernal'; did you mean 'kernel'?"),
    ({"linear": {"width": 3}}, "model linear: unknown key 'width'"),
    (
        {"mlp": {"hidden": [5], "activation": "rleu"}},
        "model mlp: activation: unknown choice 'rleu'; did you mean 'relu'?",
    ),
    ({"mlp": {}}, "model mlp: give either hidden or budget"),
    ({"mlp": {"hidden": [5], "budget": 1000}}, "model mlp: give either hidden or budget"),
    ({"cnn": {"kernel": 3}}, "model cnn: give either channels or budget"),
    (
        {"mlp": {"hidden": [5, 6], "dropout_layers": [3]}},
        "model mlp: dropout_layers: there are hidden layers 1 to 2, not [3]",
    ),
    ({"mlp": {"hidden": [5, 6], "depth": 2}}, "model mlp: depth goes with budget"),
    ({"mlp": {"hidden": []}}, "model mlp: hidden: needs one or more widths"),
    ({"mlp": {"hidden": [5, 0]}}, "model mlp: hidden: needs one or more widths of at least 1, not [5, 0]"),
    ({"mlp": {"hidden": 5}}, "model mlp: hidden: "),
    ({"mlp": {"hidden": ["wide"]}}, "model mlp: hidden.0: "),
    ({"mlp": {"budget": 0}}, "model mlp: budget: "),
    ({"cnn": {"channels": [5], "dense": [0]}}, "model cnn: dense: widths must be at least 1, not [0]"),
    ({"cnn": {"channels": [5], "kernel": 4}}, "model cnn: padding: same needs an odd kernel, not 4"),
    ({"cnn": {"channels": [5], "padding": -1}}, "model cnn: padding: -1 is negative"),
    (
        {"cnn": {"channels": [5], "padding": "full"}},
        "model cnn: padding: unknown choice 'full'; choose from same, valid",
    ),
    ({"cnn": {"channels": [5], "kernel": 0}}, "model cnn: kernel: "),
    ({"cnn": {"channels": [5] * 5}}, "model cnn: pictures of 28 x 28 pixels shrink to nothing in 5 blocks"),
    ({"cnn": {"channels": [5], "kernel": 31, "padding": "valid"}}, "model cnn: pictures of 28 x 28 pixels shrink"),
    ({"mlp": [5]}, "model mlp: expected arguments as key: value, not [5]"),
    ({"mlp": {"hidden": [5]}, "cnn": {"channels": [5]}}, "a model is one architecture with its arguments"),
    ({}, "a model is one architecture with its arguments"),
    ("mlp", "a model is one architecture with its arguments"),
]


@pytest.mark.parametrize(("model", "told"), BAD, ids=[told for _, told in BAD])
def test_one_clear_line_for_what_cannot_be_built(model, told):
    with pytest.raises(UsageError) as caught:
        resolve(model, FASHION, 10)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_wrong_choice_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'relu'"):
        resolve({"mlp": {"hidden": [5], "activation": "rleu"}}, FASHION, 10)
    with pytest.raises(UsageError, match="did you mean 'before'"):
        resolve({"mlp": {"hidden": [5], "batch_norm": "befor"}}, FASHION, 10)


def test_shrinking_names_the_way_out():
    with pytest.raises(UsageError, match="use fewer blocks, a smaller kernel or padding: same"):
        resolve({"cnn": {"channels": [5] * 9}}, FASHION, 10)


def test_build_wants_widths():
    with pytest.raises(UsageError, match="budget must be resolved into widths first"):
        build({"mlp": {"budget": 1000}}, input_shape=FASHION, classes=10)


def test_linear_layers():
    assert build({"linear": {}}, input_shape=(3, 4, 5), classes=7).layers == (Flatten(), Dense(60, 7))
    dropping = build({"linear": {}}, input_shape=(3, 4, 5), classes=7, dropout=0.2)
    assert dropping.layers == (Flatten(), Dropout(0.2), Dense(60, 7))


def test_mlp_layers():
    network = build({"mlp": {"hidden": [8], "batch_norm": "after"}}, input_shape=(1, 2, 3), classes=4, dropout=0.5)
    assert network.layers == (Flatten(), Dense(6, 8), Activation("relu"), BatchNorm(8), Dropout(0.5), Dense(8, 4))


def test_cnn_layers():
    model = {"cnn": {"channels": [8], "kernel": 5, "batch_norm": "before", "activation": "elu", "dense": [16]}}
    network = build(model, input_shape=(3, 8, 8), classes=4, dropout=0.5)
    assert network.layers == (
        Conv(3, 8, 5, 1, 2),
        BatchNorm(8),
        Activation("elu"),
        Pool("max", 2, 2),
        Flatten(),
        Dense(128, 16),
        Activation("elu"),
        Dropout(0.5),
        Dense(16, 4),
    )


def test_architectures_are_sorted_and_described():
    found = architectures()
    assert [a.name for a in found] == sorted(a.name for a in found)
    assert {"linear", "mlp", "cnn"} <= {a.name for a in found}
    for architecture in found:
        assert architecture.description[-1] == "."
        assert architecture.name not in architecture.description.split(" ", 1)[0]
