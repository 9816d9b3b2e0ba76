"""How far one entry is ahead of another in a metric, for new seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np
from scipy import stats

from bakeoff.judge.claims.figure import ACCURACIES, LOWER_IS_BETTER, Figure
from bakeoff.judge.claims.measured import LOOSE, Verdict
from bakeoff.judge.results import EntryResult, PairResult
from bakeoff.judge.words import ONE_SEED

TIMED_ONCE = "timed once on a side (seeds of one pack share a clock): how much its time varies is not known"
INSTANT = 1e-3
"""Seconds; what took less cannot be timed."""


@dataclass(frozen=True)
class Lead:
    """Of the first of two entries: a share, a loss or seconds, above 0 where it does better. `low` to `high` is the 95%
    interval. Equivalent if that lies within ±`room`, else better or worse if it does not hold 0, else undecided."""

    ahead: float
    low: float
    high: float
    room: float
    verdict: Literal["better", "worse", "equivalent", "undecided"]

    def bears_out(self, verb: str) -> Verdict:
        """Whether the first is `better`, or `equivalent`."""
        if self.verdict == "undecided":
            return "undecided"
        return "reproduced" if self.verdict == verb else "not reached"


def lead(a: EntryResult, b: EntryResult, metric: str, pairs: Sequence[PairResult], margin: float) -> Lead | str:
    """Of a over b in an accuracy, a loss or time that both have (see `measured`); a sentence if seeds tell none. In
    test accuracy it is that of the pair, else it has Welch's interval over seeds (Welch 1947) and ±`margin` (a loss,
    a time: 5%)."""
    if metric == "test_accuracy":
        return _of_pair(pair_of(a, b, pairs), a, margin)
    one, two = getattr(a, metric), getattr(b, metric)
    noise = welch_half_width(one.values, two.values)
    if noise is None:
        return TIMED_ONCE if metric == "seconds" else ONE_SEED
    ahead = (two.mean - one.mean) if metric in LOWER_IS_BETTER else (one.mean - two.mean)
    room = margin if metric in ACCURACIES else LOOSE * two.mean
    if abs(ahead) + noise <= room:
        return Lead(ahead, ahead - noise, ahead + noise, room, "equivalent")
    verdict: Literal["better", "worse"] = "better" if ahead > 0 else "worse"
    return Lead(ahead, ahead - noise, ahead + noise, room, verdict if abs(ahead) > noise else "undecided")


def pair_of(a: EntryResult, b: EntryResult, pairs: Sequence[PairResult]) -> PairResult:
    return next(pair for pair in pairs if {pair.a, pair.b} == {a.name, b.name})


def _of_pair(pair: PairResult, a: EntryResult, margin: float) -> Lead | str:
    if pair.recipes is None:
        return ONE_SEED
    found, interval = pair.recipes.difference, pair.recipes.interval
    if pair.a == a.name:
        return Lead(found, interval.low, interval.high, margin, pair.verdict)
    verdict = "worse" if pair.verdict == "better" else pair.verdict
    return Lead(-found, -interval.high, -interval.low, margin, verdict)


def welch_half_width(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Of the 95% interval of the difference of two means, one value a seed; None with one value on a side."""
    sizes = [len(one), len(two)]
    if min(sizes) < 2:
        return None
    parts = [float(np.var(values, ddof=1)) / len(values) for values in (one, two)]
    if sum(parts) == 0:
        return 0.0
    freedom = sum(parts) ** 2 / sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return float(stats.t.ppf(0.975, freedom)) * math.sqrt(sum(parts))


def times(large: Sequence[float], small: Sequence[float]) -> tuple[float, Figure | None]:
    """How many times `small` goes into `large`, of geometric means over seeds, and the 95% interval of that: Welch's of
    the difference of logarithms; None with one value on a side."""
    one, two = ([math.log(max(value, INSTANT)) for value in values] for values in (large, small))
    middle = fmean(one) - fmean(two)
    noise = welch_half_width(one, two)
    ends = None if noise is None else Figure(math.exp(middle - noise), math.exp(middle + noise), 0.0)
    return math.exp(middle), ends
