"""BK024: equal pictures that bear different labels."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import counted, listed

CODE = Code("BK024", "equal pictures, different labels", "warning", about="the data")


def check(case: Case) -> Iterator[Finding]:
    yield conflicts(case.audit)


def conflicts(audit: AuditResult) -> Finding:
    if not audit.conflicts:
        return CODE.passed("equal pictures bear equal labels")
    first = audit.conflicting[0]
    names = listed(list(dict.fromkeys(picture.label for picture in first)))
    places = ", ".join(p.file or f"{p.part} {p.row}" for p in first[:4])
    evidence = (
        f"{counted(audit.conflicts, 'picture')} {'stands' if audit.conflicts == 1 else 'stand'} there more than once, "
        f"under different labels; the first as {names} ({places})"
    )
    advice = "At most one label of each can be right: settle it, or take the picture out of both parts."
    return CODE.found(evidence, advice)
