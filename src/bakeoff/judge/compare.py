"""Is one entry better than another: for two trained networks, and for two recipes on new seeds and new images.

Shapes: S seeds, N test images. A table of correctness is bool [S, N].
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special, stats

from bakeoff.judge.intervals import score_limits, wilson
from bakeoff.judge.results import Interval, Verdict

CLEARLY_UNEQUAL = 0.01
"""Seed variances are pooled over entries unless an F test of one entry against the others rejects equality at this p,
divided by the number of entries. Only a larger variance counts: pooling it away would shorten intervals. Two entries of
different numbers of seeds keep their own: many steady seeds of one would speak for the few of another, which may vary
far more before such a test can tell."""


MANY = 1e6
"""Degrees of freedom from which on t is normal."""
FLOOR = 1.96**2
"""With no discordant image the variance is taken as this / N^2, and the half-width is 3.84 / N, as Newcombe's paired
interval has it; the less so the more images two single runs differ on, and from four on it plays no part."""


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


@dataclass(frozen=True, eq=False)
class Spread:
    """What comparisons need of one table of correctness [S, N]. `per_image` float [N]: mean over seeds;
    `seed_variance`: of an accuracy over seeds (n - 1), 0 with one; `residual`: the variance of the mean of the table
    due to what neither seed nor image explains (residual mean square / (S N)), 0 with one seed. `fixed`: this is one
    model as it is, in which no seed plays a part."""

    seeds: int
    per_image: np.ndarray
    seed_variance: float
    residual: float
    fixed: bool = False

    @classmethod
    def of(cls, correct: np.ndarray, *, fixed: bool = False) -> Spread:
        s, n = correct.shape
        counts, scores = correct.sum(0, dtype=float), correct.sum(1, dtype=float)
        if s < 2 or fixed:
            return cls(s, counts / s, 0.0, 0.0, fixed)
        # Of zeros and ones the sum of squares is the sum; so two margins hold the whole two-way analysis.
        total = scores.sum()
        left = total - (counts @ counts) / s - (scores @ scores) / n + total * total / (s * n)
        residual = max(0.0, float(left)) / ((s - 1) * (n - 1)) / (s * n)
        return cls(s, counts / s, float((scores / n).var(ddof=1)), residual)

    @property
    def mean(self) -> float:
        return float(self.per_image.mean())


def pooled_seed_variance(tables: Sequence[np.ndarray]) -> float | None:
    """Mean variance over seeds of the entries' accuracies, weighted by degrees of freedom; None if one is clearly
    larger than the others (`CLEARLY_UNEQUAL`) or no table has two seeds."""
    return _pooled([Spread.of(table) for table in tables])


def _pooled(spreads: Sequence[Spread]) -> float | None:
    known = [(spread.seed_variance, spread.seeds - 1) for spread in spreads if spread.seeds > 1]
    if not known:
        return None
    variances, freedom = (np.array(column, float) for column in zip(*known, strict=True))
    for i in range(len(known)) if len(known) > 1 else ():
        others = np.delete(np.arange(len(known)), i)
        rest = np.dot(freedom[others], variances[others]) / freedom[others].sum()
        # A spread of nothing over seeds happens by rounding to whole images; their grain is the least it can be.
        rest = max(rest, (1 / len(spreads[0].per_image)) ** 2)
        if special.fdtrc(freedom[i], freedom[others].sum(), variances[i] / rest) * len(known) < CLEARLY_UNEQUAL:
            return None
    return float(np.dot(freedom, variances) / freedom.sum())


def crossed_difference(
    a: Spread, b: Spread, pooled: float | None = None, pooled_df: float | None = None, level: float = 0.05
) -> Crossed:
    """Difference of mean accuracies of two entries on the same images, with both sources of noise at once.

    The variance of the difference is images + seeds - residual (Obuchowski & Rockette 1995): that over images of the
    difference of seed means holds the residual once, so does that over seeds; see `crossed_variance`. `pooled`: a seed
    variance shared by all entries, `pooled_df` its degrees of freedom. The interval misses with probability `level`.
    Each needs two seeds, or to be fixed, and two images.
    """
    n = len(a.per_image)
    per_image = a.per_image - b.per_image
    images = float(per_image.var(ddof=1) / n)
    drawn = [side for side in (a, b) if not side.fixed]
    of_each = [((side.seed_variance if pooled is None else pooled) / side.seeds, side.seeds - 1) for side in drawn]
    seeds = sum(variance for variance, _ in of_each)
    residual = a.residual + b.residual
    difference = float(per_image.mean())
    seeds_df = _satterthwaite(of_each) if pooled is None else pooled_df or float(sum(df for _, df in of_each))
    variance, freedom = crossed_variance(images, seeds, residual, seeds_df, n)
    discordant = float((a.per_image * (1 - b.per_image) + b.per_image * (1 - a.per_image)).sum())
    grain = 1 / (n * max(a.seeds, b.seeds))  # the least that two tables can differ by
    variance = max(variance, (FLOOR - discordant) / n**2, grain**2)
    p = float(2 * special.stdtr(freedom, -abs(difference) / math.sqrt(variance)))
    half = half_width(variance, freedom, level)
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    return Crossed(difference, images, seeds, residual, variance, freedom, low, high, p)


def half_width(variance: float, freedom: float, level: float) -> float:
    """Of the two-sided t interval that misses with probability `level`."""
    return float(-special.stdtrit(freedom, level / 2)) * math.sqrt(variance)


@dataclass(frozen=True)
class Pair:
    """Entries number `a` and `b` of those compared."""

    a: int
    b: int
    crossed: Crossed


def compare_all(tables: Sequence[np.ndarray], level: float = 0.05, fixed: Collection[int] = ()) -> list[Pair]:
    """Every two of the `tables` [S, N] that both have two seeds, or are of a model as it is (the numbers in `fixed`);
    seed variance pooled over all that have some (`CLEARLY_UNEQUAL`); not yet corrected for there being many. Their
    intervals miss with probability `level`."""
    spreads = [Spread.of(table, fixed=i in fixed) for i, table in enumerate(tables)]
    several = [spread for spread in spreads if spread.seeds > 1 and not spread.fixed]
    pooled, freedom = _pooled(several), float(sum(spread.seeds - 1 for spread in several))

    def crossed(a: Spread, b: Spread) -> Crossed:
        alike = a.fixed or b.fixed or a.seeds == b.seeds
        return crossed_difference(a, b, pooled if alike else None, freedom, level)

    return [
        Pair(i, j, crossed(spreads[i], spreads[j]))
        for i, j in combinations(range(len(tables)), 2)
        if all(spreads[side].fixed or spreads[side].seeds > 1 for side in (i, j))
    ]


def crossed_variance(images: float, seeds: float, residual: float, seeds_df: float, n: int) -> tuple[float, float]:
    """Variance of a mean or difference over `n` images, images + seeds - residual, and its degrees of freedom. It is
    never less than the larger of the two.

    So seeds are never taken to vary less than by what is left of images, and the degrees of freedom are those of the
    estimate with that floor: twice its mean squared over its variance (Satterthwaite 1946), the seeds' mean square
    being chi-squared with `seeds_df`. Those of the mean square alone make intervals too long where seeds hardly differ.
    """
    shared = min(images, residual)
    at_least, spread = floored(shared, seeds, seeds_df)
    below = spread + 2 * images**2 / (n - 1)
    freedom = 2 * (images - shared + at_least) ** 2 / below if below > 0 else MANY
    return images - shared + max(shared, seeds), min(max(freedom, 1.0), MANY)


def floored(floor: float, value: float, df: float) -> tuple[float, float]:
    """Mean and variance of max(`floor`, X), where X is `value` x chi-squared with `df` / `df`."""
    if value <= 0:
        return floor, 0.0
    at = df * floor / value
    below, above, squares = special.chdtr(df, at), special.chdtrc(df + 2, at), special.chdtrc(df + 4, at)
    mean = floor * below + value * above
    return mean, max(0.0, floor**2 * below + value**2 * (df + 2) / df * squares - mean**2)


def _satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of mean squares, each with its own."""
    below = sum(v * v / df for v, df in parts)
    return sum(v for v, _ in parts) ** 2 / below if below > 0 else sum(df for _, df in parts)


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
    spread = Spread.of(correct)
    images, seeds = float(spread.per_image.var(ddof=1) / n), spread.seed_variance / s
    variance, freedom = crossed_variance(images, seeds, spread.residual, s - 1, n)
    effective = min(mean * (1 - mean) / variance, s * n) if variance > 0 else n
    low, high = score_limits(mean, effective, float(stats.t.ppf(0.975, freedom)))
    return mean, Interval(low=low, high=high, kind="seeds x images (Obuchowski-Rockette), score")


def holm(pvalues: np.ndarray, level: float = 0.05) -> np.ndarray:
    """Holm's step-down corrected p-values (Holm 1979), in the given order. Where earlier looks have used up part of the
    error and left `level`, they are raised to be read against 0.05 all the same."""
    p = np.asarray(pvalues, float) * (0.05 / level)
    order = np.argsort(p)
    corrected = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    out = np.empty_like(p)
    out[order] = corrected
    return out


def decide(low: float, high: float, p_holm: float, margin: float) -> Verdict:
    """Equivalent if the interval lies inside the margin; better if corrected p < 0.05 and 0 is outside; else
    undecided."""
    if -margin <= low and high <= margin:
        return "equivalent"
    if p_holm < 0.05 and (low > 0 or high < 0):
        return "better"
    return "undecided"
