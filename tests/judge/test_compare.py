"""Tests of difference against oracles, and the crossed variance against simulation."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from bakeoff.judge.compare import (
    Spread,
    compare_all,
    crossed_difference,
    crossed_mean,
    crossed_variance,
    decide,
    floored,
    holm,
    mcnemar_midp,
    pooled_seed_variance,
)
from bakeoff.judge.intervals import newcombe_paired, wilson


@pytest.mark.parametrize(("a", "b"), list(product((0, 1, 3, 10, 40), repeat=2)))
def test_mid_p_counts_half_of_what_is_as_extreme_as_observed(a: int, b: int) -> None:
    if a == b == 0:
        assert mcnemar_midp(0, 0) == 1.0
        return
    n, middle = a + b, (a + b) / 2
    chances = {x: math.comb(n, x) / 2**n for x in range(n + 1)}
    further = sum(p for x, p in chances.items() if abs(x - middle) > abs(a - middle))
    level = sum(p for x, p in chances.items() if abs(x - middle) == abs(a - middle))
    assert mcnemar_midp(a, b) == pytest.approx(further + level / 2)
    if a != b:
        assert mcnemar_midp(a, b) == pytest.approx(mcnemar([[0, a], [b, 0]], exact=True).pvalue - chances[a])
    assert mcnemar_midp(a, b) == mcnemar_midp(b, a)


def test_mid_p_of_the_papers_example() -> None:
    """Fagerland et al. 2013, Table 1: 1 and 7 discordant pairs; an exact p of 18/256, a mid-p of 10/256."""
    assert mcnemar_midp(1, 7) == pytest.approx(10 / 256)


def test_holm_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 2, 7, 21):
        p = rng.random(n) ** 3
        assert np.allclose(holm(p), multipletests(p, method="holm")[1])


def table(seeds: int, n: int, rng: np.random.Generator, shift: float = 0.0) -> np.ndarray:
    hard = rng.normal(0, 1, n)
    return rng.random((seeds, n)) < stats.norm.cdf(1.3 + shift + hard + rng.normal(0, 0.1, (seeds, 1)))


def test_the_variance_is_images_plus_seeds_less_residual() -> None:
    rng = np.random.default_rng(1)
    a, b = table(4, 500, rng), table(6, 500, rng)
    found = crossed_difference(Spread.of(a), Spread.of(b))
    per_image = a.mean(0) - b.mean(0)
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert found.variance_images == pytest.approx(per_image.var(ddof=1) / 500)
    assert found.variance_seeds == pytest.approx(a.mean(1).var(ddof=1) / 4 + b.mean(1).var(ddof=1) / 6)
    total = found.variance_images + found.variance_seeds - found.variance_residual
    assert found.variance == pytest.approx(max(total, found.variance_images, found.variance_seeds))
    half = stats.t.ppf(0.975, found.degrees_of_freedom) * np.sqrt(found.variance)
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half))
    mirrored = crossed_difference(Spread.of(b), Spread.of(a))
    assert (mirrored.difference, mirrored.p) == pytest.approx((-found.difference, found.p))


def test_components_are_recovered_from_a_known_design() -> None:
    """Images and seeds of known variance, no residual but rounding: the mean over many draws must come out."""
    rng = np.random.default_rng(2)
    n, s, seed_sd = 4000, 5, 0.01
    found = []
    for _ in range(200):
        a, b = ((rng.random((s, n)) < 0.9 + seed_sd * rng.normal(size=(s, 1))) for _ in range(2))
        found.append(crossed_difference(Spread.of(a), Spread.of(b)))
    # Independent correctness: all image variance is residual, so seeds alone remain (seed_sd^2 + binomial part).
    truth = 2 * (seed_sd**2 + 0.9 * 0.1 / n) / s
    assert np.mean([f.variance for f in found]) == pytest.approx(truth, rel=0.12)


def test_a_few_pictures_without_a_difference_do_not_make_entries_equivalent() -> None:
    a = table(3, 200, np.random.default_rng(3))
    same = crossed_difference(Spread.of(a), Spread.of(a))
    assert (same.difference, same.p) == (0.0, 1.0)
    for n, verdict in ((50, "undecided"), (10_000, "equivalent")):
        right = np.ones((3, n), bool)
        flat = crossed_difference(Spread.of(right), Spread.of(right))
        newcombe = newcombe_paired(n, 0, 0, 0)
        assert (flat.low, flat.high) == pytest.approx((newcombe.low, newcombe.high), rel=0.09)
        assert decide(flat.low, flat.high, flat.p, 0.005) == verdict
        apart = crossed_difference(Spread.of(right), Spread.of(~right))
        assert apart.difference == apart.high == 1.0
        assert decide(apart.low, apart.high, apart.p, 0.005) == "better"


def test_many_seeds_that_differ_on_some_pictures_need_no_floor() -> None:
    """The floor is about images that nobody has seen differ, not about a variance that many seeds have made small."""
    rng = np.random.default_rng(11)
    a, b = (rng.random((40, 1_000)) < np.where(np.arange(1_000) < 100, 0.5, 1.0) for _ in range(2))
    found = crossed_difference(Spread.of(a), Spread.of(b))
    assert found.variance < 1.96**2 / 1_000**2
    assert found.variance == pytest.approx(2 * 100 * 0.25 / 40 / 1_000**2, rel=0.5)
    once = np.ones((40, 1_000), bool)
    once[0, 0] = False
    assert crossed_difference(Spread.of(once), Spread.of(np.ones_like(once))).variance > 0.9 * 1.96**2 / 1_000**2


def test_seed_variance_is_pooled_unless_one_is_clearly_larger() -> None:
    rng = np.random.default_rng(4)
    alike = [table(5, 2000, rng) for _ in range(6)]
    variances = [t.mean(1).var(ddof=1) for t in alike]
    assert pooled_seed_variance(alike) == pytest.approx(np.mean(variances))
    wild = rng.random((5, 2000)) < np.linspace(0.5, 0.9, 5)[:, None]
    assert pooled_seed_variance([*alike, wild]) is None
    assert pooled_seed_variance([t[:1] for t in alike]) is None
    two = [t[:2] for t in alike]
    assert pooled_seed_variance(two) is not None


def test_one_seed_has_wilsons_interval_and_says_so() -> None:
    one = table(1, 300, np.random.default_rng(5))
    mean, interval = crossed_mean(one)
    assert interval.kind == "Wilson"
    assert interval.low < mean < interval.high
    many = table(5, 300, np.random.default_rng(5))
    assert "seeds x images" in crossed_mean(many)[1].kind


def test_an_entry_that_is_always_right_is_as_sure_as_wilson() -> None:
    """Seeds that agree on every image say no more than the images do; an interval of no width would be a lie."""
    mean, interval = crossed_mean(np.ones((5, 300), bool))
    images = wilson(300, 300)
    assert mean == interval.high == 1.0
    assert interval.low == pytest.approx(images.low, abs=2e-4)


@pytest.mark.parametrize(("accuracy", "seed_sd"), [(0.9, 0.1), (0.995, 0.1)])
def test_the_interval_of_one_entry_covers_new_seeds_and_new_images(accuracy: float, seed_sd: float) -> None:
    rng = np.random.default_rng(7)
    skill = stats.norm.ppf(accuracy) * math.sqrt(1 + 1.5**2 + seed_sd**2)
    inside = []
    for _ in range(1000):
        effect = 1.5 * rng.normal(size=400) + seed_sd * rng.normal(size=(5, 1))
        _, interval = crossed_mean(rng.random((5, 400)) < ndtr(skill + effect))
        inside.append(interval.low <= accuracy <= interval.high)
    assert 0.93 <= np.mean(inside) <= 0.985


def test_verdicts_in_their_order() -> None:
    assert decide(-0.004, 0.004, 0.5, 0.005) == "equivalent"
    assert decide(-0.02, -0.001, 0.001, 0.005) == "better"
    assert decide(-0.02, 0.02, 0.5, 0.005) == "undecided"
    assert decide(0.001, 0.004, 0.001, 0.005) == "equivalent"
    assert decide(0.001, 0.02, 0.001, 0.005) == "better"
    assert decide(0.001, 0.02, 0.06, 0.005) == "undecided"
    assert decide(-0.001, 0.02, 0.04, 0.005) == "undecided"


def test_all_pairs_at_once_are_the_pairs_one_by_one() -> None:
    rng = np.random.default_rng(8)
    tables = [table(s, 400, rng) for s in (4, 4, 1, 4)]
    pooled = pooled_seed_variance([t for t in tables if len(t) > 1])
    found = {(pair.a, pair.b): pair.crossed for pair in compare_all(tables, 0.01)}
    assert set(found) == set(combinations((0, 1, 3), 2))
    for (i, j), crossed in found.items():
        assert crossed == crossed_difference(Spread.of(tables[i]), Spread.of(tables[j]), pooled, 9.0, 0.01)
        narrow = crossed_difference(Spread.of(tables[i]), Spread.of(tables[j]), pooled, 9.0)
        assert crossed.low < narrow.low < narrow.high < crossed.high
        assert crossed.p == narrow.p


def test_the_residual_is_that_of_a_two_way_table() -> None:
    """The margins alone give what centring rows and columns gives."""
    rng = np.random.default_rng(9)
    a, b = table(4, 300, rng), table(6, 300, rng)
    parts = []
    for x in (a.astype(float), b.astype(float)):
        left = x - x.mean(0) - x.mean(1, keepdims=True) + x.mean()
        parts.append((left**2).sum() / ((len(x) - 1) * 299) / x.size)
    assert crossed_difference(Spread.of(a), Spread.of(b)).variance_residual == pytest.approx(sum(parts))


@pytest.mark.parametrize(("floor", "value", "df"), [(1.0, 1.0, 8.0), (0.5, 2.0, 4.0), (1.0, 0.7, 18.0)])
def test_moments_of_a_floored_mean_square(floor: float, value: float, df: float) -> None:
    draws = np.maximum(floor, value * np.random.default_rng(10).chisquare(df, 400_000) / df)
    mean, variance = floored(floor, value, df)
    assert mean == pytest.approx(draws.mean(), rel=0.01)
    assert variance == pytest.approx(draws.var(), rel=0.02)
    assert floored(0.0, value, df) == pytest.approx((value, 2 * value**2 / df))


def test_without_a_floor_the_freedom_is_satterthwaites() -> None:
    variance, freedom = crossed_variance(2e-6, 5e-6, 0.0, 8.0, 1_001)
    assert variance == pytest.approx(7e-6)
    assert freedom == pytest.approx((7e-6) ** 2 / ((5e-6) ** 2 / 8 + (2e-6) ** 2 / 1_000))


def test_seeds_that_hardly_differ_leave_many_degrees_of_freedom() -> None:
    """Their variance is known to be at least what images leave: the floor carries no uncertainty of its own."""
    few = crossed_variance(1e-5, 3e-5, 1e-5, 8.0, 10_000)[1]
    many = crossed_variance(1e-5, 0.5e-5, 1e-5, 8.0, 10_000)[1]
    assert 8 <= few < 10 < 100 < many


def test_what_looks_have_used_up_raises_p() -> None:
    p = np.array([0.01, 0.04, 0.2])
    assert np.allclose(holm(p, 0.04), np.minimum(1, holm(p) * 1.25))
    assert np.allclose(holm(p, 0.05), multipletests(p, method="holm")[1])


def test_seeds_of_one_do_not_speak_for_the_few_of_another():
    """Three seeds that may vary far more than twenty others: pooled, they would be taken to vary as those do."""
    rng = np.random.default_rng(0)
    steady = rng.random((20, 4000)) < 0.9
    wild = rng.random((3, 4000)) < np.array([[0.89], [0.9], [0.91]])
    (pair,) = compare_all([steady, wild])
    own = steady.mean(1).var(ddof=1) / 20 + wild.mean(1).var(ddof=1) / 3
    assert pair.crossed.variance_seeds == pytest.approx(own)
    (alike,) = compare_all([steady[:3], wild])
    pooled = (steady[:3].mean(1).var(ddof=1) + wild.mean(1).var(ddof=1)) / 2
    assert alike.crossed.variance_seeds == pytest.approx(2 * pooled / 3)
