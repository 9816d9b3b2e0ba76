"""BK012: a class that is recognised no better than by guessing, while others are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bakeoff.judge.findings.bk014_chance import at_chance
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.intervals import wilson
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import percent

CODE = Code("BK012", "a class that is lost", "warning", about="an entry")
FEWEST = 10
"""Test pictures below which a class says nothing."""
NAMED = 5


def check(case: Case) -> Iterator[Finding]:
    return map(lost_classes, case.entries)


def lost_classes(entry: EntryResult) -> Finding:
    """Lost: the interval of its recall holds the rate at which pictures of other classes are taken for it, so that
    its name says nothing of a picture."""
    counts = np.array(entry.confusion, float) / len(entry.seeds)
    support, predicted, total = counts.sum(1), counts.sum(0), counts.sum()
    judged = [i for i, one in enumerate(support) if one >= FEWEST]
    if not judged:
        return CODE.not_applicable(f"no class has {FEWEST} test pictures", entry=entry.name)
    if at_chance(entry):
        return CODE.not_applicable("the whole entry is at chance (BK014)", entry=entry.name)
    lost = []
    for i in judged:
        elsewhere = total - support[i]
        false_alarms = (predicted[i] - counts[i, i]) / elsewhere if elsewhere else 0.0
        if wilson(counts[i, i], round(support[i])).low <= false_alarms:
            lost.append(i)
    if not lost:
        worst = min(judged, key=lambda i: counts[i, i] / support[i])
        words = (
            f"the lowest recall, of {entry.classes[worst].name}, is {percent(counts[worst, worst] / support[worst], 1)}"
        )
        return CODE.passed(words, entry=entry.name)
    names = [
        f"{entry.classes[i].name} ({'never predicted' if not predicted[i] else percent(counts[i, i] / support[i], 1)})"
        for i in lost[:NAMED]
    ]
    enough = "" if len(judged) == len(support) else f" with {FEWEST} test pictures or more"
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return CODE.found(
        f"{len(lost)} of {len(judged)} classes{enough} no better recognised than by guessing: {', '.join(names)}{more}",
        "Look at these pictures and their labels, and whether there are enough of them to learn from.",
        entry=entry.name,
    )
