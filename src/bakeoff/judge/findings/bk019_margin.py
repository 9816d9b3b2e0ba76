"""BK019: at another margin the verdict on the best entry is another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.compare import decide
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding, PairResult
from bakeoff.judge.words import counted, points

CODE = Code("BK019", "the verdict depends on the margin", "info", about="the study")
FACTORS = (0.5, 2.0)
"""The study's margin is halved and doubled: both would have been a reasonable choice."""


def check(case: Case) -> Iterator[Finding]:
    best = case.entries[0].name
    yield other_verdicts([pair for pair in case.pairs if best in (pair.a, pair.b)], case.contest.margin)


def other_verdicts(pairs: Sequence[PairResult], margin: float) -> Finding:
    """`pairs`: those of the best entry. What is undecided may become equivalent at a wide enough margin; that is no
    news."""
    judged = [(pair, pair.recipes) for pair in pairs if pair.recipes is not None]
    if not judged or margin <= 0:
        return CODE.not_applicable("no pair with the best entry is judged by a margin")
    found = []
    for pair, recipes in judged:
        for factor in FACTORS if pair.verdict != "undecided" else ():
            other = decide(recipes.interval.low, recipes.interval.high, recipes.p_holm, factor * margin)
            if other != pair.verdict:
                found.append(f"{pair.a} over {pair.b}: {pair.verdict}, but {other} at ±{points(factor * margin)}")
    if not found:
        return CODE.passed(
            f"{counted(len(judged), 'pair')} with the best entry: the same at half and at twice the margin"
        )
    return CODE.found(
        f"at the study's margin of ±{points(margin)} {'; '.join(found)}",
        "State the margin beside the verdict, and why differences within it do not matter to you.",
    )
