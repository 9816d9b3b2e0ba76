"""What so many seeds and images can tell apart: the one home of detectable differences, before a study and after it.

Shapes: S seeds an entry, N images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from bakeoff.judge.compare import Spread, crossed_variance, floored

POWER = 0.8
MOST_SEEDS = 1_000


def detectable(variance: float, freedom: float, *, comparisons: int = 1, level: float = 0.05) -> float:
    """The smallest true difference that a two-sided t test of this variance finds 80% of the time, at `level` after the
    correction for so many `comparisons` that Holm's method begins with."""
    if variance <= 0:
        return 0.0
    freedom = min(freedom, 1e6)
    critical = float(-special.stdtrit(freedom, level / 2 / comparisons))

    def short(shift: float) -> float:
        return float(stats.nct.sf(critical, freedom, shift)) - POWER

    return float(optimize.brentq(short, 0.0, 50 * critical)) * math.sqrt(variance)


@dataclass(frozen=True)
class Components:
    """Where the noise of a difference between two entries comes from. `seed`: variance over seeds of the accuracy that
    an entry would have on endless images. Of a single image's right or wrong: `images`, the variance over images of
    the difference that stays with any number of seeds; `residual`, the variance of a run that is left."""

    seed: float
    images: float
    residual: float

    def detectable(self, *, seeds: int, images: int, entries: int = 2, level: float = 0.05) -> float:
        """The smallest true difference between two of so many `entries`, with so many `seeds` (from 2) each, that is
        found 80% of the time at `level`."""
        of_seeds = 2 * (self.seed + self.residual / images) / seeds
        of_images = (self.images + 2 * self.residual / seeds) / images
        shared = 2 * self.residual / seeds / images
        freedom = crossed_variance(of_images, of_seeds, shared, entries * (seeds - 1), images)[1]
        # What the judge will estimate on average: a little more than the truth, for it never goes below its floor.
        variance = of_images - shared + floored(shared, of_seeds, entries * (seeds - 1))[0]
        return self._at_least(variance, freedom, images, entries, level)

    def limit(self, *, images: int, entries: int = 2, level: float = 0.05) -> float:
        """What endless seeds would detect: what is left is the choice of images."""
        return self._at_least(self.images / images, images - 1, images, entries, level)

    @staticmethod
    def _at_least(variance: float, freedom: float, images: int, entries: int, level: float) -> float:
        """What is detectable with this variance; but a true difference d is itself a share d of images that tell the
        two apart, so that the variance is d / images at least, however alike the entries have been so far."""
        comparisons = entries * (entries - 1) // 2
        found = detectable(variance, freedom, comparisons=comparisons, level=level)
        least = detectable(1.0, images - 1, comparisons=comparisons, level=level) ** 2 / images
        return min(1.0, max(found, least))

    def seeds_for(self, difference: float, *, images: int, entries: int = 2, level: float = 0.05) -> int | None:
        """The fewest seeds an entry that find this true difference 80% of the time; None if no number up to 1,000 does
        (`limit` says whether any number would)."""
        low, high = 2, MOST_SEEDS
        if self.detectable(seeds=high, images=images, entries=entries, level=level) > difference:
            return None
        while low < high:
            middle = (low + high) // 2
            if self.detectable(seeds=middle, images=images, entries=entries, level=level) <= difference:
                high = middle
            else:
                low = middle + 1
        return low


TYPICAL = Components(seed=0.002**2, images=0.025, residual=0.02)
"""What is assumed before anything has run: about what the pairs of the packaged quickstart show."""


def components(a: np.ndarray, b: np.ndarray, seed_variance: float | None) -> Components:
    """Estimated from two tables of correctness [S, N] of two seeds or more. `seed_variance`: of an accuracy over seeds,
    pooled over a study's entries; None: that of the two."""
    one, two = Spread.of(a), Spread.of(b)
    n = a.shape[1]
    residual = n * (one.residual * one.seeds + two.residual * two.seeds) / 2
    over_seeds = seed_variance if seed_variance is not None else (one.seed_variance + two.seed_variance) / 2
    over_images = float((one.per_image - two.per_image).var(ddof=1)) - n * (one.residual + two.residual)
    return Components(max(0.0, over_seeds - residual / n), max(0.0, over_images), residual)


def mean_components(several: Sequence[Components]) -> Components:
    """Their mean, of one or more."""
    return Components(*(float(np.mean([getattr(c, f) for c in several])) for f in ("seed", "images", "residual")))
