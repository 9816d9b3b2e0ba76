"""Coded findings: what a careful colleague would point out. A file a code, each with a `CODE` and a `check` that gives
its answers for a case; docs/findings has a page a code. A new one needs its file, its page and its test.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from bakeoff.judge.findings.bk008_seen import seen_sentence
from bakeoff.judge.findings.bk026_imported import imported_sentence
from bakeoff.judge.findings.contract import Case, Check, Code
from bakeoff.judge.results import Finding

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.name[:2] == "bk"]

CHECKS: dict[Code, Check] = {module.CODE: module.check for module in _MODULES}

_STATUS = {"found": 0, "passed": 1, "not applicable": 2}
_SEVERITY = {"serious": 0, "warning": 1, "info": 2}


def all_findings(case: Case) -> list[Finding]:
    """Every check's answers, by `gravity`."""
    findings = [finding for check in CHECKS.values() for finding in check(case)]
    return sorted(findings, key=gravity)


def gravity(finding: Finding) -> tuple[int, int, str]:
    """What findings are sorted by: found ones first, the gravest before the others."""
    return _STATUS[finding.status], _SEVERITY[finding.severity], finding.code


__all__ = ["CHECKS", "Case", "Code", "all_findings", "imported_sentence", "seen_sentence"]
