"""BK002: it does not even fit the training set as well as another entry generalises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import percent, points

CODE = Code("BK002", "underfitting", "info", about="an entry")
BEHIND = 0.03
"""Its training accuracy stays this far below another's validation accuracy ..."""
CLOSE = 0.02
"""... and within this of its own validation accuracy."""


def check(case: Case) -> Iterator[Finding]:
    return (underfitting(entry, case.entries) for entry in case.entries)


def underfitting(entry: EntryResult, entries: Sequence[EntryResult]) -> Finding:
    others = [e for e in entries if e.name != entry.name and e.validation_examples]
    if not others:
        return CODE.not_applicable("needs another entry to compare with", entry=entry.name)
    if not entry.validation_examples:
        return CODE.not_applicable("needs validation pictures", entry=entry.name)
    best = max(others, key=lambda e: e.validation_accuracy.mean)
    train, own = entry.train_accuracy.mean, entry.validation_accuracy.mean
    if train > best.validation_accuracy.mean - BEHIND or train - own > CLOSE:
        return CODE.passed(f"training accuracy {percent(train)}", entry=entry.name)
    return CODE.found(
        f"training accuracy {percent(train)} is below the {percent(best.validation_accuracy.mean)} that {best.name} "
        f"reaches on pictures it never saw, and only {points(train - own)} above its own validation accuracy",
        "Give it more capacity, more epochs, a larger rate or less regularisation.",
        entry=entry.name,
    )
