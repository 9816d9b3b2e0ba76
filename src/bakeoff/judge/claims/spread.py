"""Published intervals and ± against the binomial spread of an accuracy measured on n images."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scipy import stats

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import BINOMIAL, figure, rounding
from bakeoff.judge.intervals import score_limits
from bakeoff.judge.words import percent, points

LARGE = 3.0
"""Standard errors from which a ± is no longer what chance over the images explains."""
MINIBATCHES = (32, 64, 128, 256, 512)
SLACK = 0.05
"""Methods of computing an interval differ; its ends may be off by this share of its half-width."""


def spread_problems(claims: Sequence[Claim]) -> Iterator[tuple[int, ClaimProblem]]:
    """(position, problem) of every interval or ± that does not fit its accuracy and n."""
    sizes = {i: size for i, claim in enumerate(claims) if (size := minibatch(claim)) is not None}
    for i, claim in enumerate(claims):
        if evidence := interval_misfit(claim):
            yield i, ClaimProblem(verdict="does not follow", evidence=evidence)
        if i in sizes:
            yield i, ClaimProblem(verdict="does not follow", evidence=_minibatch_words(claim, sizes[i], sizes))


def accuracy_interval(claim: Claim) -> tuple[float, float] | None:
    """The printed interval as one of the claimed share itself, 0..1."""
    if claim.interval is None:
        return None
    low, high = claim.interval
    return (1 - high, 1 - low) if (claim.interval_of or claim.of) == "error" else (low, high)


def interval_misfit(claim: Claim) -> str:
    """Why the interval is not that of the accuracy at n: neither the normal approximation nor Wilson's or the exact
    (Clopper-Pearson) interval, whatever the rounding. Empty if it fits, or without interval, n or exact figure."""
    found, theirs = figure(claim), accuracy_interval(claim)
    if found is None or theirs is None or claim.n is None or claim.metric not in BINOMIAL or not found.is_point:
        return ""
    if not 0 <= found.low <= 1:
        return ""
    ends = max(rounding(end, share=True) for end in claim.interval or ())
    nearby = [_cut(found.low - found.rounding), _cut(found.low + found.rounding)]
    if _fits(theirs, found.low, claim, ends + found.rounding) or any(_fits(theirs, p, claim, ends) for p in nearby):
        return ""
    low, high = score_limits(found.low, claim.n, _quantile(claim.level))
    return (
        f"a {100 * claim.level:g}% interval of {percent(found.low)} at n={claim.n:,} is "
        f"[{percent(low)}, {percent(high)}]; the one printed, [{percent(theirs[0])}, {percent(theirs[1])}], has its "
        f"middle at {percent(sum(theirs) / 2)} and is ±{points((theirs[1] - theirs[0]) / 2)}"
    )


def _fits(theirs: tuple[float, float], share: float, claim: Claim, tolerance: float) -> bool:
    n, level = int(claim.n or 1), claim.level
    right = share * n
    half = _quantile(level) * math.sqrt(share * (1 - share) / n)
    tail = (1 - level) / 2
    exact = (
        0.0 if right <= 0 else float(stats.beta.ppf(tail, right, n - right + 1)),
        1.0 if right >= n else float(stats.beta.ppf(1 - tail, right + 1, n - right)),
    )
    for low, high in ((share - half, share + half), score_limits(share, n, _quantile(level)), exact):
        allowed = tolerance + SLACK * (high - low) / 2 + 1e-12
        # An interval that runs over 0 or 1 may be printed cut off.
        if all(abs(_cut(a) - _cut(b)) <= allowed for a, b in zip(theirs, (low, high), strict=True)):
            return True
    return False


def _cut(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _quantile(level: float) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))


def minibatch(claim: Claim) -> float | None:
    """The number of images whose binomial standard deviation a ± is, where it is too large for n images by far and that
    number is one of a usual minibatch (32 to 512, give or take half an octave). None otherwise, and where the report
    says that it is over several trainings."""
    found = figure(claim)
    if found is None or not found.is_point or claim.metric not in BINOMIAL or not claim.plus_minus or not claim.n:
        return None
    variance = found.low * (1 - found.low)
    if variance <= 0 or (claim.seeds or 1) > 1:
        return None
    # The share within rounding that chance moves most, and the smallest ± within rounding.
    likely = min(max(0.5, found.low - found.rounding), found.low + found.rounding)
    least = claim.plus_minus - rounding(claim.plus_minus, share=True)
    if least < LARGE * math.sqrt(likely * (1 - likely) / claim.n):
        return None
    size: float = variance / claim.plus_minus**2
    return size if MINIBATCHES[0] / math.sqrt(2) <= size <= MINIBATCHES[-1] * math.sqrt(2) else None


def usual_minibatch(sizes: Sequence[float]) -> int:
    """The power of two nearest to the geometric mean."""
    middle = math.fsum(math.log2(size) for size in sizes) / len(sizes)
    return min(MINIBATCHES, key=lambda usual: abs(math.log2(usual) - middle))


def _minibatch_words(claim: Claim, size: float, sizes: dict[int, float]) -> str:
    found = figure(claim)
    assert found is not None
    assert claim.n is not None
    assert claim.plus_minus is not None
    error = math.sqrt(found.low * (1 - found.low) / claim.n)
    usual = usual_minibatch(list(sizes.values()))
    together = f", judging by all {len(sizes)} such ± together" if len(sizes) > 1 else ""
    return (
        f"±{points(claim.plus_minus)} is {claim.plus_minus / error:.1f} times the standard error at n={claim.n:,} "
        f"({points(error)}), too large for a spread over trainings; it has the size of the binomial spread over "
        f"minibatches of {size:.0f} images, so about {usual}{together}"
    )
