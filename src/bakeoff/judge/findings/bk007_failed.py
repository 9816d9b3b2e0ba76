"""BK007: trainings that failed or diverged. They are named, never averaged in, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.contest import Contestant
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import counted

CODE = Code("BK007", "trainings that failed", "warning", about="an entry")


def check(case: Case) -> Iterator[Finding]:
    """Of every entry, also one without a sound run: that is not ranked, but it is named."""
    return (failed(entry, ranked=entry.name in case.evidence) for entry in case.contest.entries)


def failed(entry: Contestant, *, ranked: bool) -> Finding:
    diverged = [run for run in entry.runs if run.summary["diverged"]]
    failures = [*entry.failures, *(f"seed {run.job.seed}: {run.summary['stopped']}" for run in diverged)]
    if not failures:
        return CODE.passed(f"{counted(len(entry.runs), 'training')} ended well", entry=entry.name)
    advice = (
        "Lower the learning rate or look at the recipe."
        if diverged
        else "See the reason, then run the study again: only what is missing trains."
    )
    evidence = "; ".join(failures) + ("" if ranked else " (not ranked)")
    return CODE.found(evidence, advice, entry=entry.name, severity="warning" if ranked else "serious")
