"""A figure and how sure it is: what all results are made of."""

from __future__ import annotations

from bakeoff.recipe import Frozen


class Interval(Frozen):
    low: float
    high: float
    kind: str
    """The method in words, e.g. "Wilson", "seeds x images (Obuchowski-Rockette)"."""
    level: float = 0.95


class Estimate(Frozen):
    """One figure an entry: `values` a seed, in the order of `EntryResult.seeds`. `sd` is over seeds (n - 1);
    None with one seed."""

    mean: float
    sd: float | None = None
    values: list[float]
    interval: Interval | None = None
