"""Simulated studies, to see that intervals cover and that equal entries are not called better.

A study is a table of correctness a contestant. Images differ in difficulty, seeds differ in skill, and with
`interaction` each recipe finds other images difficult, so that recipes are equal on average only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtr, ndtri

from bakeoff.judge.compare import crossed_difference, decide, holm, pooled_seed_variance


@dataclass(frozen=True)
class Simulation:
    """`false_better`: share of studies with at least one *better*; `coverage`: share of intervals that hold the true
    difference, which is 0."""

    false_better: float
    coverage: float


def simulate(
    *, seeds: int, entries: int, images: int, studies: int, seed: int = 0, interaction: float = 0.0,
    accuracy: float = 0.9, difficulty: float = 1.5, seed_sd: float = 0.05, margin: float = 0.005,
) -> Simulation:  # fmt: skip
    """Judge `studies` studies of entries whose true accuracies are equal.

    On a probit scale an image is right if skill + difficulty x image + interaction x (image, recipe) + seed_sd x
    (recipe, seed) + noise > 0.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    skill = ndtri(accuracy) * np.sqrt(1 + difficulty**2 + interaction**2 + seed_sd**2)
    false, covered = 0, []
    for _ in range(studies):
        hard = difficulty * rng.normal(size=images)
        tables = []
        for _ in range(entries):
            own = interaction * rng.normal(size=images)
            shift = seed_sd * rng.normal(size=(seeds, 1))
            tables.append(rng.random((seeds, images)) < ndtr(skill + hard + own + shift))
        pooled, freedom = pooled_seed_variance(tables), float(entries * (seeds - 1))
        found = [crossed_difference(a, b, pooled, freedom) for a, b in combinations(tables, 2)]
        corrected = holm(np.array([c.p for c in found]))
        false += any(decide(c.low, c.high, p, margin) == "better" for c, p in zip(found, corrected, strict=True))
        covered += [c.low <= 0 <= c.high for c in found]
    return Simulation(false / studies, float(np.mean(covered)))
