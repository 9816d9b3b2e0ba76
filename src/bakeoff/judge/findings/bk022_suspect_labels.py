"""BK022: labels that nearly every run contradicts, on pictures that it did not learn from."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.suspects import AGREE, FEWEST
from bakeoff.judge.words import percent

CODE = Code("BK022", "suspect labels", "info", about="the data")
MANY = 0.02
"""From this share of the pictures on it is a warning."""


def check(case: Case) -> Iterator[Finding]:
    yield suspect_labels(case.audit, sum(len(evidence.runs) for evidence in case.evidence.values()))


def suspect_labels(audit: AuditResult, runs: int) -> Finding:
    if not audit.predicted:
        return CODE.not_applicable("no runs that share a validation set")
    if runs < FEWEST:
        return CODE.not_applicable(f"needs {FEWEST} runs")
    n = audit.predicted
    if not audit.suspected:
        return CODE.passed(f"of {n:,} validation pictures none is taken for one and the same other class by most runs")
    first = audit.suspects[0]
    evidence = (
        f"{audit.suspected:,} of {n:,} validation pictures ({percent(audit.suspected / n)}) are taken for one other "
        f"class by at least {percent(AGREE, 0)} of the runs, which are sure of it; first of all training picture "
        f"{first.picture.row}, labelled {first.picture.label}, said to be {first.suggested}"
    )
    advice = "Look at them: correct what is wrong, and leave what is merely hard; the test labels are likely as good."
    return CODE.found(evidence, advice, severity="warning" if audit.suspected > MANY * n else "info")
