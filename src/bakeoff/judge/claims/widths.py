"""Comparisons of how wide the intervals are that a report prints: "with the lowest confidence interval"."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import SIZES, Claim
from bakeoff.judge.claims.figure import SHARES
from bakeoff.judge.claims.words import source_words
from bakeoff.judge.words import points

HALF_WIDTH = "half_width"
"""The metric of such a comparison: the ± of a share, or half of its interval. The narrower one is better."""
NOT_OURS = "how wide an interval is depends on how many pictures and trainings it is of, not on the entry"
"""Why it is not judged beside our runs."""


def width_problems(claim: Claim, claims: Sequence[Claim]) -> Iterator[ClaimProblem]:
    """Where the report prints no narrower interval for the one that it says has the narrower one."""
    pairs = list(product(_printed(claim.subject, claims), _printed(claim.than, claims)))
    if pairs and all(_no_narrower(one, two) for (_, one), (_, two) in pairs):
        (a, one), (b, two) = pairs[0]
        told = f"and {claim.than} the same" if math.isclose(one, two) else f"{claim.than} ±{points(two)}"
        evidence = f"{claim.subject} has ±{points(one)} ({source_words(a)}), {told} ({source_words(b)})"
        yield ClaimProblem(verdict="contradicts itself", evidence=evidence)


def width_mistake(claim: Claim) -> tuple[str, str] | None:
    """The key and what is wrong with it, or None."""
    beside = [key for key in SIZES if getattr(claim, key) is not None]
    if claim.compared != HALF_WIDTH or (claim.verb == "better" and not beside):
        return None
    return (beside or [str(claim.verb)])[0], f"of two intervals ({HALF_WIDTH}) one can be `better`, no more"


def _printed(entry: str | None, claims: Sequence[Claim]) -> list[tuple[Claim, float]]:
    """(claim, half-width) of all that is printed for the entry."""
    of_entry = [c for c in claims if c.verb is None and c.entry == entry and c.metric in SHARES]
    widths = [(c, c.plus_minus) for c in of_entry if c.plus_minus is not None]
    return widths + [(c, (c.interval[1] - c.interval[0]) / 2) for c in of_entry if c.interval is not None]


def _no_narrower(one: float, two: float) -> bool:
    return one > two or math.isclose(one, two)
