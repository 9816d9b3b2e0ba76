"""What a data audit found, on stdout."""

from __future__ import annotations

from bakeoff.api import AuditReport
from bakeoff.cli.printing import print_json, say
from bakeoff.judge.audit_results import Picture

PRINTED = 12
"""Pairs of copies; --json and the page have more."""


def audit(report: AuditReport, *, as_json: bool) -> None:
    """A line a finding, what is found first; then what to do."""
    if as_json:
        found = [finding.model_dump(mode="json") for finding in report.findings]
        return print_json({"name": report.dataset.name, "fingerprint": report.dataset.fingerprint, "findings": found,
                      "audit": report.audit.model_dump(mode="json"),
                      "page": str(report.page) if report.page else None})  # fmt: skip
    say(f"{report.dataset.name}: {report.audit.train:,} + {report.audit.test:,} test pictures")
    for finding in report.findings:
        head = finding.severity if finding.status == "found" else finding.status
        say(f"{finding.code} {head}: {finding.evidence}")
        if finding.advice:
            say(f"    {finding.advice}")
    for pair in [*report.audit.test_pairs, *report.audit.train_pairs][:PRINTED]:
        say(f"  {_place(pair.first)} = {_place(pair.second)}, likeness {pair.likeness:.2f}")
    return say(f"pictures: {report.page}") if report.page else None


def _place(picture: Picture) -> str:
    return picture.file or f"{picture.part} {picture.row} ({picture.label})"
