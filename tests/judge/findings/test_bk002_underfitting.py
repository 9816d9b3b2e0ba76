"""BK002: an entry that cannot fit the training set as well as another generalises."""

from dataclasses import replace
from pathlib import Path

from synthetic import make_contest

from bakeoff.judge import judge


def status(contest, entry):
    return next(f.status for f in judge(contest).results.findings if f.code == "BK002" and f.entry == entry)


def test_a_weak_entry_without_a_gap_is_found(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"strong": 0.95, "weak": 0.6}, n=2000)
    weak = contest.entries[1]
    runs = tuple(replace(r, summary={**r.summary, "train_accuracy": 0.605}) for r in weak.runs)
    contest = replace(contest, entries=(contest.entries[0], replace(weak, runs=runs)))
    assert status(contest, "weak") == "found"
    assert status(contest, "strong") == "passed"


def test_a_wide_train_validation_gap_is_not_underfitting(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"strong": 0.95, "weak": 0.6}, n=2000)
    weak = contest.entries[1]
    runs = tuple(replace(r, summary={**r.summary, "train_accuracy": 0.8}) for r in weak.runs)
    assert status(replace(contest, entries=(contest.entries[0], replace(weak, runs=runs))), "weak") == "passed"


def test_alone_it_cannot_be_told(tmp_path: Path) -> None:
    assert status(make_contest(tmp_path, {"only": 0.6}), "only") == "not applicable"
