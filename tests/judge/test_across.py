"""Over datasets: ranks of a published table, Friedman against scipy, signed ranks against all signs and scipy, Holm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from synthetic import make_contest

from bakeoff.errors import StoreError
from bakeoff.judge import judge
from bakeoff.judge.across import FEWEST, friedman, judge_across, signed_rank

DEMSAR = np.array([
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.975, 0.9749], [0.957, 0.978, 0.946, 0.970],
])  # fmt: skip
"""Demsar 2006, table 6: AUC of four variants of C4.5 on 14 datasets; average ranks 3.143, 2.000, 2.893, 1.964. The
paper ranks two of the last but one row apart that it prints alike."""
NAMES = ("c45", "c45+m", "c45+cf", "c45+m+cf")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return judge(make_contest(tmp_path_factory.mktemp("across"), {"a": 0.9}, seeds=2, n=80)).results


def results_of(template, scores: np.ndarray, names=NAMES) -> dict:
    """Results of one study a row, with these mean accuracies."""
    entry = template.entries[0]
    out = {}
    for i, row in enumerate(scores):
        entries = [
            entry.model_copy(
                update={"name": name, "test_accuracy": entry.test_accuracy.model_copy(update={"mean": float(x)})}
            )
            for name, x in zip(names, row, strict=True)
        ]
        dataset = template.dataset.model_copy(update={"name": f"set {i}"})
        out[f"set-{i}"] = template.model_copy(update={"entries": entries, "dataset": dataset})
    return out


def test_demsars_table(template):
    found = judge_across(results_of(template, DEMSAR))
    ranks = {entry.name: entry.average_rank for entry in found.entries}
    assert [round(ranks[name], 3) for name in NAMES] == [3.143, 2.000, 2.893, 1.964]
    assert [entry.name for entry in found.entries] == ["c45+m+cf", "c45+m", "c45+cf", "c45"]
    # The paper's chi square, 9.28, and F, 3.69, are without scipy's correction for ties.
    n, k = DEMSAR.shape
    plain = 12 * n / (k * (k + 1)) * (sum(r**2 for r in ranks.values()) - k * (k + 1) ** 2 / 4)
    assert round(plain, 2) == 9.28
    assert found.friedman.chi_square == pytest.approx(stats.friedmanchisquare(*DEMSAR.T).statistic)
    assert found.friedman.degrees_of_freedom == (3, 39)
    assert 0.01 < found.friedman.p < 0.02
    raw = [pair.p for pair in found.pairs]
    assert np.allclose([pair.p_holm for pair in found.pairs], multipletests(raw, method="holm")[1])


def test_iman_and_davenports_f():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(9, 4)) + np.array([0, 0.3, 0.6, 0.9])
    found = friedman(scores)
    chi = stats.friedmanchisquare(*scores.T).statistic
    f = 8 * chi / (9 * 3 - chi)
    assert (found.chi_square, found.f) == (pytest.approx(chi), pytest.approx(f))
    assert found.p == pytest.approx(stats.f.sf(f, 3, 24))


def test_ranks_that_never_change_and_scores_that_are_all_alike():
    certain = friedman(np.arange(8)[:, None] + np.array([[0.1, 0.2, 0.3]]))
    assert (certain.f, certain.p) == (None, 0)
    assert friedman(np.ones((7, 3))).p == 1


@settings(max_examples=100)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_signed_ranks_against_all_signs(values):
    differences = np.array(values, float)
    kept = differences[differences != 0]
    ranks = stats.rankdata(np.abs(kept))
    observed = min(ranks[kept > 0].sum(), ranks[kept < 0].sum()) if len(kept) else 0
    sums = [
        sum(r for r, s in zip(ranks, signs, strict=True) if s) for signs in itertools.product((0, 1), repeat=len(kept))
    ]
    p = min(1.0, 2 * np.mean([x <= observed + 1e-9 for x in sums]))
    assert signed_rank(differences) == (pytest.approx(observed), pytest.approx(p))


@settings(max_examples=50)
@given(st.lists(st.floats(-1, 1).filter(lambda x: abs(x) > 1e-3), min_size=6, max_size=20, unique_by=abs))
def test_signed_ranks_without_ties_are_scipys(values):
    smaller, p = signed_rank(np.array(values))
    theirs = stats.wilcoxon(values, method="exact")
    assert (smaller, p) == (pytest.approx(theirs.statistic), pytest.approx(min(1, theirs.pvalue)))


def test_six_wins_of_six_are_better_and_five_are_only_described(template):
    scores = np.column_stack([np.linspace(0.8, 0.9, 6), np.linspace(0.79, 0.85, 6)])
    found = judge_across(results_of(template, scores, ("a", "b")))
    (pair,) = found.pairs
    assert (pair.wins, pair.verdict, pair.p) == (6, "better", pytest.approx(2 / 64))
    assert found.friedman is None, "two entries are a pair, not a field"
    assert "better than every other entry" in found.answer
    fewer = judge_across(results_of(template, scores[:5], ("a", "b")))
    assert (fewer.pairs[0].verdict, fewer.pairs[0].p) == ("described", None)
    assert f"fewer than {FEWEST} datasets" in fewer.answer
    assert "p = 0.0625" in fewer.methods[-1]


def test_entries_that_are_not_everywhere_are_named_and_not_ranked(template):
    results = results_of(template, DEMSAR[:3])
    last = results["set-2"]
    results["set-2"] = last.model_copy(update={"entries": [e for e in last.entries if e.name != "c45"]})
    found = judge_across(results, missing=["set-9"])
    assert {entry.name for entry in found.entries} == set(NAMES) - {"c45"}
    assert found.left_out == ["set-9 has no results yet", "c45 is not ranked: it has no result on set-2"]
    results["set-2"] = last.model_copy(update={"entries": []})
    with pytest.raises(StoreError, match="no entry was judged on every dataset"):
        judge_across(results)


def test_equal_recipes_are_seldom_called_different(template):
    """Over 400 made-up studies of 8 datasets and 3 entries that differ by luck alone."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(400):
        scores = rng.normal(0.8, 0.05, (8, 1)) + rng.normal(0, 0.01, (8, 3))
        wrong += any(p.verdict == "better" for p in judge_across(results_of(template, scores, ("a", "b", "c"))).pairs)
    assert wrong <= 0.07 * 400


def test_twins_on_every_dataset_are_one_contestant_and_on_some_two(template):
    """A budget may come to the same widths on one dataset and not on another."""
    scores = np.array([[0.9, 0.8, 0.7], [0.8, 0.7, 0.9]])
    results = results_of(template, scores, ("a", "b", "c"))

    def named_again(label: str, *aliases: str) -> None:
        first, *others = results[label].entries
        results[label] = results[label].model_copy(
            update={"entries": [first.model_copy(update={"aliases": list(aliases)}), *others]}
        )

    named_again("set-0", "again", "sometimes")
    named_again("set-1", "again")
    other = results["set-1"].entries[1].model_copy(update={"aliases": ["sometimes"]})
    results["set-1"].entries[1] = other
    found = judge_across(results)
    assert {entry.name for entry in found.entries} == {"a", "b", "c", "sometimes"}
    assert found.left_out == ["again is the same training as a"]
    assert found.datasets[0].accuracy["sometimes"].mean == 0.9
    assert found.datasets[1].accuracy["sometimes"].mean == 0.7
    assert len(found.pairs) == 6
