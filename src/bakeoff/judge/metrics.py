"""Figures of merit from logits. Shapes: N examples, K classes; confusion counts have the true class on rows."""

from __future__ import annotations

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """float64 [N, K], rows sum to 1."""
    shifted = np.exp(logits.astype(float) - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Share of examples whose largest logit is the true class, 0..1."""
    return float((logits.argmax(1) == labels).mean())


def confusion(logits: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """int64 [K, K] counts; `labels` of any integer type, 0..k-1."""
    # As int64 first: labels stored in a byte would overflow at k = 16.
    return np.bincount(labels.astype(np.int64) * k + logits.argmax(1), minlength=k * k).reshape(k, k)


def per_class(counts: np.ndarray) -> dict[str, np.ndarray]:
    """`precision` (NaN for a class never predicted), `recall` and `f1` (0 where undefined), `support`; each [K]."""
    right, support, predicted = counts.diagonal().astype(float), counts.sum(1), counts.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = right / predicted
        recall = np.nan_to_num(right / support)
        f1 = np.nan_to_num(2 * right / (support + predicted))
    return {"precision": precision, "recall": recall, "f1": f1, "support": support}


def macro_f1(counts: np.ndarray) -> float:
    """Mean F1 over the classes that occur, as truth or as prediction, 0..1 (scikit-learn's default)."""
    occurs = counts.sum(0) + counts.sum(1) > 0
    return float(per_class(counts)["f1"][occurs].mean())


def balanced_accuracy(counts: np.ndarray) -> float:
    """Mean recall over classes that have examples, 0..1."""
    found = per_class(counts)
    return float(found["recall"][found["support"] > 0].mean())


def nll(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean negative log-probability of the true class, nats."""
    return float(per_image_nll(logits, labels).mean())


def per_image_nll(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """float64 [N]: minus the log-probability of the true class."""
    shifted = logits.astype(float) - logits.max(1, keepdims=True)
    return np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]


def brier(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean squared distance of the probabilities to the one-hot truth, 0..2 (Brier 1950)."""
    return float(per_image_brier(logits, labels).mean())


def per_image_brier(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """float64 [N], 0..2"""
    probabilities = softmax(logits)
    probabilities[np.arange(len(labels)), labels] -= 1
    return (probabilities**2).sum(1)


BINS = 15


def confidence_bins(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """int [N]: the bin of each confidence 0..1, of equal width and closed above."""
    return np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)


def ece(logits: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error over equal-width bins of confidence, 0..1 (Guo et al. 2017, eq. 3)."""
    confidence = softmax(logits).max(1)
    right = logits.argmax(1) == labels
    gaps = np.bincount(confidence_bins(confidence, bins), right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))
