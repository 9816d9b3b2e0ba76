"""A data audit as one self-contained page, for data that nothing has been trained on yet."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.data import Dataset
from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.results import Finding
from bakeoff.show.audit_section import audit_section
from bakeoff.show.templating import environment, styles


def render_audit(audit: AuditResult, findings: Sequence[Finding], dataset: Dataset) -> str:
    """The page as text; it refers to nothing outside itself."""
    section = audit_section(audit, dataset)
    found = [finding for finding in findings if finding.status == "found"]
    return (
        environment()
        .get_template("audit_page.html")
        .render(
            dataset=dataset,
            audit=section,
            audit_result=audit,
            findings=findings,
            answer=found[0].evidence[0].upper() + found[0].evidence[1:] + "." if found else "Nothing to report.",
            style=styles("report.css", "audit.css"),
            counts=list(zip(audit.classes, audit.train_counts, audit.test_counts, strict=True)),
            source=f"{dataset.source}. Licence: {dataset.licence}.",
        )
    )
