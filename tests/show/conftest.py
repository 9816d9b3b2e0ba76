"""Contests for the report's tests."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from chromium import browser  # noqa: F401
from hostile_names import NASTY
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Judgement
from bakeoff.judge.results import ClaimProblem, ClaimResult
from bakeoff.show import write_report


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def judged(tmp_path_factory) -> tuple[Contest, Judgement]:
    """Three entries, three seeds, four classes, 400 test pictures; one entry overfits, one has a failed seed."""
    contest = make_contest(tmp_path_factory.mktemp("judged"), overfit=True)
    failed = replace(contest.entries[1], failures=("seed 7 diverged at step 123",))
    contest = replace(contest, entries=(contest.entries[0], failed, *contest.entries[2:]))
    return contest, judge(contest)


@pytest.fixture(scope="session")
def report(judged, tmp_path_factory) -> Path:
    """The folder of a written report of `judged`."""
    return write_report(*judged, tmp_path_factory.mktemp("report")).parent


@pytest.fixture(scope="session")
def nasty(tmp_path_factory) -> tuple[Contest, Judgement]:
    """`judged` with hostile names everywhere a name comes from outside."""
    folder = tmp_path_factory.mktemp("nasty")
    contest = make_contest(folder, {NASTY[0]: 0.9, NASTY[1]: 0.8, NASTY[2]: 0.7, "x" * 300: 0.6}, seeds=2, n=200)
    dataset = replace(contest.dataset, classes=NASTY, name=NASTY[0], source=NASTY[3], licence=NASTY[2])
    contest = replace(contest, study=NASTY[0], question=NASTY[3], dataset=dataset)
    judgement = judge(contest)
    claims = [
        ClaimResult(
            claim=NASTY[3], source=n, reported=0.9, ours=0.8, verdict="not reached", evidence=NASTY[1],
            problems=[ClaimProblem(verdict="contradicts itself", evidence=n)],
        )
        for n in NASTY
    ]  # fmt: skip
    results = judgement.results.model_copy(update={"claims": claims, "answer": NASTY[0]})
    return contest, Judgement(results, judgement.test_logits)
