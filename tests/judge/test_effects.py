"""Effects of hyper-parameters and agreement of ranks, against other ways to reckon them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from searches import AXES, draw_point, halving_search, random_search, trial

from bakeoff.judge.agreement import agreements, kendall_interval, spearman_interval
from bakeoff.judge.effects import effects, explained
from bakeoff.judge.intervals import mean_interval
from bakeoff.judge.search_axes import BINS, Range, coded
from bakeoff.judge.standings import standings
from bakeoff.search.spec import SearchSpec


def test_epsilon_squared_follows_from_the_f_statistic():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, 200)
    scores = rng.normal(0, 1, 200) + 0.5 * codes
    f = stats.f_oneway(*(scores[codes == c] for c in range(4))).statistic
    expected = (f - 1) * 3 / (f * 3 + 196)
    assert explained(codes, scores)[0] == pytest.approx(expected)


def test_over_a_full_grid_the_shares_are_the_main_effects():
    a, b = (x.ravel() for x in np.meshgrid(range(5), range(4)))
    scores = 2.0 * a + 1.0 * b
    whole = scores.var()
    noise = np.random.default_rng(0).normal(0, 1e-6, len(scores))
    found = [explained(codes, np.tile(scores + noise, 50))[0] for codes in (np.tile(a, 50), np.tile(b, 50))]
    assert found == pytest.approx([(2.0 * a).var() / whole, b.var() / whole], abs=0.01)


@pytest.mark.parametrize("effect", [0.0, 0.7])
def test_interval_of_the_share_covers_what_it_should(effect):
    rng = np.random.default_rng(3)
    levels = effect * np.array([-1, 0, 1, 0])
    true = levels.var() / (levels.var() + 1)
    hits = 0
    for _ in range(60):
        codes = rng.integers(0, 4, 80)
        interval = explained(codes, levels[codes] + rng.normal(0, 1, 80))[1]
        assert interval is not None
        hits += interval.low <= true <= interval.high
    assert hits >= 52


def test_share_is_none_where_nothing_can_be_compared_and_has_no_interval_for_few():
    assert explained(np.zeros(20), np.arange(20.0)) == (None, None)
    assert explained(np.arange(5), np.arange(5.0)) == (None, None)
    assert explained(np.arange(20) % 2, np.ones(20)) == (None, None)
    share, interval = explained(np.arange(8) % 2, np.arange(8.0))
    assert share is not None
    assert interval is None


def test_intervals_of_values_stay_between_0_and_1_and_need_five_candidates():
    search = random_search(40)
    wild = [
        replace(one, validation_accuracy=tuple(float(one.number % 2) for _ in one.validation_accuracy))
        for one in search.trials
    ]
    values = [value for axis in effects(standings(wild, search.spec), AXES) for value in axis.values]
    told = [value.candidates - value.diverged for value in values]
    assert min(told) < 5 < max(told)
    for value, candidates in zip(values, told, strict=True):
        assert (value.interval is None) == (candidates < 5)
        assert value.interval is None or 0 <= value.interval.low <= value.interval.high <= 1


def test_mean_interval_is_students():
    values = np.array([0.1, 0.4, 0.3, 0.9])
    found = mean_interval(values, "t")
    assert found is not None
    low, high = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert mean_interval(values[:1], "t") is None


def test_the_axis_that_matters_comes_first_and_inactive_axes_count_only_where_active():
    search = random_search(80)
    found = effects(standings(search.trials, search.spec), AXES)
    assert found[0].axis == "lr"
    assert found[0].importance > 0.8
    by_name = {e.axis: e for e in found}
    active = sum(t.fold == 0 and "dropout_rate" in t.point for t in search.trials)
    assert by_name["dropout_rate"].active == active
    lr = by_name["lr"].values
    assert sum(v.candidates for v in lr) == 80
    assert [v.value for v in lr] == ["1e-05", "0.0001", "0.001", "0.01", "0.1"]
    assert sum(v.diverged for v in lr[:-1]) == 0
    assert lr[-1].diverged > 0


def test_means_are_taken_where_all_compare_not_among_survivors():
    search = halving_search(300)
    found = standings(search.trials, search.spec)
    assert found.shared.stage == 0
    told = {t.number: t.validation_accuracy[0] for t in search.trials if t.stage == 0 and not t.diverged}
    points = {t.number: t.point for t in search.trials}
    value = next(v for e in effects(found, AXES) if e.axis == "layers" for v in e.values if v.value == "3")
    assert value.mean == pytest.approx(np.mean([s for n, s in told.items() if points[n]["layers"] == 3]))
    assert value.to_the_end <= value.candidates


def test_ranges_fall_into_bins_on_their_own_scale():
    points = [{"lr": v} for v in (1e-4, 1e-3, 0.0099, 1e-2)] + [{}]
    (axis,) = coded({"lr": Range(1e-4, 1e-2, log=True)}, points)
    assert axis.codes.tolist() == [0, BINS // 2, BINS - 1, BINS - 1, -1]
    (plain,) = coded({"x": Range(0, 8)}, [{"x": 3.5}])
    assert (plain.codes.tolist(), plain.places.tolist(), plain.labels[3]) == ([3], [3.5], "3 to 4")


def test_values_are_one_however_they_are_written_and_new_ones_find_their_place():
    points = [{"lr": 0.001, "hidden": (300, 150)}, {"lr": 0.003, "hidden": [300]}, {"lr": 1, "hidden": [300, 150]}]
    lr, hidden = coded({"lr": [0.001, 1.0], "hidden": [[300], [300, 150]]}, points)
    assert (lr.labels, lr.codes.tolist()) == (("0.001", "0.003", "1"), [0, 1, 2])
    assert (hidden.labels, hidden.codes.tolist()) == (("300", "300-150"), [1, 0, 1])


def test_agreement_is_scipys_over_those_that_have_both():
    search = halving_search(300)
    found = standings(search.trials, search.spec)
    first = agreements(found, None)[0]
    both = [s for s in found.every if first.before in s.scores and first.after in s.scores]
    x, y = ([s.scores[at] for s in both] for at in (first.before, first.after))
    assert first.candidates == len(both)
    assert first.spearman == pytest.approx(stats.spearmanr(x, y)[0])
    assert first.kendall == pytest.approx(stats.kendalltau(x, y)[0])
    assert first.winner_rank is None


def test_intervals_of_rank_correlations_cover():
    rng = np.random.default_rng(0)
    hits = np.zeros(2, int)
    for _ in range(400):
        x = rng.normal(0, 1, 40)
        y = 0.6 * x + 0.8 * rng.normal(0, 1, 40)
        rho, tau = stats.spearmanr(x, y)[0], stats.kendalltau(x, y)[0]
        true_rho, true_tau = 6 / np.pi * np.arcsin(0.3), 2 / np.pi * np.arcsin(0.6)
        for i, (interval, true) in enumerate(
            ((spearman_interval(rho, 40), true_rho), (kendall_interval(tau, 40), true_tau))
        ):
            hits[i] += interval.low <= true <= interval.high
    assert (hits >= 0.92 * 400).all()


def test_few_candidates_agree_on_nothing():
    rng = np.random.default_rng(0)
    trials = [trial(n, draw_point(rng), 0, 0, 2, "epochs", rng) for n in range(4)]
    assert agreements(standings(trials, SearchSpec(entry="mlp", rungs=[1, 2])), None) == []
