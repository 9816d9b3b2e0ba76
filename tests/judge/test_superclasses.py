"""Superclass accuracy against scikit-learn on mapped labels, and statsmodels for its interval."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from synthetic import make_contest, make_dataset, make_run

from bakeoff.judge import Results, judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.judge.superclasses import group, inside, merge

CASES = st.tuples(st.integers(0, 10_000), st.integers(1, 60), st.integers(2, 12), st.integers(1, 5))


@given(CASES)
@settings(max_examples=60)
def test_it_is_the_accuracy_of_scikit_learn_on_mapped_labels(case: tuple[int, int, int, int]) -> None:
    seed, n, k, g = case
    rng = np.random.default_rng(seed)
    of = [f"group {i}" for i in rng.integers(0, g, k)]
    labels, predicted = rng.integers(0, k, n), rng.integers(0, k, (3, n))
    names, numbers = group(of)
    assert [names[i] for i in numbers] == of
    right = inside(predicted, labels, numbers)
    mapped = [of[i] for i in labels]
    for row, found in zip(predicted, right, strict=True):
        said = [of[i] for i in row]
        assert found.mean() == pytest.approx(sk.accuracy_score(mapped, said))
        counts = sk.confusion_matrix(labels, row, labels=range(k))
        merged = merge(counts, numbers)
        assert np.array_equal(merged, sk.confusion_matrix(mapped, said, labels=list(names)))
        assert merged.trace() / n == pytest.approx(found.mean())


def with_superclasses(folder: Path, seeds: int) -> Contest:
    """Eight classes, two a superclass, whose names are not in the order of the classes."""
    dataset = replace(make_dataset(400, classes=8), superclasses=("d", "d", "b", "b", "c", "c", "a", "a"))
    runs = tuple(make_run(folder, dataset, seed=s, accuracy=0.6) for s in range(seeds))
    return Contest("s", "q?", dataset, (Contestant("e", runs),), folder / "ledger.jsonl")


def test_the_judge_says_it_with_an_interval(tmp_path: Path) -> None:
    contest = with_superclasses(tmp_path, seeds=1)
    judgement = judge(contest)
    (entry,) = judgement.results.entries
    labels = contest.dataset.test.labels.numpy()
    said = next(iter(judgement.test_logits.values())).argmax(1)
    right = int((labels // 2 == said // 2).sum())
    assert entry.superclass_accuracy is not None
    assert entry.superclass_accuracy.mean == right / 400 > entry.test_accuracy.mean
    interval = entry.superclass_accuracy.interval
    assert interval is not None
    assert interval.kind == "Wilson"
    assert (interval.low, interval.high) == pytest.approx(proportion_confint(right, 400, method="wilson"))
    assert [c.name for c in entry.superclasses] == ["a", "b", "c", "d"]
    for found in entry.superclasses:
        mine = np.array([contest.dataset.superclasses[i] == found.name for i in labels])
        hits = int((labels[mine] // 2 == said[mine] // 2).sum())
        assert (found.support, found.recall) == (100, pytest.approx(hits / 100))
        low, high = proportion_confint(hits, 100, method="wilson")
        assert (found.recall_interval.low, found.recall_interval.high) == pytest.approx((low, high))
    again = Results.model_validate(json.loads(judgement.results.model_dump_json()))
    assert again == judgement.results
    assert again.dataset.superclasses == list(contest.dataset.superclasses)


def test_over_seeds_it_is_the_mean_and_covers_new_seeds(tmp_path: Path) -> None:
    (entry,) = judge(with_superclasses(tmp_path, seeds=3)).results.entries
    assert entry.superclass_accuracy is not None
    assert len(entry.superclass_accuracy.values) == 3
    assert entry.superclass_accuracy.mean == pytest.approx(np.mean(entry.superclass_accuracy.values))
    assert entry.superclass_accuracy.interval is not None
    assert "seeds x images" in entry.superclass_accuracy.interval.kind


def test_a_dataset_without_superclasses_has_none(tmp_path: Path) -> None:
    results = judge(make_contest(tmp_path, {"e": 0.8})).results
    assert results.entries[0].superclass_accuracy is None
    assert results.entries[0].superclasses == []
    assert not any("Superclass" in sentence for sentence in results.methods)
