"""Widths for a weight budget: never over it, near the start, and of two widths the best there is."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.errors import UsageError
from bakeoff.models import build, resolve, totals

FASHION, CIFAR = (1, 28, 28), (3, 32, 32)


def count(model, shape=FASHION, classes=10) -> int:
    return totals(build(model, input_shape=shape, classes=classes)).parameters


def widths_of(resolved) -> list[int]:
    arguments = next(iter(resolved.model.values()))
    return arguments["hidden"] if "hidden" in arguments else arguments["channels"]


def start(name: str, budget: int, depth: int, shape, **arguments) -> list[int]:
    """The widest equal (mlp) or doubling (cnn) widths within the budget, found by trying one after the other."""
    key = {"mlp": "hidden", "cnn": "channels"}[name]
    found: list[int] = []
    widths = [2**i if name == "cnn" else 1 for i in range(depth)]
    while count({name: {key: widths, **arguments}}, shape) <= budget:
        found = widths
        widths = [w + (2**i if name == "cnn" else 1) for i, w in enumerate(widths)]
    return found


@settings(max_examples=40)
@given(
    st.sampled_from(["mlp", "cnn"]),
    st.integers(20_000, 300_000),
    st.integers(1, 4),
    st.sampled_from([3, 5]),
    st.sampled_from(["none", "after"]),
    st.sampled_from([FASHION, CIFAR]),
)
def test_never_over_and_near_the_start(name, budget, depth, kernel, norm, shape):
    extra = {"batch_norm": norm} | ({"kernel": kernel} if name == "cnn" else {})
    resolved = resolve({name: {"budget": budget, "depth": depth, **extra}}, shape, 10)
    found, origin = widths_of(resolved), start(name, budget, depth, shape, **extra)
    used = count(resolved.model, shape)
    assert count({name: {("channels" if name == "cnn" else "hidden"): origin, **extra}}, shape) <= used <= budget
    assert len(found) == depth
    assert all(math.ceil(0.75 * s) <= w <= math.floor(1.25 * s) for w, s in zip(found, origin, strict=True))
    assert resolve({name: {"budget": budget, "depth": depth, **extra}}, shape, 10) == resolved
    assert f"{used:,} weights" in resolved.note
    assert "-".join(map(str, found)) in resolved.note


@settings(max_examples=40)
@given(st.integers(50_000, 2_000_000), st.integers(2, 4), st.sampled_from([3, 5]), st.sampled_from(["mlp", "cnn"]))
def test_at_least_99_percent(budget, depth, kernel, name):
    extra = {"kernel": kernel} if name == "cnn" else {}
    resolved = resolve({name: {"budget": budget, "depth": depth, **extra}}, FASHION, 10)
    assert 0.99 * budget <= count(resolved.model) <= budget


@pytest.mark.parametrize("depth", range(2, 9))
@pytest.mark.parametrize("budget", [50_000, 100_000, 200_000, 1_000_000])
def test_deep_mlps(budget, depth):
    assert 0.99 * budget <= count(resolve({"mlp": {"budget": budget, "depth": depth}}, FASHION, 10).model) <= budget


@pytest.mark.parametrize(
    ("name", "arguments", "budget", "shape"),
    [
        ("cnn", {"kernel": 5}, 10_000, FASHION),
        ("cnn", {"kernel": 5}, 20_000, FASHION),
        ("cnn", {"kernel": 5}, 50_000, FASHION),
        ("cnn", {"kernel": 3, "dense": [64]}, 50_000, CIFAR),
        ("mlp", {}, 60_000, CIFAR),
        ("mlp", {"batch_norm": "before"}, 20_000, FASHION),
    ],
)
def test_two_widths_are_searched_completely(name, arguments, budget, shape):
    """Every pair within a quarter of the start, tried one by one, gives no more than what `resolve` found."""
    key = {"mlp": "hidden", "cnn": "channels"}[name]
    ranges = [range(math.ceil(0.75 * s), math.floor(1.25 * s) + 1) for s in start(name, budget, 2, shape, **arguments)]
    counts = [count({name: {key: pair, **arguments}}, shape) for pair in itertools.product(*ranges)]
    resolved = resolve({name: {"budget": budget, "depth": 2, **arguments}}, shape, 10)
    assert count(resolved.model, shape) == max(c for c in counts if c <= budget)


def test_depth_is_two_unless_told():
    assert resolve({"mlp": {"budget": 70_000}}, FASHION, 10) == resolve(
        {"mlp": {"budget": 70_000, "depth": 2}}, FASHION, 10
    )


def test_the_note_says_what_was_chosen():
    resolved = resolve({"cnn": {"budget": 20_000, "kernel": 5}}, FASHION, 10)
    assert resolved.note == "budget 20,000: widths 13-24, 19,932 weights (99.6% of it)"
    assert resolve({"cnn": {"channels": [13, 24], "kernel": 5}}, FASHION, 10).note is None


@settings(max_examples=25)
@given(st.integers(7_000, 60_000))
def test_the_share_is_never_rounded_up(budget):
    resolved = resolve({"mlp": {"budget": budget, "depth": 2}}, FASHION, 10)
    share = float(resolved.note.split("(")[1].split("%")[0])
    used = count(resolved.model)
    assert share <= 100 * used / budget + 1e-9
    assert (share == 100) == (used == budget)


def test_the_smallest_budget_that_works():
    """784 + 1 weights of one unit, 1 + 1 of the next, 2 x 10 of the output: 807."""
    assert widths_of(resolve({"mlp": {"budget": 807, "depth": 2}}, FASHION, 10)) == [1, 1]
    with pytest.raises(UsageError) as caught:
        resolve({"mlp": {"budget": 806, "depth": 2}}, FASHION, 10)
    assert str(caught.value) == (
        "model mlp: a budget of 806 weights is too small; the narrowest network of depth 2 has 807"
    )


@pytest.mark.parametrize(
    ("model", "told"), [({"cnn": {"budget": 50_000, "depth": 5}}, "shrink to nothing in 5 blocks")]
)
def test_a_depth_that_cannot_be_built(model, told):
    with pytest.raises(UsageError, match=told):
        resolve(model, FASHION, 10)
