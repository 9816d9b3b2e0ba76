"""BK018: by another metric another entry wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.estimates import Estimate
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import listed

CODE = Code("BK018", "the winner depends on the metric", "info", about="the study")
HIGHER = {"macro_f1": "macro-F1", "balanced_accuracy": "balanced accuracy"}
LOWER = {"nll": "NLL", "brier": "Brier score"}


def check(case: Case) -> Iterator[Finding]:
    yield other_winner(case.entries)


def other_winner(entries: Sequence[EntryResult]) -> Finding:
    """Another entry wins by a metric if its interval lies wholly on the better side of that of every entry that may be
    the best by accuracy."""
    if len(entries) < 2:
        return CODE.not_applicable("there is one entry only")
    first = [e for e in entries if e.best_group]
    others = [e for e in entries if not e.best_group]
    if not others:
        return CODE.passed("no entry is behind by accuracy, so none can overtake")
    found = []
    for key, words in {**HIGHER, **LOWER}.items():
        sign = 1 if key in HIGHER else -1
        best = max(others, key=lambda e: sign * getattr(e, key).mean)
        if all(_beyond(getattr(best, key), getattr(e, key), sign) for e in first):
            leader = getattr(entries[0], key).mean
            found.append(f"by {words} {best.name} ({getattr(best, key).mean:.3f}; {entries[0].name} {leader:.3f})")
    names = listed([e.name for e in first])
    if not found:
        told = listed([*HIGHER.values(), *LOWER.values()])
        return CODE.passed(f"by {told} none of the others is clearly ahead of {names}")
    return CODE.found(
        f"first by accuracy: {names}; {'; '.join(found)}",
        "Say which metric matters to you before you choose; NLL and Brier score judge the probabilities, which a "
        "temperature may mend.",
    )


def _beyond(a: Estimate, b: Estimate, sign: int) -> bool:
    """Whether a's interval lies wholly on the better side of b's."""
    if a.interval is None or b.interval is None:
        return False
    return a.interval.low > b.interval.high if sign > 0 else a.interval.high < b.interval.low
