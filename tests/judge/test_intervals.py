"""Intervals against statsmodels, published examples, and their own coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from bakeoff.judge import metrics
from bakeoff.judge.intervals import bootstrap_confusion, bootstrap_mean, newcombe_independent, newcombe_paired, wilson


@given(st.integers(1, 2000), st.floats(0, 1))
@settings(max_examples=100)
def test_wilson_is_that_of_statsmodels(n: int, share: float) -> None:
    x = round(share * n)
    low, high = proportion_confint(x, n, method="wilson")
    ours = wilson(x, n)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=1e-9)
    assert ours.kind == "Wilson"


@given(st.integers(2, 500), st.floats(0, 1), st.integers(2, 500), st.floats(0, 1))
@settings(max_examples=100)
def test_independent_difference_is_that_of_statsmodels(n1: int, p1: float, n2: int, p2: float) -> None:
    x1, x2 = round(p1 * n1), round(p2 * n2)
    low, high = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff")
    ours = newcombe_independent(x1, n1, x2, n2)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=1e-6)


def test_paired_difference_of_newcombes_table() -> None:
    """Newcombe 1998, Statist. Med. 17:2635, Table II, method 10."""
    for cells, low, high in (((36, 12, 2, 0), 0.0569, 0.3404), ((36, 14, 0, 0), 0.1528, 0.4167)):
        ours = newcombe_paired(*cells)
        assert (ours.low, ours.high) == pytest.approx((low, high), abs=5e-4)


def test_paired_interval_covers() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.8, 0.07, 0.05, 0.08])
    inside = [
        interval.low <= 0.02 <= interval.high
        for cells in rng.multinomial(600, shares, 3000)
        for interval in [newcombe_paired(*map(int, cells))]
    ]
    assert 0.935 <= np.mean(inside) <= 0.97


def test_bootstrap_of_a_mean_is_close_to_the_normal_interval() -> None:
    values = np.random.default_rng(1).exponential(1.0, (3, 4000))
    ours = bootstrap_mean(values)
    half = 1.96 * values.mean(0).std(ddof=1) / np.sqrt(4000)
    assert ours.high - ours.low == pytest.approx(2 * half, rel=0.1)
    assert ours.low < values.mean() < ours.high
    assert bootstrap_mean(values) == ours


def test_bootstrap_of_a_confusion_statistic_agrees_with_redrawing_images() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 4, 800)
    predicted = np.where(rng.random((2, 800)) < 0.8, labels, rng.integers(0, 4, (2, 800)))
    (ours,) = bootstrap_confusion(labels, predicted, [metrics.macro_f1])

    def counts(rows: np.ndarray, guesses: np.ndarray) -> np.ndarray:
        return np.bincount(labels[rows] * 4 + guesses[rows], minlength=16).reshape(4, 4)

    plain = [
        np.mean([metrics.macro_f1(counts(rows, guesses)) for guesses in predicted])
        for rows in rng.integers(0, 800, (1500, 800))
    ]
    assert (ours.low, ours.high) == pytest.approx(tuple(np.quantile(plain, [0.025, 0.975])), abs=0.004)


def test_bootstrap_of_a_set_that_lacks_the_last_class_holds_the_figure_itself() -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], 200)
    predicted = np.where(rng.random((2, 400)) < 0.9, labels, 1 - labels)
    figure = np.mean([metrics.macro_f1(metrics.confusion(np.eye(3)[p], labels, 3)) for p in predicted])
    (interval,) = bootstrap_confusion(labels, predicted, [metrics.macro_f1])
    assert interval.low < figure < interval.high


def test_bootstrap_keeps_seeds_crossed() -> None:
    """Two seeds that err on the same pictures are as unsure as one; on other pictures, less so."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, 2000)
    one, other = (np.where(rng.random(2000) < 0.8, labels, 1 - labels) for _ in range(2))

    def width(*predicted: np.ndarray) -> float:
        (interval,) = bootstrap_confusion(labels, np.stack(predicted), [metrics.balanced_accuracy])
        return interval.high - interval.low

    assert width(one, one) == pytest.approx(width(one), rel=0.08)
    assert width(one, other) == pytest.approx(width(one) / np.sqrt(2), rel=0.08)


def test_bootstrap_keeps_all_classes_in_view() -> None:
    labels = np.array([0, 0, 1, 1, 2])
    predicted = np.array([[0, 0, 1, 1, 0]])
    (interval,) = bootstrap_confusion(labels, predicted, [metrics.balanced_accuracy])
    assert 0 <= interval.low <= 2 / 3 <= interval.high <= 1
