"""A short `make simulate`: a few cells, a few hundred studies, the aims with room for chance but not for a mistake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.judge import SeedRule
from bakeoff.judge.simulate import Dealt, Simulation, World, simulate, simulate_adaptive, with_lead
from scripts import real_seeds
from scripts import simulate as script

IDENTICAL, ON_AVERAGE = World(), World(interaction=0.7)


@pytest.mark.parametrize("world", [IDENTICAL, ON_AVERAGE], ids=["identical", "on average"])
@pytest.mark.parametrize(("entries", "seeds"), [(2, 3), (2, 5), (5, 5)])
def test_equal_entries_are_seldom_called_better_and_intervals_cover(world: World, entries: int, seeds: int) -> None:
    found = simulate(world, entries=entries, seeds=seeds, images=1_000, studies=400)
    assert found.false_better <= 0.08
    assert 0.93 <= found.coverage <= 0.985
    assert found.seeds == seeds


def test_real_seeds_dealt_out_are_seldom_called_better() -> None:
    right, facts = real_seeds.load()
    assert right.shape == (facts["seeds"], facts["images"])
    assert right.shape >= (100, 10_000)
    found = simulate(Dealt(right), entries=3, seeds=5, images=1_000, studies=400)
    assert found.false_better <= 0.08
    assert 0.93 <= found.coverage <= 0.985


def test_real_seeds_are_no_two_alike_and_as_good_as_the_quickstart_says() -> None:
    right, _ = real_seeds.load()
    assert len({row.tobytes() for row in right}) == len(right)
    assert 0.875 < right.mean(1).min() < right.mean(1).max() < 0.895


@pytest.mark.parametrize(("world", "entries"), [(IDENTICAL, 2), (ON_AVERAGE, 4)], ids=["identical", "on average"])
def test_a_difference_of_the_detectable_size_is_found(world: World, entries: int) -> None:
    led = with_lead(world, entries=entries, seeds=5, images=1_000)
    found = simulate(led, entries=entries, seeds=5, images=1_000, studies=400)
    assert found.found is not None
    assert 0.76 <= found.found <= 0.93
    assert 0.93 <= found.coverage <= 0.985


@pytest.mark.parametrize("seed_sd", [0.03, 0.3], ids=["usual seeds", "wild seeds"])
def test_adaptive_seeds_err_no_more_often(seed_sd: float) -> None:
    """Wild seeds are the worst case: what was luck on validation is luck on the test set."""
    found = simulate_adaptive(
        World(seed_sd=seed_sd), SeedRule(min=3, max=12), entries=2, images=1_000, studies=400, seed=1
    )
    assert found.false_better <= 0.08
    assert found.coverage >= 0.92


def test_adaptive_seeds_are_saved_where_the_difference_is_large() -> None:
    rule, world = SeedRule(min=3, max=12), replace(IDENTICAL, lead=0.03)
    found = simulate_adaptive(world, rule, entries=2, images=4_000, studies=60)
    assert found.seeds < 6
    assert found.found is not None
    assert found.found > 0.95


def test_a_simulation_notices_a_judge_that_overclaims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise of seeds forgotten, as an interval over images alone would."""
    import bakeoff.judge.compare as compare

    def images_only(images: float, _seeds: float, _residual: float, _df: float, n: int) -> tuple[float, float]:
        return images, n - 1.0

    monkeypatch.setattr(compare, "crossed_variance", images_only)
    found = simulate(World(seed_sd=0.1), entries=2, seeds=3, images=1_000, studies=200)
    assert found.false_better > 0.1
    assert found.coverage < 0.9


def test_missed_aims_are_named() -> None:
    cell = script.Cell("identical", 2, 5, 1_000, 100, lambda: good)
    good, bad = Simulation(100, 0.05, 0.95, None, 5.0), Simulation(100, 0.09, 0.90, None, 5.0)
    quiet = script.Cell("adaptive, identical", 2, 0, 1_000, 100, lambda: good)
    assert script.failures([(cell, good), (quiet, good)]) == []
    missed = script.failures([(cell, bad), (quiet, good)])
    assert len(missed) == 3
    weak = replace(cell, kind="lead, identical")
    assert "found 70.0%" in script.failures([(cell, good), (quiet, good), (weak, replace(good, found=0.7))])[0]


def test_cells_that_are_done_are_not_judged_again(tmp_path) -> None:
    calls = []

    def run() -> Simulation:
        calls.append(1)
        return Simulation(1, 0.0, 1.0, None, 3.0)

    cell = script.Cell("identical", 2, 3, 1_000, 1, run)
    assert script.counted(cell, tmp_path) == script.counted(cell, tmp_path)
    assert calls == [1]


def test_the_page_is_of_todays_cells() -> None:
    """Every cell that the script would judge has its place on the committed page."""
    text = (real_seeds.TABLE.parents[1] / "docs" / "simulation.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| 1") and line.count("|") > 5]
    assert len(rows) == 18 + 18 + 6
    assert np.all([f"{right:,}" in text for right in script.IMAGES])
