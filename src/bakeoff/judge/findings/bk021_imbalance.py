"""BK021: some classes have many more pictures than others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import percent

CODE = Code("BK021", "class imbalance", "warning", about="the data")
UNEVEN = 2.0
"""The largest class is so many times the smallest."""
SEVERE = 10.0


def check(case: Case) -> Iterator[Finding]:
    yield imbalance(case.audit)


def imbalance(audit: AuditResult) -> Finding:
    counts = np.array(audit.train_counts)
    few, many = int(counts.argmin()), int(counts.argmax())
    ratio = float(counts[many] / counts[few]) if counts[few] else float("inf")
    sizes = (
        f"the largest class, {audit.classes[many]}, has {counts[many]:,} training pictures, the smallest, "
        f"{audit.classes[few]}, {counts[few]:,}"
    )
    if ratio < UNEVEN:
        return CODE.passed(
            sizes if counts[many] > counts[few] else f"every class has {counts[few]:,} training pictures"
        )
    tested = np.array(audit.test_counts)
    evidence = f"{sizes}, {ratio:.1f} times fewer"
    if tested.sum():
        share = percent(tested[many] / tested.sum(), 1)
        evidence += f"; always naming the largest class would be right on {share} of the test pictures"
    advice = "Compare macro-F1 and balanced accuracy too, and look at the recall of the small classes."
    return CODE.found(evidence, advice, severity="warning" if ratio >= SEVERE else "info")
