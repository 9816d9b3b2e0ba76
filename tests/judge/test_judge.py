"""The whole judgement: ranking, groups, words, the ledger, strict JSON, speed of light aside."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import make_contest, make_dataset

from bakeoff.errors import StoreError
from bakeoff.judge import Results, judge
from bakeoff.judge.contest import Contestant
from bakeoff.show.plot_compare import plot_compare
from bakeoff.show.scales import shared_scales
from bakeoff.show.tables import ranking


def test_ranking_group_and_answer(tmp_path: Path) -> None:
    judgement = judge(make_contest(tmp_path, {"linear": 0.7, "cnn": 0.92, "mlp": 0.8}, seeds=4, n=2000))
    results = judgement.results
    assert [e.name for e in results.entries] == ["cnn", "mlp", "linear"]
    assert [e.rank for e in results.entries] == [1, 2, 3]
    assert [e.best_group for e in results.entries] == [True, False, False]
    assert results.answer.startswith("cnn is best, with ")
    assert {(p.a, p.b) for p in results.pairs} == {("cnn", "mlp"), ("cnn", "linear"), ("mlp", "linear")}
    assert all(p.verdict == "better" for p in results.pairs)
    assert len(judgement.test_logits) == 12


def test_the_same_runs_under_two_names_are_not_better(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9}, seeds=3, n=2000)
    twin = Contestant("b", contest.entries[0].runs)
    results = judge(replace(contest, entries=(contest.entries[0], twin))).results
    (pair,) = results.pairs
    assert pair.verdict != "better"
    assert pair.recipes is not None
    assert pair.recipes.difference == 0
    assert pair.checkpoints is not None
    assert pair.checkpoints.p == 1.0


def test_one_seed_decides_no_recipe(tmp_path: Path) -> None:
    results = judge(make_contest(tmp_path, {"a": 0.95, "b": 0.6}, seeds=1)).results
    (pair,) = results.pairs
    assert pair.recipes is None
    assert pair.verdict == "undecided"
    assert pair.checkpoints is not None
    assert pair.checkpoints.p < 0.001
    assert "one seed" in pair.sentence
    assert results.entries[0].test_accuracy.interval is not None
    assert results.entries[0].test_accuracy.interval.kind == "Wilson"


def test_figures_agree_with_the_logits(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.85, "b": 0.8})
    judgement = judge(contest)
    entry = judgement.results.entries[0]
    truth = contest.dataset.test.labels.numpy()
    accuracies = [float((judgement.test_logits[entry.name, k].argmax(1) == truth).mean()) for k in entry.run_keys]
    assert entry.test_accuracy.values == pytest.approx(accuracies)
    assert entry.test_accuracy.sd == pytest.approx(np.std(accuracies, ddof=1))
    counts = np.array(entry.confusion)
    assert counts.sum() == 3 * len(truth)
    assert counts.trace() / counts.sum() == pytest.approx(entry.test_accuracy.mean)
    recalls = [c.recall for c in entry.classes]
    assert np.mean(recalls) == pytest.approx(entry.balanced_accuracy.mean)
    hardest = entry.classes[int(np.argmin(recalls))]
    assert hardest.name in entry.sentence
    assert hardest.taken_for is not None
    assert hardest.taken_for in entry.sentence


def test_results_are_strict_json_and_read_back(tmp_path: Path) -> None:
    results = judge(make_contest(tmp_path)).results
    text = json.dumps(results.model_dump(mode="json"), allow_nan=False)
    assert Results.model_validate_json(text) == results


def test_each_run_is_opened_once_in_the_ledger(tmp_path: Path) -> None:
    contest = make_contest(tmp_path)
    first, again = judge(contest).results, judge(contest).results
    assert len(first.looks) == 9
    assert again.looks == first.looks


def test_a_run_of_another_test_set_is_refused(tmp_path: Path) -> None:
    contest = make_contest(tmp_path)
    with pytest.raises(StoreError, match="not of made-up's test set"):
        judge(replace(contest, dataset=make_dataset(n=200)))


def test_results_of_earlier_versions_still_open(tmp_path: Path) -> None:
    told = judge(make_contest(tmp_path, {"a": 0.85, "b": 0.8}, n=100)).results.model_dump(mode="json")
    del told["fairness"]
    for entry in told["entries"]:
        del entry["calibration"]
    found = Results.model_validate_json(json.dumps(told))
    assert found.fairness.received == []
    assert found.fairness.equal_seconds is None
    assert found.entries[0].calibration is None


def test_confidence_and_fairness_are_judged_for_everybody(tmp_path: Path) -> None:
    results = judge(make_contest(tmp_path)).results
    assert [one.entry for one in results.fairness.received] == [e.name for e in results.entries]
    members = [m.entry for group in results.fairness.sizes for m in group.members]
    assert sorted(members) == sorted(e.name for e in results.entries)
    for entry in results.entries:
        assert entry.calibration is not None
        assert entry.calibration.band.low < entry.calibration.expected_ece < entry.calibration.band.high
        assert len(entry.calibration.temperature.values) == len(entry.seeds)


def test_noise_without_bound_finds_no_difference(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.95, "b": 0.8}, seeds=2)
    low = make_contest(tmp_path / "low", {"b": 0.3}, seeds=2).entries[0].runs[1]
    b = contest.entries[1]
    results = judge(replace(contest, entries=(contest.entries[0], replace(b, runs=(b.runs[0], low))))).results
    assert results.pairs[0].detectable is None
    assert results.pairs[0].sentence.endswith("so few seeds no difference could be found reliably.")


def test_what_has_no_validation_pictures_has_no_validation_accuracy(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"all": 0.9, "some": 0.8})
    nothing = {"validation_accuracy": math.nan, "validation_loss": math.nan}
    blind = tuple(
        replace(
            run,
            curves=tuple({**row, **nothing} for row in run.curves),
            validation_logits=run.validation_logits[:0],
            validation_labels=run.validation_labels[:0],
        )
        for run in contest.entries[0].runs
    )
    contest = replace(contest, entries=(replace(contest.entries[0], runs=blind), contest.entries[1]))
    results = judge(contest).results
    kept = len(contest.entries[1].runs[0].validation_labels)
    assert results.dataset.validation_examples == kept
    assert results.dataset.train_examples == len(contest.dataset.train) - kept
    assert [row[7] is None for row in ranking(results).rows] == [True, False]
    assert [f.status for f in results.findings if (f.code, f.entry) == ("BK002", "all")] == ["not applicable"]
    runs = {entry.name: entry.runs for entry in contest.entries}
    assert "all 0.00%" not in plot_compare(results, runs, shared_scales(results, runs)).alt


def test_an_accuracy_on_validation_has_an_interval_for_new_pictures_too(tmp_path: Path) -> None:
    (entry,) = judge(make_contest(tmp_path, {"a": 0.9}, seeds=1)).results.entries
    assert entry.validation_accuracy.interval is not None
    assert entry.validation_accuracy.interval.kind == "Wilson"


def test_equivalent_is_not_said_to_be_undecided(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9, "c": 0.89}, seeds=3, n=2000)
    twin = Contestant("b", contest.entries[0].runs)
    results = judge(replace(contest, entries=(contest.entries[0], twin, contest.entries[1]), margin=0.02)).results
    verdicts = {pair.b: pair.verdict for pair in results.pairs if pair.a == "a"}
    assert verdicts == {"b": "equivalent", "c": "undecided"}
    assert results.answer.endswith("but cannot be told apart from c with 3 seeds each; b is equivalent to it.")


def test_a_lone_sound_seed_of_several_is_told_as_such(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8}, seeds=3)
    broken = [replace(run, summary={**run.summary, "diverged": True}) for run in contest.entries[1].runs[1:]]
    b = replace(contest.entries[1], runs=(contest.entries[1].runs[0], *broken))
    results = judge(replace(contest, entries=(contest.entries[0], b))).results
    (few,) = [f for f in results.findings if f.code == "BK006"]
    assert few.evidence.startswith("b (of 3) ran with one sound seed")
    assert few.advice == "Mend what failed first: BK007."
    assert results.methods[0].startswith("Each entry was trained with 3 seeds;")
