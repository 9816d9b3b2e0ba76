"""What seeds and images can tell apart: against simulation, and against itself turned round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bakeoff.judge.compare import mcnemar_midp
from bakeoff.judge.power import TYPICAL, Components, components, detectable, mean_components
from bakeoff.judge.simulate import World, noise_of


@pytest.mark.parametrize("freedom", [2.0, 8.0, 100.0])
@pytest.mark.parametrize("comparisons", [1, 10])
def test_the_detectable_difference_is_found_80_percent_of_the_time(freedom: float, comparisons: int) -> None:
    difference = detectable(0.01**2, freedom, comparisons=comparisons)
    rng = np.random.default_rng(6)
    draws = 200_000
    estimate = rng.normal(difference, 0.01, draws)
    spread = 0.01 * np.sqrt(rng.chisquare(freedom, draws) / freedom)
    critical = stats.t.ppf(1 - 0.025 / comparisons, freedom)
    assert np.mean(estimate / spread > critical) == pytest.approx(0.8, abs=0.01)


def test_no_noise_detects_anything() -> None:
    assert detectable(0.0, 5.0) == 0.0


@settings(max_examples=30)
@given(
    st.builds(Components, seed=st.floats(0, 1e-4), images=st.floats(0, 0.1), residual=st.floats(1e-4, 0.1)),
    st.integers(5, 40),
    st.sampled_from([500, 10_000]),
    st.integers(2, 6),
)
def test_more_seeds_images_or_fewer_entries_never_detect_less(noise, seeds, images, entries) -> None:
    here = noise.detectable(seeds=seeds, images=images, entries=entries)
    assert noise.detectable(seeds=2 * seeds, images=images, entries=entries) <= here * 1.0001
    # With very few seeds more images can even cost a little: what is left has fewer degrees of freedom.
    assert noise.detectable(seeds=seeds, images=4 * images, entries=entries) <= here * 1.01
    assert noise.limit(images=images, entries=entries) <= here * 1.0001
    assert noise.detectable(seeds=seeds, images=images, entries=entries, level=0.01) > here


@settings(max_examples=20)
@given(st.floats(0.004, 0.03), st.integers(2, 6))
def test_so_many_seeds_are_needed_and_not_one_fewer(difference: float, entries: int) -> None:
    needed = TYPICAL.seeds_for(difference, images=10_000, entries=entries)
    if needed is None:
        assert TYPICAL.detectable(seeds=1_000, images=10_000, entries=entries) > difference
        return
    assert TYPICAL.detectable(seeds=needed, images=10_000, entries=entries) <= difference
    assert needed == 2 or TYPICAL.detectable(seeds=needed - 1, images=10_000, entries=entries) > difference


def test_where_images_alone_are_too_few_no_number_of_seeds_will_do() -> None:
    noise = Components(seed=1e-6, images=0.05, residual=0.02)
    limit = noise.limit(images=1_000)
    assert limit == pytest.approx((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * (0.05 / 1_000) ** 0.5, rel=0.01)
    assert noise.seeds_for(0.99 * limit, images=1_000) is None
    assert noise.seeds_for(1.2 * limit, images=1_000) is not None


def test_components_of_a_known_world_are_found_again() -> None:
    """Seeds: the spread of the accuracies that endless images would show; images: what endless seeds would leave."""
    world = World(interaction=0.7, seed_sd=0.1)
    found = noise_of(world)
    rng = np.random.default_rng(0)
    (wide,) = world.draw(rng, entries=1, seeds=400, images=4_000)
    residual = (wide.var(0, ddof=1)).mean()
    assert found.residual == pytest.approx(residual, rel=0.05)
    assert found.seed == pytest.approx(wide.mean(1).var(ddof=1) - residual / 4_000, rel=0.25)
    a, b = world.draw(rng, entries=2, seeds=400, images=4_000)
    assert found.images == pytest.approx((a.mean(0) - b.mean(0)).var() - 2 * residual / 400, rel=0.1)


def test_components_of_equal_tables_are_never_negative() -> None:
    same = np.random.default_rng(1).random((2, 50)) < 0.9
    found = components(same, same, None)
    assert min(found.seed, found.images, found.residual) >= 0
    assert mean_components([found, found]) == found


@pytest.mark.parametrize("n", [300, 10_000])
def test_entries_that_agree_on_everything_do_not_detect_everything(n: int) -> None:
    """A true difference of d changes n d answers, and these few are what a test has to go by."""
    alike = Components(seed=0.0, images=0.0, residual=0.0)
    changed = n * alike.detectable(seeds=5, images=n)
    # So many answers change on average that at least 5, enough for McNemar's test, do 80% of the time.
    assert mcnemar_midp(5, 0) < 0.05 < mcnemar_midp(4, 0)
    assert stats.poisson.sf(4, changed) >= 0.8
    assert 7.8 < changed < 8.1
    assert n * alike.limit(images=n) == changed


def test_no_difference_is_larger_than_all_pictures():
    wild = Components(seed=0.3**2, images=0.03, residual=0.02)
    assert wild.detectable(seeds=2, images=1000, entries=4) == 1.0
