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
from synthetic import make_contest, make_dataset, make_run

from bakeoff.data.dataset import Dataset, Examples
from bakeoff.judge import judge
from bakeoff.judge.claim_results import ClaimProblem, ClaimResult
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.show import write_report
from bakeoff.show.drawings import draw
from bakeoff.show.page import render_page


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


def smooth_pictures(n: int, side: int, seed: int = 0) -> torch.Tensor:
    """uint8 [n, 3, side, side]: compresses about as photos do, colours that change over pixels, and grain."""
    make = torch.Generator().manual_seed(seed)
    coarse = torch.rand((n, 3, side // 4, side // 4), generator=make)
    images = torch.nn.functional.interpolate(coarse, side, mode="bilinear")
    return (255 * images + 12 * torch.randn(images.shape, generator=make)).clamp(0, 255).to(torch.uint8)


@pytest.fixture(scope="session")
def large(tmp_path_factory) -> Path:
    """The page of 100 classes and 10,000 test pictures of 32 x 32 in colour, five entries with three seeds each."""
    folder = tmp_path_factory.mktemp("large")
    small = make_dataset(10_000, classes=100, shape=(3, 2, 2))
    test = Examples(smooth_pictures(10_000, 32), small.test.labels)
    train = Examples(torch.zeros((20_000, 3, 32, 32), dtype=torch.uint8), small.train.labels)
    dataset = Dataset("large", small.classes, train, test, source="made up", licence="none")
    entries = tuple(
        Contestant(
            f"entry {i}",
            tuple(make_run(folder, dataset, seed=s, accuracy=0.5 + 0.05 * i, parameters=100 + i) for s in range(3)),
        )
        for i in range(5)
    )
    contest = Contest("large", "Does it fit?", dataset, entries, folder / "ledger.jsonl")
    judgement = judge(contest)
    page = folder / "report.html"
    page.write_text(render_page(contest, judgement, draw(contest, judgement.results)), encoding="utf-8")
    return page
