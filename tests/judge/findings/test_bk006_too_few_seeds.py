"""BK006: pairs that more seeds could decide."""

from pathlib import Path

from synthetic import make_contest

from bakeoff.judge import judge


def finding(contest):
    return next(f for f in judge(contest).results.findings if f.code == "BK006")


def test_one_seed_is_serious(tmp_path: Path) -> None:
    found = finding(make_contest(tmp_path, seeds=1))
    assert (found.status, found.severity) == ("found", "serious")
    assert "one seed" in found.evidence


def test_decided_pairs_pass(tmp_path: Path) -> None:
    assert finding(make_contest(tmp_path, {"a": 0.95, "b": 0.7}, seeds=4, n=2000)).status == "passed"


def test_undecided_pairs_are_counted(tmp_path: Path) -> None:
    found = finding(make_contest(tmp_path, {"a": 0.80, "b": 0.79}, seeds=3, n=400))
    assert found.status == "found"
    assert found.evidence == "1 of 1 pair is undecided"


def test_one_entry_is_not_applicable(tmp_path: Path) -> None:
    assert finding(make_contest(tmp_path, {"a": 0.8})).status == "not applicable"
