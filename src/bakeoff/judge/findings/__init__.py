"""Coded findings: what a careful colleague would point out. A file a code, each with a `CODE` and a `check` that gives
its answers for a case; docs/findings has a page a code. A new one needs its file, its line here, its page and its test.
"""

from __future__ import annotations

from bakeoff.judge.findings import (
    bk001_overfitting,
    bk002_underfitting,
    bk003_edge,
    bk004_still_rising,
    bk005_duplicates,
    bk006_few_seeds,
    bk007_failed,
    bk008_seen,
    bk009_dead_units,
    bk010_calibration,
    bk011_shift,
    bk012_lost_class,
    bk013_unstable,
    bk014_chance,
    bk015_unequal,
    bk016_spikes,
    bk017_no_validation,
    bk018_metric,
    bk019_margin,
    bk020_near_copies,
    bk021_imbalance,
    bk022_suspect_labels,
    bk023_left_out,
    bk024_conflicts,
    bk025_imported,
)
from bakeoff.judge.findings.bk008_seen import seen_sentence
from bakeoff.judge.findings.bk025_imported import imported_sentence
from bakeoff.judge.findings.contract import Case, Check, Code
from bakeoff.judge.results import Finding

CHECKS: dict[Code, Check] = {
    module.CODE: module.check
    for module in (
        bk001_overfitting,
        bk002_underfitting,
        bk003_edge,
        bk004_still_rising,
        bk005_duplicates,
        bk006_few_seeds,
        bk007_failed,
        bk008_seen,
        bk009_dead_units,
        bk010_calibration,
        bk011_shift,
        bk012_lost_class,
        bk013_unstable,
        bk014_chance,
        bk015_unequal,
        bk016_spikes,
        bk017_no_validation,
        bk018_metric,
        bk019_margin,
        bk020_near_copies,
        bk021_imbalance,
        bk022_suspect_labels,
        bk023_left_out,
        bk024_conflicts,
        bk025_imported,
    )
}

_STATUS = {"found": 0, "passed": 1, "not applicable": 2}
_SEVERITY = {"serious": 0, "warning": 1, "info": 2}


def all_findings(case: Case) -> list[Finding]:
    """Every check's answers; found ones first, the gravest before the others."""
    findings = [finding for check in CHECKS.values() for finding in check(case)]
    return sorted(findings, key=lambda f: (_STATUS[f.status], _SEVERITY[f.severity], f.code))


__all__ = ["CHECKS", "Case", "Code", "all_findings", "imported_sentence", "seen_sentence"]
