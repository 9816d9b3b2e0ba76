"""A dataset looked through before anything is trained on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bakeoff.data import Dataset, load_dataset
from bakeoff.judge.audit import audit_data
from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings import gravity
from bakeoff.judge.findings.bk005_duplicates import duplicates
from bakeoff.judge.findings.bk020_near_copies import near_copies
from bakeoff.judge.findings.bk021_imbalance import imbalance
from bakeoff.judge.findings.bk023_left_out import left_out
from bakeoff.judge.findings.bk024_conflicts import conflicts
from bakeoff.judge.results import Finding
from bakeoff.runs.files import write_text
from bakeoff.show.audit_page import render_audit


@dataclass(frozen=True)
class AuditReport:
    """`page`: where the pictures are shown, if a page was asked for."""

    dataset: Dataset
    audit: AuditResult
    findings: list[Finding]
    page: Path | None


def audit_dataset(
    name: str | Path,
    *,
    data_dir: Path | None = None,
    size: int | None = None,
    on_error: str = "skip",
    called: str | None = None,
    out: Path | None = None,
) -> AuditReport:
    """Copies on both sides, equal pictures of two classes, uneven classes, unreadable files. `out`: a page with the
    pictures, .html. Raises UsageError and DataError as `load_dataset` does."""
    dataset = load_dataset(name, data_dir=data_dir, size=size, on_error=on_error, called=called)
    told = audit_data(dataset)
    findings = [duplicates(dataset), near_copies(told), imbalance(told), left_out(told), conflicts(told)]
    findings.sort(key=gravity)
    if out is not None:
        write_text(out, render_audit(told, findings, dataset))
    return AuditReport(dataset, told, findings, out)
