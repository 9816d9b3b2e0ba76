"""BK004: training ended while validation accuracy was still going up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import points
from bakeoff.runs.run import Run

CODE = Code("BK004", "learning curve still rising", "info", about="an entry")
RISING = 0.005
"""A curve still rises if a straight line through its last third gains this much in as many epochs again."""


def check(case: Case) -> Iterator[Finding]:
    return (still_rising(entry, case.runs(entry)) for entry in case.entries)


def still_rising(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    schedule = entry.recipe["schedule"]["kind"]
    if schedule in ("cosine", "one_cycle"):
        why = f"a {schedule.replace('_', '-')} schedule always rises towards its end"
        return CODE.not_applicable(why, entry=entry.name)
    gains = []
    for run in runs:
        curve = run.curve("validation_accuracy")
        third = len(curve) // 3
        if third >= 2 and np.isfinite(curve).all():
            slope = np.polyfit(np.arange(third), curve[-third:], 1)[0]
            gains.append(slope * third)
    if not gains:
        return CODE.not_applicable("needs 6 epochs with validation", entry=entry.name)
    gain = float(np.median(gains))
    if gain < RISING:
        return CODE.passed(f"the last third of the epochs gained {points(gain)}", entry=entry.name)
    return CODE.found(
        f"validation accuracy rose by {points(gain)} over the last third of the epochs",
        "Train for more epochs before you compare; the ranking may change.",
        entry=entry.name,
    )
