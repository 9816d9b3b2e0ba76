"""Claimed figures as numbers in one unit, with what rounding leaves open, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.words import percent, points

ACCURACIES = ("test_accuracy", "validation_accuracy", "train_accuracy", "macro_f1")
OF_CLASS = ("recall", "confusion")
TRAIN_LEAD = "train_lead"
"""How far training accuracy is ahead of validation accuracy."""
BINOMIAL = (*ACCURACIES, *OF_CLASS)
"""Shares of n pictures, which chance moves as it does the share of heads. A lead is a difference of two of them."""
SHARES = (*BINOMIAL, TRAIN_LEAD)
LOSSES = ("test_loss", "validation_loss", "train_loss")
COUNTS = ("parameters", "trainable", "keras_total", "keras_non_trainable")
METRICS = (*SHARES, *LOSSES, "seconds", *COUNTS)
LOWER_IS_BETTER = (*LOSSES, "seconds", "confusion", TRAIN_LEAD, *COUNTS)
UNITS = {"s": 1, "min": 60, "h": 3600}
"""Seconds in a unit of time."""


@dataclass(frozen=True)
class Figure:
    """Somewhere from `low` to `high`, shares 0..1 and times in seconds, each end good to within `rounding`."""

    low: float
    high: float
    rounding: float

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    def gap(self, other: Figure) -> float:
        """How far apart the two are, 0 if they overlap."""
        return max(0.0, self.low - other.high, other.low - self.high)

    def denies(self, other: Figure) -> bool:
        """True if no value rounds to both."""
        # Beyond what the last bit of a float can be off.
        return self.gap(other) > (self.rounding + other.rounding) * (1 + 1e-9) + 1e-12


def rounding(value: float, *, share: bool = False) -> float:
    """Half a unit of the last decimal of `value` as printed. Shares are printed as percent at least: 0.6 is 60%."""
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    decimals = -min(0, int(exponent))
    return 0.5 * 10.0 ** -(max(decimals, 2) if share else decimals)


def figure(claim: Claim) -> Figure | None:
    """What a claim says of its entry's metric; None for a comparison or plain arithmetic."""
    if claim.entry is None or claim.metric not in METRICS:
        return None
    given = (claim.reported, claim.at_least, claim.at_most)
    exact = [value for value in given if value is not None]
    if not exact:
        return None
    share = claim.metric in SHARES
    unit, precision = _unit(claim), max(rounding(value, share=share) for value in exact)
    if claim.reported is not None:
        low = high = claim.reported
    else:
        low = -math.inf if claim.at_least is None else claim.at_least
        high = math.inf if claim.at_most is None else claim.at_most
    if claim.metric in ACCURACIES and claim.of == "error":
        low, high = 1 - high, 1 - low
    return Figure(low * unit, high * unit, precision * unit)


def difference(claim: Claim) -> Figure | None:
    """How far apart a comparison says that the two are, in the metric's own unit; None where it does not say."""
    low, high = (claim.by_at_least, claim.by_at_most) if claim.by is None else (claim.by, claim.by)
    ends = [end for end in (low, high) if end is not None]
    if not claim.verb or not ends:
        return None
    unit = UNITS[claim.unit or "s"] if claim.compared == "seconds" else 1
    precision = max(rounding(end, share=claim.compared in SHARES) for end in ends)
    return Figure(-math.inf if low is None else low * unit, math.inf if high is None else high * unit, precision * unit)


def ratio(claim: Claim) -> Figure | None:
    """How many times better or faster a comparison says that the first is; None where it does not say."""
    return None if claim.times is None else Figure(claim.times, claim.times, rounding(claim.times))


def _unit(claim: Claim) -> float:
    """What a claim's numbers are multiplied by."""
    if claim.metric == "seconds":
        return UNITS[claim.unit or "s"]
    if claim.metric == "confusion" and claim.n and max(claim.reported or 0, claim.at_most or claim.at_least or 0) >= 1:
        return 1 / claim.n
    return 1.0


def expanded(claim: Claim) -> list[Claim]:
    """The claim, and one each for the weights and the time that it gives beside its own figure."""
    beside = {"entry": claim.entry, "source": claim.source}
    claims = [claim]
    if claim.parameters is not None:
        claims.append(Claim(**beside, metric="parameters", reported=claim.parameters))
    if claim.seconds is not None:
        time = {"unit": claim.unit, "condition": claim.condition}
        claims.append(Claim(**beside, **time, metric="seconds", reported=claim.seconds))
    return claims


def written(metric: str, value: float) -> str:
    """A value of this metric with its unit: "88.35%", "62.0 s", "99,898"."""
    if metric in SHARES:
        return percent(value) if value <= 1 else f"{value:,.10g}"
    if metric in COUNTS:
        return f"{value:,.0f}"
    return f"{value:,.1f} s" if metric == "seconds" else f"{value:.4f}"


def gap_written(metric: str, gap: float) -> str:
    """A difference of two values of this metric with its unit."""
    return points(gap) if metric in SHARES and gap <= 1 else written(metric, gap)


def gaps_written(metric: str, gap: Figure) -> str:
    """ "3.01 points", "1.00 to 1.50 points", "at least 3.0 s"."""
    low, high = ("" if math.isinf(end) else gap_written(metric, end) for end in (gap.low, gap.high))
    if low == high:
        return low
    if not high:
        return f"at least {low}"
    return f"{low.removesuffix(' points')} to {high}" if low else f"at most {high}"


def figure_words(claim: Claim) -> str:
    """As a reader knows it: "88.35%", "88.00% to 90.10%", "at least 99.00%", "26 min (1,560.0 s)"."""
    found, metric = figure(claim), str(claim.metric)
    if found is None:
        return "" if claim.reported is None else f"{claim.reported:,.10g}"
    foreign = metric == "seconds" and claim.unit not in (None, "s")
    low, high = (
        "" if math.isinf(end) else f"{end / _unit(claim):g} {claim.unit}" if foreign else written(metric, end)
        for end in (found.low, found.high)
    )
    if found.is_point:
        return f"{low} ({written(metric, found.low)})" if foreign else low
    if not high:
        return f"at least {low}"
    return f"{low} to {high}" if low else f"at most {high}"
