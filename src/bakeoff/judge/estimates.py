"""A figure and how sure it is: what all results are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from bakeoff.recipe import Frozen

PassSeconds = float | Literal["not recorded"] | None
"""Seconds of one core in which all pictures went through a frozen backbone, once for all heads and seeds; None without
such a pass, and in results of earlier versions."""
NOT_RECORDED: Literal["not recorded"] = "not recorded"


class Interval(Frozen):
    low: float
    high: float
    kind: str
    """The method in words, e.g. "Wilson", "seeds x images (Obuchowski-Rockette)"."""
    level: float = 0.95


class Estimate(Frozen):
    """One figure an entry: `values` a seed, in the order of `EntryResult.seeds`. `sd` is over seeds (n - 1);
    None with one seed. Of seconds `values` are measurements, one for all seeds of a pack, and `sd` is over those."""

    mean: float
    sd: float | None = None
    values: list[float]
    interval: Interval | None = None


def estimate(values: Sequence[float], interval: Interval | None = None) -> Estimate:
    """Mean and sd (n - 1) over seeds."""
    numbers = [float(v) for v in values]
    sd = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
    return Estimate(mean=float(np.mean(numbers)), sd=sd, values=numbers, interval=interval)
