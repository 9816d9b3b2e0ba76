"""Confidence intervals for shares, differences of shares, and means over test images.

Shapes: S seeds, N test images.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from bakeoff.judge.results import Interval

DRAWS = 1000


def _z(level: float) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))


def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a share (Wilson 1927). n = 0 gives [0, 1]."""
    if n == 0:
        return Interval(low=0.0, high=1.0, kind="Wilson", level=level)
    low, high = score_limits(successes / n, n, _z(level))
    return Interval(low=low, high=high, kind="Wilson", level=level)


def mean_interval(values: Sequence[float] | np.ndarray, kind: str) -> Interval | None:
    """Student's t interval of the mean of `values` [N]. None with fewer than two."""
    n = len(values)
    if n < 2:
        return None
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5)
    mean = float(np.mean(values))
    return Interval(low=mean - half, high=mean + half, kind=kind)


def score_limits(share: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's limits of a share seen in `n` (also fractional, an effective number) trials, `quantile` standard errors
    to each side. Never outside 0..1, and never of width 0."""
    square = quantile * quantile / n
    centre = (share + square / 2) / (1 + square)
    half = math.sqrt(share * (1 - share) * square + square * square / 4) / (1 + square)
    # Rounding must not leave an observed 0 or 1 outside its own interval.
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def shares_mean(shares: Sequence[float], n: int) -> Interval:
    """The 95% interval of a mean over seeds, for new seeds and new images, where one accuracy 0..1 a seed is known but
    not which of the `n` images were right; with one seed Wilson's. As if every seed had met images of its own: the
    noise of images is in the spread over seeds too, so it errs on the long side.

    Wilson's limits at the effective number of images, with a t quantile at Satterthwaite's (1946) degrees of freedom.
    """
    s, mean = len(shares), float(np.mean(shares))
    if s < 2:
        return wilson(mean * n, n)
    images, seeds = mean * (1 - mean) / n, float(np.var(shares, ddof=1)) / s
    freedom, effective = 1e6, float(n)
    if images > 0:
        freedom = (images + seeds) ** 2 / (seeds**2 / (s - 1) + images**2 / max(1, n - 1))
        effective = mean * (1 - mean) / (images + seeds)
    low, high = score_limits(mean, effective, float(stats.t.ppf(0.975, freedom)))
    return Interval(low=low, high=high, kind="seeds + images, score")


def newcombe_independent(x1: float, n1: int, x2: float, n2: int, level: float = 0.95) -> Interval:
    """Difference of two independent shares (Newcombe 1998, Statist. Med. 17:873, method 10)."""
    p1, p2 = x1 / n1, x2 / n2
    a, b = wilson(x1, n1, level), wilson(x2, n2, level)
    low = p1 - p2 - math.hypot(p1 - a.low, b.high - p2)
    high = p1 - p2 + math.hypot(a.high - p1, p2 - b.low)
    return Interval(low=low, high=high, kind="Newcombe, independent", level=level)


def newcombe_paired(both: int, only_a: int, only_b: int, neither: int, level: float = 0.95) -> Interval:
    """Difference a - b of two paired shares (Newcombe 1998, Statist. Med. 17:2635, method 10)."""
    n = both + only_a + only_b + neither
    p1, p2 = (both + only_a) / n, (both + only_b) / n
    a, b = wilson(both + only_a, n, level), wilson(both + only_b, n, level)
    phi = _phi(both, only_a, only_b, neither, n)
    down = (p1 - a.low) ** 2 - 2 * phi * (p1 - a.low) * (b.high - p2) + (b.high - p2) ** 2
    up = (p2 - b.low) ** 2 - 2 * phi * (p2 - b.low) * (a.high - p1) + (a.high - p1) ** 2
    low, high = p1 - p2 - math.sqrt(max(0.0, down)), p1 - p2 + math.sqrt(max(0.0, up))
    return Interval(low=max(-1.0, low), high=min(1.0, high), kind="Newcombe, paired", level=level)


def _phi(both: int, only_a: int, only_b: int, neither: int, n: int) -> float:
    """The correlation of the two outcomes, with the paper's continuity correction when it is positive."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    cross: float = both * neither - only_a * only_b
    if cross > 0:
        cross = max(cross - n / 2, 0)
    return cross / math.sqrt(margins)


def _percentiles(draws: np.ndarray, level: float) -> Interval:
    low, high = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(low=float(low), high=float(high), kind="bootstrap over images", level=level)


def bootstrap_mean(values: np.ndarray, *, draws: int = DRAWS, seed: int = 0, level: float = 0.95) -> Interval:
    """Percentile interval of the mean of `values` [S, N], averaged over seeds, over redrawn images."""
    per_image = values.mean(0)
    rng = np.random.Generator(np.random.PCG64(seed))
    n = len(per_image)
    means = np.array([per_image[rng.integers(0, n, n)].mean() for _ in range(draws)])
    return _percentiles(means, level)


def bootstrap_confusion(
    labels: np.ndarray,
    predicted: np.ndarray,
    statistics: Sequence[Callable[[np.ndarray], float]],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> list[Interval]:
    """Percentile intervals, one for each of `statistics` of a confusion matrix [K, K], averaged over seeds, over
    redrawn images, which are the same for all of them.

    `labels` [N], `predicted` [S, N]. Images are redrawn once for all seeds. Within one seed a redrawn matrix is a
    multinomial draw of its cells; to keep the seeds crossed, whole patterns (label and all seeds' predictions) are
    drawn instead.
    """
    k = int(max(labels.max(), predicted.max())) + 1
    patterns, counts = np.unique(np.vstack([labels, predicted]), axis=1, return_counts=True)
    cells = patterns[0] * k + patterns[1:]
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = rng.multinomial(len(labels), counts / counts.sum(), size=draws)
    found = np.empty((len(statistics), draws))
    for i, weights in enumerate(drawn):
        tables = [np.bincount(row, weights, minlength=k * k).reshape(k, k) for row in cells]
        found[:, i] = [np.mean([statistic(table) for table in tables]) for statistic in statistics]
    return [_percentiles(of_one, level) for of_one in found]
