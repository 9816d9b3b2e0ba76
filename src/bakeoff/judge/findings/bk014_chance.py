"""BK014: the result is no better than always giving the most frequent answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.intervals import wilson
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import bracket, percent

CODE = Code("BK014", "a result at chance", "serious", about="an entry")


def check(case: Case) -> Iterator[Finding]:
    return map(chance, case.entries)


def most_frequent(entry: EntryResult) -> float:
    """The share of the most frequent class among the test pictures, 0..1: what guessing it always would reach."""
    support = np.array(entry.confusion).sum(1)
    return float(support.max() / support.sum())


def at_chance(entry: EntryResult) -> bool:
    """Whether the interval of test accuracy reaches down to `most_frequent`, the images alone taken as random."""
    n = entry.test_examples
    return wilson(entry.test_accuracy.mean * n, n).low <= most_frequent(entry)


def chance(entry: EntryResult) -> Finding:
    n, guess = entry.test_examples, most_frequent(entry)
    if len(entry.classes) < 2 or guess >= 1:
        return CODE.not_applicable("the test pictures are of one class", entry=entry.name)
    figures = f"test accuracy {percent(entry.test_accuracy.mean)}; always naming one class gives {percent(guess)}"
    if not at_chance(entry):
        return CODE.passed(figures, entry=entry.name)
    interval = wilson(entry.test_accuracy.mean * n, n)
    return CODE.found(
        f"{figures}, not below its interval {bracket(interval)}",
        "It has learned nothing that can be told: try another learning rate, look at the loss of the first steps, and "
        "check that labels belong to their pictures.",
        entry=entry.name,
    )
