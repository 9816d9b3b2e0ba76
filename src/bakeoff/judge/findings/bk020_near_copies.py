"""BK020: near copies of test pictures in the training set: shifted, mirrored, brightened, compressed again."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import percent, points

CODE = Code("BK020", "near copies of test pictures in the training set", "warning", about="the data")


def check(case: Case) -> Iterator[Finding]:
    yield near_copies(case.audit)


def near_copies(audit: AuditResult) -> Finding:
    if audit.likeness is None:
        return CODE.not_applicable("too few different pictures to tell near copies from pictures that are merely alike")
    inside = f"; within the training set {audit.near_train:,} pictures have one" if audit.near_train else ""
    if not audit.near_test:
        return CODE.passed(f"no near copy of the {audit.test:,} test pictures is in the training set{inside}")
    share = percent(audit.near_test / audit.test)
    evidence = f"{audit.near_test:,} of {audit.test:,} test pictures ({share}) have a near copy in training{inside}"
    if audit.without:
        lowest = min(audit.without, key=lambda score: score.change)
        evidence += (
            f"; without test pictures that have a copy, exact or near, accuracy changes most for {lowest.entry}, by "
            f"{points(lowest.change)}"
        )
    advice = "Look at the pairs, and quote the accuracy without them if it differs by more than your margin."
    return CODE.found(evidence, advice, severity="warning" if _matters(audit) else "info")


def _matters(audit: AuditResult) -> bool:
    """At most a tenth of a percent of the test set moves no accuracy by more than a tenth of a point."""
    return audit.near_test + audit.equal_test > audit.test / 1000
