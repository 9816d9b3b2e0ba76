"""BK010: it is not right as often as it says."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.calibration import outside
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding, Severity

CODE = Code("BK010", "confidence that does not hold", "info", about="an entry")
NOTICED = 0.02
"""An ECE that lies outside the band is found if it also is this far above what perfect calibration would show ..."""
GRAVE = 0.1
"""... and a warning from this far above it."""


def check(case: Case) -> Iterator[Finding]:
    return map(miscalibrated, case.entries)


def miscalibrated(entry: EntryResult) -> Finding:
    found = entry.calibration
    if found is None:
        return CODE.not_applicable("its calibration was not judged", entry=entry.name)
    excess = entry.ece.mean - found.expected_ece
    if not outside(found, entry.ece) or excess < NOTICED:
        return CODE.passed(
            f"ECE {entry.ece.mean:.3f}; perfect calibration: {found.band.low:.3f} to {found.band.high:.3f}",
            entry=entry.name,
        )
    advice = "Do not read its probabilities as they are"
    if found.temperature and found.ece_after and found.ece_after.mean < entry.ece.mean:
        advice += f"; divided by a temperature of {found.temperature.mean:.2f} they are nearer the truth"
    squared = entry.recipe["loss"] == "squared_error"
    why = " Trained on squared error, its outputs are no logarithms of probabilities." if squared else ""
    severity: Severity = "warning" if excess >= GRAVE and not squared else "info"
    return CODE.found(found.sentence + why, f"{advice}.", entry=entry.name, severity=severity)
