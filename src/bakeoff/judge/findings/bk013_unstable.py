"""BK013: one seed comes out far from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import percent, points

CODE = Code("BK013", "a seed far off", "warning", about="an entry")
FEWEST = 3
FAR = 0.02
"""Found if a seed's test accuracy is this far from the entry's median ..."""
TIMES = 5.0
"""... and by this many times the usual distance of seeds in the study."""


def check(case: Case) -> Iterator[Finding]:
    usual = usual_distance(case.entries)
    return (far_off(entry, usual) for entry in case.entries)


def usual_distance(entries: Sequence[EntryResult]) -> float:
    """A robust sd of seeds about their entry's median, over all entries with enough seeds; never less than what the
    choice of test pictures alone gives."""
    told = [e for e in entries if len(e.seeds) >= FEWEST]
    if not told:
        return 0.0
    away = np.concatenate([np.abs(_away(e)) for e in told])
    images = max(e.test_accuracy.mean * (1 - e.test_accuracy.mean) / e.test_examples for e in told) ** 0.5
    return max(float(np.median(away)) / 0.6745, images)


def far_off(entry: EntryResult, usual: float) -> Finding:
    """`usual`: see `usual_distance`."""
    if len(entry.seeds) < FEWEST:
        return CODE.not_applicable(f"needs {FEWEST} seeds", entry=entry.name)
    away = _away(entry)
    worst = int(np.argmax(np.abs(away)))
    if abs(away[worst]) < max(FAR, TIMES * usual):
        return CODE.passed(f"seeds lie within {points(float(np.ptp(away)))}", entry=entry.name)
    values = entry.test_accuracy.values
    return CODE.found(
        f"seed {entry.seeds[worst]} reaches {percent(values[worst])} where the median seed reaches "
        f"{percent(float(np.median(values)))}; seeds of this study are usually {points(usual)} off",
        "Look at that seed's curve before you trust the mean: a lower rate, a warm-up or batch norm make training "
        "steadier.",
        entry=entry.name,
    )


def _away(entry: EntryResult) -> np.ndarray:
    values = np.array(entry.test_accuracy.values)
    return values - np.median(values)
