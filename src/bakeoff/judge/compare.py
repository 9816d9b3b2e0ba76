"""Is one entry better than another: for two trained networks, and for two recipes on new seeds and new images.

Shapes: S seeds, N test images. A table of correctness is bool [S, N].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from bakeoff.judge.intervals import score_limits, wilson
from bakeoff.judge.results import Interval, Verdict

CLEARLY_UNEQUAL = 0.01
"""Seed variances are pooled over entries unless an F test of one entry against the others rejects equality at this p,
divided by the number of entries. Only a larger variance counts: pooling it away would shorten intervals."""


FLOOR = 1.96**2
"""The variance over images is never taken as less than this / N^2. With no discordant image the half-width is then
3.84 / N, as Newcombe's paired interval has it; from four discordant images of single runs on, it plays no part."""


def mcnemar_midp(only_a: int, only_b: int) -> float:
    """Two-sided mid-p McNemar test (Fagerland, Lydersen & Laake 2013) of the discordant counts; 1 if there are none."""
    n = only_a + only_b
    if n == 0:
        return 1.0
    low = min(only_a, only_b)
    observed = float(stats.binom.pmf(low, n, 0.5))
    if only_a == only_b:
        return 1 - observed / 2
    return float(2 * stats.binom.cdf(low, n, 0.5)) - observed


@dataclass(frozen=True)
class Crossed:
    """A difference a - b with its crossed variance = images + seeds - residual, t interval and two-sided p."""

    difference: float
    variance_images: float
    variance_seeds: float
    variance_residual: float
    variance: float
    degrees_of_freedom: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class _Parts:
    """Variance of the mean of one table: `images` (over images of the seed means), `seeds` (over seeds of the image
    means), `residual` (what both contain), with the degrees of freedom of `seeds`."""

    images: float
    seeds: float
    residual: float


def _residual(correct: np.ndarray) -> float:
    """Variance of the mean of [S, N] due to what neither seed nor image explains: residual mean square / (S N)."""
    s, n = correct.shape
    if s < 2:
        return 0.0
    x = correct.astype(float)
    left = x - x.mean(0) - x.mean(1, keepdims=True) + x.mean()
    return float((left**2).sum() / ((s - 1) * (n - 1)) / (s * n))


def _seed_variance(correct: np.ndarray) -> float:
    """Variance over seeds of an entry's accuracy (n - 1)."""
    return float(correct.mean(1).var(ddof=1)) if len(correct) > 1 else 0.0


def pooled_seed_variance(tables: Sequence[np.ndarray]) -> float | None:
    """Mean variance over seeds of the entries' accuracies, weighted by degrees of freedom; None if one is clearly
    larger than the others (`CLEARLY_UNEQUAL`) or no table has two seeds."""
    known = [(float(t.mean(1).var(ddof=1)), len(t) - 1) for t in tables if len(t) > 1]
    if not known:
        return None
    variances, freedom = (np.array(column, float) for column in zip(*known, strict=True))
    for i in range(len(known)) if len(known) > 1 else ():
        others = np.delete(np.arange(len(known)), i)
        rest = np.dot(freedom[others], variances[others]) / freedom[others].sum()
        # A spread of nothing over seeds happens by rounding to whole images; their grain is the least it can be.
        rest = max(rest, (1 / tables[0].shape[1]) ** 2)
        if stats.f.sf(variances[i] / rest, freedom[i], freedom[others].sum()) * len(known) < CLEARLY_UNEQUAL:
            return None
    return float(np.dot(freedom, variances) / freedom.sum())


def crossed_difference(
    correct_a: np.ndarray, correct_b: np.ndarray, pooled: float | None = None, pooled_df: float | None = None
) -> Crossed:
    """Difference of mean accuracies of two entries on the same images, with both sources of noise at once.

    The variance of the difference is images + seeds - residual (Obuchowski & Rockette 1995): that over images of the
    difference of seed means holds the residual once, so does that over seeds; it is never less than the larger of
    the two, nor than `FLOOR` allows. Degrees of freedom by Satterthwaite. `pooled`: a seed variance shared by all
    entries, `pooled_df` its degrees of freedom. Each table needs two seeds and two images.
    """
    sa, sb, n = len(correct_a), len(correct_b), correct_a.shape[1]
    per_image = correct_a.mean(0) - correct_b.mean(0)
    images = float(per_image.var(ddof=1) / n)
    va, vb = (_seed_variance(correct_a), _seed_variance(correct_b)) if pooled is None else (pooled, pooled)
    seeds = va / sa + vb / sb
    residual = _residual(correct_a) + _residual(correct_b)
    difference = float(per_image.mean())
    variance = max(images + seeds - residual, images, seeds, FLOOR / n**2)
    parts = [(va / sa, sa - 1), (vb / sb, sb - 1)] if pooled is None else [(seeds, pooled_df or sa + sb - 2)]
    freedom = _satterthwaite(variance, [*parts, (images, n - 1)])
    half = float(stats.t.ppf(0.975, freedom)) * math.sqrt(variance)
    p = float(2 * stats.t.sf(abs(difference) / math.sqrt(variance), freedom))
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    return Crossed(difference, images, seeds, residual, variance, freedom, low, high, p)


