"""A stated difference or ratio beside ours: a comparison that gives one is *reproduced* only if ours bears that out."""

from __future__ import annotations

import math
from dataclasses import replace

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import SHARES, Figure, difference, gaps_written, ratio
from bakeoff.judge.claims.measured import LOOSE, Judged, Verdict


def sized(claim: Claim, judged: Judged, *, apart: Figure, times: Figure | None) -> Judged:
    """The verdict of a comparison, with what it states of its size taken into account. `apart`, `times`: the intervals
    of our difference and ratio, above 0 and 1 where the first does better. *Undecided* and *not reached* remain."""
    if claim.verb == "equivalent":
        return judged
    for theirs, ours, written in (
        (difference(claim), apart, lambda found: gaps_written(claim.compared, found)),
        (ratio(claim), times, times_written),
    ):
        if theirs is None or ours is None:
            continue
        exact = ours is apart and claim.compared in SHARES
        verdict = judged.verdict if judged.verdict != "reproduced" else _beside(theirs, ours, 0 if exact else LOOSE)
        evidence = f"{judged.evidence.rstrip('.')}. Theirs: {written(theirs)}; ours: {written(ours)}"
        judged = replace(judged, verdict=verdict, evidence=evidence)
    return judged


def times_written(found: Figure) -> str:
    """ "2 times", "1.8 to 2.1 times"."""
    ends = dict.fromkeys(f"{end:.3g}" for end in (found.low, found.high))
    return f"{' to '.join(ends)} times"


def _beside(theirs: Figure, ours: Figure, loose: float) -> Verdict:
    """*Reproduced* if our interval holds a value that rounds to theirs, or that is off by the share `loose` at most.
    Where ours is more than "at most so much" that does not hold; more than a figure or a range exceeds it."""
    nearest_end = min(max(ours.low, theirs.low), theirs.high)
    allowed = max(theirs.rounding, loose * abs(nearest_end))
    # Beyond what the last bit of a float can be off.
    if theirs.gap(ours) <= allowed * (1 + 1e-9) + 1e-12:
        return "reproduced"
    if ours.high < theirs.low:
        return "not reached"
    return "exceeded" if math.isfinite(theirs.low) else "does not hold"
