"""Looking more than once without fooling oneself: alpha spending (Lan & DeMets 1983, Biometrika 70:659).

A pair of entries is tested again whenever seeds are added, each time at a smaller level than 0.05, such that all looks
together err as seldom as one look would.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy import optimize, special

NODES = 160
"""Of the quadrature between two boundaries: enough for eight digits with up to 20 looks."""


LEVEL = 0.05
"""What all looks together may err."""


def spent(share: float, level: float) -> float:
    """How much of `level` may be spent when `share` (0..1) of the most seeds are there: its cube (Kim & DeMets 1987,
    Biometrika 74:149).

    Close to O'Brien & Fleming's boundary, so that the last look is almost an ordinary test; but with 3 of 20 seeds it
    leaves 0.0002 where theirs leaves 0.0000004, which a t test of few seeds can hardly reach.
    """
    return level * share**3


@cache
def nominal_levels(looks: tuple[int, ...], level: float) -> tuple[float, ...]:
    """The two-sided p-value to stay below at each look, so that over all looks a true null is rejected with probability
    `level`. `looks`: seeds an entry at each, rising.

    Means over seeds are a random walk: between looks at s and t > s seeds their z values correlate by sqrt(s / t).
    Where part of the noise is in the images, which all looks share, they correlate more, and the error is smaller
    still (Slepian's inequality). Levels are found look by look through the density of walks that are still inside
    (Armitage, McPherson & Rowe 1969, J. R. Statist. Soc. A 132:235).
    """
    points, weights = np.polynomial.legendre.leggauss(NODES)
    levels: list[float] = []
    at, mass = np.zeros(1), np.ones(1)
    before, done = 0, 0.0
    for seeds in looks:
        step = math.sqrt(seeds - before)
        target = spent(seeds / looks[-1], level) - done
        bound = _bound(at, mass, step, math.sqrt(seeds), target)
        levels.append(float(2 * special.ndtr(-bound / math.sqrt(seeds))))
        inside = bound * points
        density = np.exp(-(((inside[:, None] - at) / step) ** 2) / 2) / (step * math.sqrt(2 * math.pi))
        at, mass = inside, (density @ mass) * weights * bound
        before, done = seeds, done + target
    return tuple(levels)


def _bound(at: np.ndarray, mass: np.ndarray, step: float, scale: float, target: float) -> float:
    """Where the walk, `mass` at `at` before a normal step, leaves on either side with probability `target`."""

    def short(bound: float) -> float:
        leaving = special.ndtr((at - bound) / step) + special.ndtr(-(at + bound) / step)
        return float(leaving @ mass) - target

    return float(optimize.brentq(short, 0.0, 40 * scale, xtol=1e-12))
