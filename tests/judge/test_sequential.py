"""Boundaries of repeated looks, against the multivariate normal distribution and against random walks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bakeoff.judge import sequential
from bakeoff.judge.sequential import nominal_levels, spent


@pytest.mark.parametrize("level", [0.05, 0.005])
def test_inside_all_boundaries_is_what_is_not_spent(level: float) -> None:
    """P(no look rejects) of the joint normal distribution of z values, whose correlation is sqrt(s / t)."""
    looks = (3, 6, 10)
    bounds = -stats.norm.ppf(np.array(nominal_levels(looks, level)) / 2)
    shares = np.array(looks, float)
    correlation = np.sqrt(np.minimum.outer(shares, shares) / np.maximum.outer(shares, shares))
    inside = stats.multivariate_normal.cdf(
        bounds, np.zeros(3), correlation, lower_limit=-bounds, maxpts=1_000_000, abseps=1e-7, releps=1e-7
    )
    assert 1 - inside == pytest.approx(level, abs=2e-5)


def test_each_look_rejects_as_often_as_planned() -> None:
    looks, walks = (3, 4, 6, 9, 14, 20), 200_000
    steps = np.random.default_rng(0).normal(size=(walks, 20))
    sums = steps.cumsum(1)[:, [seeds - 1 for seeds in looks]]
    p = 2 * stats.norm.sf(np.abs(sums) / np.sqrt(looks))
    out = np.logical_or.accumulate(p <= np.array(nominal_levels(looks, 0.05)), axis=1).mean(0)
    planned = [spent(seeds / 20, 0.05) for seeds in looks]
    assert out == pytest.approx(planned, abs=0.0015)


def test_boundaries_of_pococks_spending_are_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lan & DeMets 1983, five equal looks at 0.05: 2.44, 2.43, 2.41, 2.40, 2.39."""
    monkeypatch.setattr(sequential, "spent", lambda share, level: level * np.log(1 + (np.e - 1) * share))
    found = -stats.norm.ppf(np.array(nominal_levels.__wrapped__((1, 2, 3, 4, 5), 0.05)) / 2)
    assert found == pytest.approx([2.438, 2.427, 2.410, 2.397, 2.386], abs=0.001)


@settings(max_examples=20)
@given(st.sets(st.integers(2, 60), min_size=2, max_size=8), st.sampled_from([0.05, 0.01, 0.001]))
def test_every_look_is_stricter_than_one_look_would_be(seeds: set[int], level: float) -> None:
    looks = sorted(seeds)
    levels = nominal_levels(tuple(looks), level)
    assert all(0 < one < level for one in levels)
    # Each look spends at least its own share, and together, counted as if they never overlapped, at least the whole.
    shares = np.diff([0.0, *(spent(look / looks[-1], level) for look in looks)])
    assert all(one >= share * 0.999 for one, share in zip(levels, shares, strict=True))
    assert sum(levels) >= level * 0.999


def test_one_look_is_an_ordinary_test() -> None:
    assert nominal_levels((5,), 0.05) == pytest.approx((0.05,))
