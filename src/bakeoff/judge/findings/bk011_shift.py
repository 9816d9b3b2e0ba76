"""BK011: test accuracy lies away from validation accuracy by more than chance."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.intervals import newcombe_independent
from bakeoff.judge.results import EntryResult, Finding, Severity
from bakeoff.judge.words import bracket, percent, points

CODE = Code("BK011", "validation and test disagree", "info", about="an entry")
APART = 0.01
"""Found if they differ by this much and the interval of the difference leaves out 0 ..."""
FAR = 0.05
"""... and a warning from this difference on."""


def check(case: Case) -> Iterator[Finding]:
    chosen = {name for search in case.contest.searches for name in search.finalists}
    return (disagree(entry, len(case.entries), searched=entry.name in chosen) for entry in case.entries)


def disagree(entry: EntryResult, entries: int, *, searched: bool) -> Finding:
    """The interval is of one seed's width, since all seeds meet the same pictures, and at 95% over all `entries`
    together (Bonferroni)."""
    n, validated = entry.test_examples, entry.validation_examples
    if not validated:
        return CODE.not_applicable("needs a validation split", entry=entry.name)
    validation, test = entry.validation_accuracy.mean, entry.test_accuracy.mean
    level = 1 - 0.05 / entries
    interval = newcombe_independent(validation * validated, validated, test * n, n, level)
    figures = f"{percent(validation)} on {validated:,} validation pictures, {percent(test)} on {n:,} test pictures"
    if abs(validation - test) < APART or interval.low <= 0 <= interval.high:
        return CODE.passed(figures, entry=entry.name)
    evidence = f"{figures}: {points(validation - test)} apart, {percent(level, 1)} interval {bracket(interval)}"
    if test > validation:
        advice = "The test pictures are easier; look whether they were collected alike, or have copies in training."
    elif entry.selected or searched:
        advice = "Validation chose the epoch or the recipe and so flatters; trust the test figure."
    else:
        advice = (
            "The test pictures are of another kind or harder; look how both were collected, and do not choose by "
            "validation accuracy at this precision."
        )
    severity: Severity = "warning" if abs(validation - test) >= FAR else "info"
    return CODE.found(evidence, advice, entry=entry.name, severity=severity)
