"""Weights and multiplications, layer by layer: the numbers that the five reports print, and the real tensors."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.models import build, compile_forward, initialise, table, totals

FASHION, CIFAR = (1, 28, 28), (3, 32, 32)

REPORTED = [
    ("D1", {"mlp": {"hidden": [59, 49]}}, FASHION, 49_755),
    ("D2", {"mlp": {"hidden": [112, 106]}}, FASHION, 100_968),
    ("D3", {"mlp": {"hidden": [205, 189]}}, FASHION, 201_759),
    ("D4", {"cnn": {"channels": [7, 14], "kernel": 5}}, FASHION, 9_516),
    ("D5", {"cnn": {"channels": [12, 24], "kernel": 5}}, FASHION, 19_306),
    ("D6", {"cnn": {"channels": [23, 46], "kernel": 5}}, FASHION, 49_644),
    ("D7", {"cnn": {"channels": [40, 64], "kernel": 5}}, FASHION, 96_474),
    ("B1", {"mlp": {"hidden": [300, 200, 100]}}, FASHION, 316_810),
    ("B2", {"mlp": {"hidden": [200, 200, 200]}}, FASHION, 239_410),
    ("B3", {"mlp": {"hidden": [175, 250, 175]}}, FASHION, 227_060),
    ("A1", {"mlp": {"hidden": [300, 300, 200, 100]}}, FASHION, 407_110),
    ("E1", {"linear": {}}, CIFAR, 30_730),
    ("E2", {"mlp": {"hidden": [200], "activation": "sigmoid"}}, CIFAR, 616_610),
    ("E4", {"cnn": {"channels": [32, 64, 64], "dense": [64]}}, CIFAR, 122_570),
]


@pytest.mark.parametrize(("model", "shape", "count"), [row[1:] for row in REPORTED], ids=[row[0] for row in REPORTED])
def test_counts_of_the_reports(model, shape, count):
    whole = totals(build(model, input_shape=shape, classes=10))
    assert (whole.parameters, whole.trainable, whole.buffers, whole.keras_total) == (count, count, 0, count)


def test_batch_norm_counts_as_keras_does():
    """Statistics of 300 and 100 units: 800 that Keras adds to the total and calls non-trainable."""
    plain = totals(build({"mlp": {"hidden": [300, 100]}}, input_shape=FASHION, classes=10))
    normed = totals(build({"mlp": {"hidden": [300, 100], "batch_norm": "after"}}, input_shape=FASHION, classes=10))
    assert normed.parameters == normed.trainable == plain.parameters + 800
    assert normed.buffers == 800
    assert normed.keras_total == plain.parameters + 1600


def test_dropout_adds_no_weights():
    for model in ({"mlp": {"hidden": [59, 49]}}, {"cnn": {"channels": [7, 14], "kernel": 5, "dense": [20, 15]}}):
        without, with_it = (build(model, input_shape=FASHION, classes=10, dropout=rate) for rate in (0.0, 0.5))
        assert len(with_it.layers) == len(without.layers) + 2
        assert totals(with_it) == totals(without)


def test_layer_table_of_a_cnn():
    rows = table(build({"cnn": {"channels": [32, 8], "dense": [20]}}, input_shape=CIFAR, classes=10, dropout=0.25))
    assert [(r.name, r.kind, r.output_shape, r.parameters) for r in rows] == [
        ("0", "conv 3x3", (32, 32, 32), 896),
        ("1", "relu", (32, 32, 32), 0),
        ("2", "max pool 2x2", (32, 16, 16), 0),
        ("3", "conv 3x3", (8, 16, 16), 2_312),
        ("4", "relu", (8, 16, 16), 0),
        ("5", "max pool 2x2", (8, 8, 8), 0),
        ("6", "flatten", (512,), 0),
        ("7", "dense", (20,), 10_260),
        ("8", "relu", (20,), 0),
        ("9", "dropout 0.25", (20,), 0),
        ("10", "dense", (10,), 210),
    ]
    assert [r.formula for r in rows if r.parameters] == [
        "[3 x (3 x 3) + 1] x 32 = 896",
        "[32 x (3 x 3) + 1] x 8 = 2,312",
        "[512 + 1] x 20 = 10,260",
        "[20 + 1] x 10 = 210",
    ]
    assert [r.macs for r in rows if r.macs] == [32 * 32 * 27 * 32, 16 * 16 * 288 * 8, 512 * 20, 20 * 10]
    whole = totals(build({"cnn": {"channels": [32, 8], "dense": [20]}}, input_shape=CIFAR, classes=10))
    assert whole.macs == sum(r.macs for r in rows)
    assert whole.flops_forward == 2 * whole.macs


def test_multiplications_of_report_a():
    """A plain 3x3 convolution of a 32x32 RGB picture to 256 maps, unpadded: 30 x 30 x 27 x 256."""
    network = build({"cnn": {"channels": [256], "padding": "valid", "pool": "none"}}, input_shape=CIFAR, classes=10)
    assert table(network)[0].macs == 6_220_800


def test_layer_table_of_a_batch_norm():
    rows = table(build({"mlp": {"hidden": [59], "batch_norm": "before"}}, input_shape=FASHION, classes=10))
    assert [r.kind for r in rows] == ["flatten", "dense", "batch norm", "relu", "dense"]
    assert (rows[2].parameters, rows[2].buffers) == (118, 118)
    assert rows[2].formula.startswith("2 x 59 = 118")


BATCH_NORMS = st.sampled_from(["none", "before", "after"])
MODELS = st.one_of(
    st.just({"linear": {}}),
    st.builds(
        lambda hidden, norm: {"mlp": {"hidden": hidden, "batch_norm": norm}},
        st.lists(st.integers(1, 40), min_size=1, max_size=4),
        BATCH_NORMS,
    ),
    st.builds(
        lambda channels, kernel, padding, pool, norm, dense: {
            "cnn": {
                "channels": channels,
                "kernel": kernel,
                "padding": padding,
                "pool": pool,
                "batch_norm": norm,
                "dense": dense,
            }
        },
        st.lists(st.integers(1, 8), min_size=1, max_size=2),
        st.sampled_from([1, 3, 5]),
        st.sampled_from(["same", 1, 2]),
        st.sampled_from(["max", "avg", "none"]),
        BATCH_NORMS,
        st.lists(st.integers(1, 12), max_size=2),
    ),
)


@settings(max_examples=60)
@given(
    MODELS,
    st.tuples(st.sampled_from([1, 3]), st.integers(12, 20), st.integers(12, 20)),
    st.integers(2, 12),
    st.sampled_from([0.0, 0.5]),
)
def test_counted_is_what_there_is(model, shape, classes, dropout):
    """Counts and shapes come from the description alone; here they meet the tensors that are really made."""
    network = build(model, input_shape=shape, classes=classes, dropout=dropout)
    tensors = initialise(network, "torch", 0)
    whole = totals(network)
    running = {name for name in tensors if "running" in name}
    assert whole.buffers == sum(tensors[name].numel() for name in running)
    assert whole.parameters == sum(t.numel() for name, t in tensors.items() if name not in running)
    for row in table(network):
        own = [t.numel() for name, t in tensors.items() if name.startswith(f"{row.name}.") and name not in running]
        assert row.parameters == sum(own)
    logits = compile_forward(network)(tensors, torch.rand(2, *shape))
    assert logits.shape == (2, classes)
    assert table(network)[-1].output_shape == (classes,)
