"""BK023: files that could not be read and were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import counted, percent

CODE = Code("BK023", "files left out", "warning", about="the data")
MANY = 0.01
"""Of all files; fewer are information."""


def check(case: Case) -> Iterator[Finding]:
    yield left_out(case.audit)


def left_out(audit: AuditResult) -> Finding:
    count, read = len(audit.skipped), audit.train + audit.test
    if not count:
        return CODE.passed(f"all {read:,} pictures were read")
    where, most = Counter(_folder(file) for file, _ in audit.skipped).most_common(1)[0]
    file, reason = audit.skipped[0]
    evidence = (
        f"{counted(count, 'file')} of {read + count:,} ({percent(count / (read + count))}) could not be read, most of "
        f"them, {most}, in {where}; the first is {file}: {reason}"
    )
    advice = "Mend or remove them: what is left out is rarely a fair sample, and the test set shrinks with it."
    return CODE.found(evidence, advice, severity="warning" if count > MANY * (read + count) else "info")


def _folder(file: str) -> str:
    return file.rpartition("/")[0] or "the folder itself"
