"""What is said of published claims: part of `results.json`, and what `bakeoff claims` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bakeoff.recipe import Frozen


class ClaimProblem(Frozen):
    """What a report's own numbers deny, whatever is measured: `evidence` is a sentence with figures."""

    verdict: Literal["does not follow", "contradicts itself"]
    evidence: str


ClaimVerdict = Literal[
    "reproduced", "exceeded", "not reached", "does not hold", "undecided", "does not follow", "contradicts itself",
    "not judged",
]  # fmt: skip


class ClaimResult(Frozen):
    """`verdict`: the claim beside what we measured or counted; `problems`: beside itself and its report's other
    figures. A claim may be reproduced and still contradict itself."""

    claim: str
    """The claim in words."""
    source: str
    metric: str | None = None
    """What the figures are figures of; None for plain arithmetic."""
    reported: float | str
    ours: float | str | None
    verdict: ClaimVerdict
    evidence: str
    problems: list[ClaimProblem] = Field(default_factory=list)
    entries: list[str] = Field(default_factory=list)
    """Whose runs or weights it is held against; empty for plain arithmetic and in results of earlier versions."""


ConclusionVerdict = Literal["holds", "does not hold", "undecided", "not judged"]


class Conclusion(Frozen):
    """What a report concludes on who does better, or as well, beside our verdicts in the accuracy that it is about (in
    test accuracy where we have no other). It *holds* if they say the same of every pair, *does not hold* if they say
    otherwise of one, else it is *undecided*."""

    said: str
    """In the report's own words if it is `quoted`, else the claims in ours."""
    quoted: bool
    source: str
    entries: list[str]
    """Whom it is about, the one that it puts first at the head."""
    verdict: ConclusionVerdict
    found: str
    """A sentence with the differences and their intervals, and one where the report's own figures deny it."""
    chance: str = ""
    """How far apart two trainings of one recipe lie, beside the report's own differences; empty where it gives none."""
