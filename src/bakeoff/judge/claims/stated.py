"""What one claim denies by itself: impossible values, arithmetic that does not come out, scores of the set that was
used for choosing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scipy import stats

from bakeoff.judge.claim_results import ClaimProblem
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.counts import ModelCount, layer_with
from bakeoff.judge.claims.figure import BINOMIAL, SHARES, figure, gap_written, rounding, written
from bakeoff.judge.claims.words import metric_words
from bakeoff.judge.words import counted, points


def stated_problems(claim: Claim, counts: dict[str, ModelCount]) -> Iterator[ClaimProblem]:
    """Every problem of the claim that no other claim is needed for, intervals and spreads apart."""
    for evidence in (_impossible(claim, counts), _chosen(claim), _unlike_its_terms(claim)):
        if evidence:
            yield ClaimProblem(verdict="does not follow", evidence=evidence)


def _impossible(claim: Claim, counts: dict[str, ModelCount]) -> str:
    found = figure(claim)
    if found is None or claim.metric not in SHARES:
        return ""
    value = found.high if math.isfinite(found.high) else found.low
    if value <= 1 + found.rounding:
        return ""
    layer = layer_with(value, counts)
    return f"{metric_words(claim.metric)} lies between 0 and 1" + (f"; {layer}" if layer else "")


def _chosen(claim: Claim) -> str:
    """A maximum over candidates is biased upwards: by `expected_maximum` standard errors if they are equally good and
    their errors independent, by less if they err on the same images."""
    if not claim.selected:
        return ""
    words = "this score is of the set that the choice was made on, so it is too high for new pictures"
    found = figure(claim)
    if not claim.choices or claim.choices < 2:
        return words
    words += f"; it is the best of {counted(claim.choices, 'candidate')}"
    if not claim.n or found is None or claim.metric not in BINOMIAL or not math.isfinite(found.low + found.high):
        return words
    p = min(max((found.low + found.high) / 2, 0.0), 1.0)
    luck = expected_maximum(claim.choices) * math.sqrt(p * (1 - p) / claim.n)
    return (
        f"{words}, and the best of so many equally good ones is up to {points(luck)} too high by luck at n={claim.n:,}"
    )


def expected_maximum(n: int) -> float:
    """Of n independent standard normal draws (Blom 1958: the normal score of the largest), within 5%."""
    return float(stats.norm.ppf((n - 0.375) / (n + 0.25)))


def arithmetic(claim: Claim) -> tuple[float, str] | None:
    """What the stated terms come to, and the calculation in words; None if the claim states none."""
    if claim.product is not None:
        rows = [term if isinstance(term, tuple) else (term,) for term in claim.product]
        if all(isinstance(term, tuple) for term in claim.product):
            return sum(math.prod(row) for row in rows), " + ".join(_times(row) for row in rows)
        factors = [row[0] for row in rows]
        return math.prod(factors), _times(factors)
    if claim.mean_of is not None:
        mean = sum(claim.mean_of) / len(claim.mean_of)
        return mean, f"the mean of {', '.join(_plain(term) for term in claim.mean_of)}"
    if claim.ratio_of is not None:
        a, b = claim.ratio_of
        return a / b, f"{_plain(a)} / {_plain(b)}"
    return None


def comes_out(claim: Claim, value: float) -> bool:
    """True if what is reported is `value` rounded as reported is."""
    reported = float(claim.reported or 0.0)
    return abs(reported - value) <= rounding(reported, share=claim.metric in SHARES) * (1 + 1e-9) + 1e-12


def _unlike_its_terms(claim: Claim) -> str:
    """For a figure of an entry that is also said to be a mean, product or ratio."""
    found = arithmetic(claim)
    if found is None or figure(claim) is None or claim.reported is None or comes_out(claim, found[0]):
        return ""
    metric, (value, words) = str(claim.metric), found
    return f"{words} is {written(metric, value)}, off by {gap_written(metric, abs(value - claim.reported))}"


def _times(factors: Sequence[float]) -> str:
    return " x ".join(_plain(factor) for factor in factors)


def _plain(value: float) -> str:
    return f"{value:,.10g}"
