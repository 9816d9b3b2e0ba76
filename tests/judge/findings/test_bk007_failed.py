"""BK007: trainings that failed or diverged are named, never averaged in, never dropped in silence."""

from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import make_contest

from bakeoff.errors import StoreError
from bakeoff.judge import judge


def diverge(run):
    return replace(run, summary={**run.summary, "diverged": True, "stopped": "diverged at step 12"})


def test_a_diverged_seed_is_left_out_and_named(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8})
    first = contest.entries[0]
    wounded = replace(first, runs=(diverge(first.runs[0]), *first.runs[1:]), failures=("seed 9: out of memory",))
    results = judge(replace(contest, entries=(wounded, contest.entries[1]))).results
    entry = next(e for e in results.entries if e.name == "a")
    assert entry.seeds == [1, 2]
    assert entry.failures == ["seed 9: out of memory", "seed 0: diverged at step 12"]
    finding = next(f for f in results.findings if f.code == "BK007")
    assert (finding.entry, finding.severity) == ("a", "warning")


def test_an_entry_without_a_sound_run_is_not_ranked_but_named(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8})
    lost = replace(contest.entries[0], runs=tuple(map(diverge, contest.entries[0].runs)))
    results = judge(replace(contest, entries=(lost, contest.entries[1]))).results
    assert [e.name for e in results.entries] == ["b"]
    finding = next(f for f in results.findings if f.code == "BK007")
    assert finding.severity == "serious"
    assert "not ranked" in finding.evidence
    assert not any(look.run in {r.key for r in lost.runs} for look in results.looks)


def test_nothing_sound_at_all_is_an_error(tmp_path: Path) -> None:
    contest = make_contest(tmp_path, {"a": 0.9})
    lost = replace(contest.entries[0], runs=tuple(map(diverge, contest.entries[0].runs)))
    with pytest.raises(StoreError, match="diverged or failed"):
        judge(replace(contest, entries=(lost,)))
