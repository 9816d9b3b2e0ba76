"""Seeds of one pack were timed together: one measurement, whatever its shares are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.claims import Claim
from bakeoff.judge.contest import Contest
from bakeoff.runs.run import Run

CLAIMS = (Claim(faster="cnn", than="mlp"),)


def timed(run: Run, pack_seconds: float, pack_size: int) -> Run:
    clock = {"seconds": pack_seconds / pack_size, "pack_seconds": pack_seconds, "pack_size": pack_size}
    return replace(run, summary={**run.summary, **clock})


def contest_of(folder: Path, cnn: list[tuple[float, int]], mlp: list[tuple[float, int]]) -> Contest:
    """Of three seeds each; (seconds, size) of the pack in which a seed trained."""
    contest = make_contest(folder, {"cnn": 0.9, "mlp": 0.6})
    entries = tuple(
        replace(entry, runs=tuple(timed(run, *clock) for run, clock in zip(entry.runs, clocks, strict=True)))
        for entry, clocks in zip(contest.entries, (cnn, mlp), strict=True)
    )
    return replace(contest, entries=entries, claims=CLAIMS)


ALONE = [(10.0, 1), (11.0, 1), (12.0, 1)]


@pytest.mark.parametrize(
    ("clocks", "values", "sd"),
    [
        (ALONE, [10.0, 11.0, 12.0], 1.0),
        ([(30.0, 3)] * 3, [10.0], None),
        ([(20.0, 2), (20.0, 2), (13.0, 1)], [10.0, 13.0], pytest.approx(4.5**0.5)),
        ([(10.0, 1)] * 3, [10.0] * 3, 0.0),  # equal by chance is not together
    ],
)
def test_seconds_are_one_value_a_measurement(tmp_path, clocks, values, sd) -> None:
    entry = next(e for e in judge(contest_of(tmp_path, clocks, ALONE)).results.entries if e.name == "cnn")
    assert (entry.seconds.values, entry.seconds.sd) == (values, sd)
    assert entry.seconds.mean == pytest.approx(sum(seconds / size for seconds, size in clocks) / 3)
    assert len(entry.seeds) == 3


def test_a_pack_timed_once_says_nothing_about_how_times_vary(tmp_path) -> None:
    (together,) = judge(contest_of(tmp_path / "a", [(3.0, 3)] * 3, ALONE)).results.claims
    assert together.verdict == "not judged"
    assert "11.0 times as fast; timed once on a side" in together.evidence
    (apart,) = judge(contest_of(tmp_path / "b", [(1.0, 1), (1.1, 1), (0.9, 1)], ALONE)).results.claims
    assert apart.verdict == "reproduced"
