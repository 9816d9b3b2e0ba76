"""What every finding is made of: a code with its title, what a check is given to look at, and the three answers that it
may give. *Not applicable* is never *passed*: silence must not be mistaken for health."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bakeoff.judge.audit import audit_data
from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.contest import Contest
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.results import EntryResult, Fairness, Finding, PairResult, Severity
from bakeoff.runs.run import Run

About = Literal["an entry", "a search", "the data", "the study"]


@dataclass(frozen=True)
class Case:
    """What checks look at: the contest, and what the judge has made of it so far. `entries` are ranked, best first;
    `evidence` holds the opened runs by entry; entries of the contest without a sound run are in neither."""

    contest: Contest
    entries: Sequence[EntryResult]
    evidence: Mapping[str, Evidence]
    pairs: Sequence[PairResult] = ()
    fairness: Fairness = field(default_factory=Fairness)
    audited: AuditResult | None = None

    @property
    def audit(self) -> AuditResult:
        """What the judge found in the data and the runs; if it was not asked to look, what the data alone says."""
        return self.audited or audit_data(self.contest.dataset)

    def runs(self, entry: EntryResult) -> tuple[Run, ...]:
        """Its sound runs, by seed."""
        return self.evidence[entry.name].runs


Check = Callable[[Case], Iterable[Finding]]
"""One finding for each entry, search or study that the code is about, whatever its answer."""


@dataclass(frozen=True)
class Code:
    """One kind of finding. `severity` is the usual one; a finding may say that it is graver."""

    code: str
    title: str
    severity: Severity
    about: About

    def found(
        self, evidence: str, advice: str, *, entry: str | None = None, severity: Severity | None = None,
        epoch: float | None = None,
    ) -> Finding:  # fmt: skip
        """`evidence`: a sentence with figures; `advice`: one sentence."""
        facts = {"code": self.code, "title": self.title, "severity": severity or self.severity, "entry": entry}
        return Finding(**facts, status="found", evidence=evidence, advice=advice, epoch=epoch)

    def passed(self, evidence: str, *, entry: str | None = None) -> Finding:
        return Finding(
            code=self.code, title=self.title, severity=self.severity, entry=entry, status="passed", evidence=evidence,
            advice="",
        )  # fmt: skip

    def not_applicable(self, why: str, *, entry: str | None = None) -> Finding:
        """`why` the check could not be made."""
        return self.passed(why, entry=entry).model_copy(update={"status": "not applicable"})
