"""BK001: validation loss turns up while training loss goes on falling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.landmarks import SHORTEST
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.runs.run import Run

CODE = Code("BK001", "overfitting", "warning", about="an entry")


def check(case: Case) -> Iterator[Finding]:
    return (overfitting(entry, case.runs(entry)) for entry in case.entries)


def overfitting(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    if max(len(run.curves) for run in runs) < SHORTEST or not np.isfinite(runs[0].curve("validation_loss")).all():
        return CODE.not_applicable(f"needs {SHORTEST} epochs with validation", entry=entry.name)
    start = entry.landmarks.overfits_from
    if start is None:
        return CODE.passed("validation loss does not turn up beyond noise", entry=entry.name)
    lowest = float(np.median([np.nanmin(run.curve("validation_loss")) for run in runs]))
    last = float(np.median([run.curve("validation_loss")[-1] for run in runs]))
    return CODE.found(
        f"validation loss rises from {lowest:.3f} at epoch {start:g} to {last:.3f} while training loss falls",
        f"Stop near epoch {start:g} (stop: {{patience: 5}}, keep: best), or regularise: dropout, augmentation, weight "
        "decay.",
        entry=entry.name,
        epoch=start,
    )
