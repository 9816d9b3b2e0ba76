"""Every metric against an independent oracle: scikit-learn, torchmetrics, SciPy."""

import contextlib
import importlib

import numpy as np
import pytest
import scipy.special
import sklearn.metrics as sk
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.judge import metrics
from bakeoff.models.vision import import_torchvision

with contextlib.suppress(ImportError):
    import_torchvision()  # torchmetrics imports it if it is there, and that fails beside a CPU-only PyTorch
tm = importlib.import_module("torchmetrics.functional")


def draw(seed: int, n: int = 500, k: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    logits = rng.normal(0, 2, (n, k))
    logits[np.arange(n), labels] += 1.5
    return logits.astype(np.float32), labels


CASES = st.tuples(st.integers(0, 10_000), st.integers(1, 80), st.integers(2, 9))


@given(CASES)
@settings(max_examples=50)
def test_counts_and_rates_are_those_of_scikit_learn(case: tuple[int, int, int]) -> None:
    logits, labels = draw(*case)
    k = case[2]
    predicted = logits.argmax(1)
    counts = metrics.confusion(logits, labels, k)
    assert np.array_equal(counts, sk.confusion_matrix(labels, predicted, labels=range(k)))
    assert metrics.accuracy(logits, labels) == pytest.approx(sk.accuracy_score(labels, predicted))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        labels, predicted, labels=range(k), zero_division=0
    )
    ours = metrics.per_class(counts)
    assert np.allclose(np.nan_to_num(ours["precision"]), precision)
    assert np.isnan(ours["precision"][counts.sum(0) == 0]).all()
    assert np.allclose(ours["recall"], recall)
    assert np.allclose(ours["f1"], f1)
    assert np.array_equal(ours["support"], support)
    assert metrics.macro_f1(counts) == pytest.approx(sk.f1_score(labels, predicted, average="macro", zero_division=0))
    present = np.unique(labels)
    assert metrics.balanced_accuracy(counts) == pytest.approx(recall[present].mean())


def test_losses_and_calibration() -> None:
    logits, labels = draw(1)
    probabilities = metrics.softmax(logits)
    assert np.allclose(probabilities, scipy.special.softmax(logits.astype(float), 1))
    assert metrics.nll(logits, labels) == pytest.approx(sk.log_loss(labels, probabilities))
    onehot = np.eye(6)[labels]
    assert metrics.brier(logits, labels) == pytest.approx(((probabilities - onehot) ** 2).sum(1).mean())
    theirs = tm.calibration_error(
        torch.from_numpy(probabilities),
        torch.from_numpy(labels),
        task="multiclass",
        num_classes=6,
        n_bins=15,
        norm="l1",
    )
    assert metrics.ece(logits, labels) == pytest.approx(float(theirs), abs=1e-6)


def test_macro_f1_leaves_out_a_class_that_never_occurs_as_torchmetrics_does() -> None:
    labels, predicted = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])
    counts = metrics.confusion(np.eye(3)[predicted], labels, 3)
    theirs = tm.f1_score(
        torch.from_numpy(predicted), torch.from_numpy(labels), task="multiclass", num_classes=3, average="macro"
    )
    assert metrics.macro_f1(counts) == pytest.approx(float(theirs)) == pytest.approx((0.8 + 2 / 3) / 2)
    found = metrics.per_class(counts)
    assert np.isnan(found["precision"][2])
    assert (found["recall"][2], found["f1"][2], found["support"][2]) == (0, 0, 0)


def test_labels_kept_in_a_byte_are_counted_right() -> None:
    labels = np.arange(40, dtype=np.uint8)
    assert np.array_equal(metrics.confusion(np.eye(40), labels, 40), np.eye(40, dtype=int))


def test_huge_logits_do_not_overflow() -> None:
    logits = np.array([[1e4, 0.0], [0.0, 1e4]], np.float32)
    assert metrics.nll(logits, np.array([0, 0])) == pytest.approx(5e3)
    assert np.isfinite(metrics.softmax(logits)).all()
