"""BK017: nothing was set aside for validation."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding

CODE = Code("BK017", "no validation split", "info", about="an entry")


def check(case: Case) -> Iterator[Finding]:
    return map(no_validation, case.entries)


def no_validation(entry: EntryResult) -> Finding:
    if entry.validation_examples:
        return CODE.passed(f"{entry.validation_examples:,} validation pictures", entry=entry.name)
    return CODE.found(
        f"0 validation pictures: nothing here can say whether its {entry.epochs.mean:g} epochs were too many or too "
        "few, and its confidence cannot be corrected",
        "Choose nothing about it by its test accuracy, which is then no test any more; set some pictures aside "
        "(split: {validation: 0.1}).",
        entry=entry.name,
    )
