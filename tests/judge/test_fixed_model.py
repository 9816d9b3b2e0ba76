"""One model as it is beside recipes: no seeds on its side, and nothing of it in anybody else's noise."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.judge.compare import compare_all


def drawn(rng: np.random.Generator, seeds: int, difficulty: np.ndarray, spread: float) -> np.ndarray:
    """bool [S, N]: each seed a little better or worse than the last on every picture."""
    shift = rng.normal(0, spread, (seeds, 1))
    return rng.random((seeds, len(difficulty))) < difficulty + shift


def test_its_interval_covers_the_difference_on_new_pictures_and_new_seeds():
    rng, inside, sides = np.random.default_rng(0), 0, 400
    for _ in range(sides):
        difficulty = rng.uniform(0.6, 0.95, 400)
        model, recipe = drawn(rng, 1, difficulty, 0.0), drawn(rng, 5, difficulty, 0.01)
        (pair,) = compare_all([model, recipe], fixed=[0])
        inside += pair.crossed.low <= 0 <= pair.crossed.high
    assert 0.92 < inside / sides < 0.985


def test_its_side_adds_no_variance_over_seeds_and_the_residual_is_the_others():
    rng = np.random.default_rng(1)
    difficulty = rng.uniform(0.6, 0.95, 300)
    model, a, b = drawn(rng, 1, difficulty, 0), drawn(rng, 4, difficulty, 0.02), drawn(rng, 4, difficulty, 0.02)
    pairs = {(pair.a, pair.b): pair.crossed for pair in compare_all([model, a, b], fixed=[0])}
    without = compare_all([a, b])[0].crossed
    assert pairs[1, 2] == without
    pooled = (a.mean(1).var(ddof=1) + b.mean(1).var(ddof=1)) / 2
    assert pairs[0, 1].variance_seeds == pytest.approx(pooled / 4)
    assert pairs[0, 1].variance_images == pytest.approx((model[0] - a.mean(0)).var(ddof=1) / 300)


def test_two_models_as_they_are_differ_by_their_pictures_alone():
    rng = np.random.default_rng(2)
    a, b = drawn(rng, 1, np.full(500, 0.9), 0), drawn(rng, 1, np.full(500, 0.7), 0)
    (pair,) = compare_all([a, b], fixed=[0, 1])
    difference = a[0].astype(float) - b[0]
    assert (pair.crossed.variance_seeds, pair.crossed.variance_residual) == (0, 0)
    assert pair.crossed.variance == pytest.approx(difference.var(ddof=1) / 500)
    assert pair.crossed.p < 1e-6


def test_one_seed_of_a_recipe_still_says_nothing():
    rng = np.random.default_rng(3)
    tables = [drawn(rng, seeds, np.full(100, 0.8), 0.01) for seeds in (1, 3)]
    assert compare_all(tables) == []