def _satterthwaite(variance: float, parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of mean squares (Satterthwaite 1946), at most a million: then t is normal."""
    below = sum(v * v / df for v, df in parts if v > 0)
    return min(variance**2 / below, 1e6) if below > 0 else 1e6


def crossed_mean(correct: np.ndarray) -> tuple[float, Interval]:
    """Mean accuracy of one entry [S, N] and its interval over new seeds and new images; with one seed Wilson's,
    which covers new images only.

    Wilson's limits at the effective number of images, mean x (1 - mean) / variance, with a t quantile: a plain t
    interval would be too short near 1, and of no width for an entry that is always right.
    """
    s, n = correct.shape
    mean = float(correct.mean())
    if s < 2:
        return mean, wilson(float(correct.sum()), n)
    images, seeds = float(correct.mean(0).var(ddof=1) / n), _seed_variance(correct) / s
    variance = max(images + seeds - _residual(correct), images, seeds)
    freedom = _satterthwaite(variance, [(seeds, s - 1), (images, n - 1)])
    effective = min(mean * (1 - mean) / variance, s * n) if variance > 0 else n
    low, high = score_limits(mean, effective, float(stats.t.ppf(0.975, freedom)))
    return mean, Interval(low=low, high=high, kind="seeds x images (Obuchowski-Rockette), score")


def shares_mean(shares: Sequence[float], n: int) -> Interval:
    """The interval of a mean over seeds, for new seeds and new images, where one accuracy 0..1 a seed is known but not
    which of the `n` images were right; with one seed Wilson's. As if every seed had met images of its own: the noise
    of images is in the spread over seeds too, so it errs on the long side."""
    s, mean = len(shares), float(np.mean(shares))
    if s < 2:
        return wilson(mean * n, n)
    images, seeds = mean * (1 - mean) / n, float(np.var(shares, ddof=1)) / s
    freedom = _satterthwaite(images + seeds, [(seeds, s - 1), (images, n - 1)])
    effective = mean * (1 - mean) / (images + seeds) if images > 0 else n
    low, high = score_limits(mean, effective, float(stats.t.ppf(0.975, freedom)))
    return Interval(low=low, high=high, kind="seeds + images, score")


def holm(pvalues: np.ndarray) -> np.ndarray:
    """Holm's step-down corrected p-values (Holm 1979), in the given order."""
    p = np.asarray(pvalues, float)
    order = np.argsort(p)
    corrected = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    out = np.empty_like(p)
    out[order] = corrected
    return out


def detectable(variance: float, freedom: float, power: float = 0.8, level: float = 0.05) -> float:
    """The smallest true difference that a two-sided t test of this variance finds with this power."""
    if variance <= 0:
        return 0.0
    freedom = min(freedom, 1e6)
    critical = float(stats.t.ppf(1 - level / 2, freedom))

    def short(shift: float) -> float:
        return float(stats.nct.sf(critical, freedom, shift)) - power

    return float(optimize.brentq(short, 0.0, 50 * critical)) * math.sqrt(variance)


def expected_detectable(*, seeds: int, images: int, disagreement: float = 0.08, seed_sd: float = 0.003) -> float:
    """Assumes two entries of equal seeds that disagree on 8% of the images and an sd over seeds of 0.3 points.

    The smallest true difference in accuracy found 80% of the time, before anything has run.
    """
    image_part, seed_part = disagreement / images, 2 * seed_sd**2 / seeds
    variance = image_part + seed_part
    freedom = _satterthwaite(variance, [(seed_part, max(1, 2 * seeds - 2)), (image_part, images - 1)])
    return detectable(variance, freedom)


def decide(low: float, high: float, p_holm: float, margin: float) -> Verdict:
    """Equivalent if the interval lies inside the margin; better if corrected p < 0.05 and 0 is outside; else
    undecided."""
    if -margin <= low and high <= margin:
        return "equivalent"
    if p_holm < 0.05 and (low > 0 or high < 0):
        return "better"
    return "undecided"
