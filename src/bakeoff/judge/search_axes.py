"""The axes of a search as codes: which value, or which bin of a range, each candidate has.

Shapes: N candidates, V values of an axis.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bakeoff.search.candidate import Point

BINS = 8
"""A range is told in this many bins of equal width on its own scale."""


@dataclass(frozen=True)
class Range:
    """A continuous or integer axis from `low` to `high`, on a log scale if `log` (both are then above 0)."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """0 at `low`, 1 at `high`."""
        low, high, v = (math.log(x) for x in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return (v - low) / (high - low) if high > low else 0.0

    def value(self, place: float) -> float:
        """The inverse of `place`."""
        if self.log:
            return self.low * (self.high / self.low) ** place
        return self.low + (self.high - self.low) * place


Axes = Mapping[str, Sequence[Any] | Range]
"""Axis -> the values that it may have, in the declared order, or its range."""


@dataclass(frozen=True, eq=False)
class Coded:
    """One axis over candidates: `labels` [V] in words, `codes` int16 [N], the position of each candidate's value or -1
    where the axis is not active there; `places` float64 [N], where it stands between 0 and V, finer than its code on a
    range; `numbers`: the values if all are numbers in rising order, else empty."""

    name: str
    labels: tuple[str, ...]
    codes: np.ndarray
    places: np.ndarray
    numbers: tuple[float, ...]
    range: Range | None = None


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def words(value: Any) -> str:
    """`0.001`, `300-150`, `on`, `mlp hidden 32, batch_norm after`: a value of an axis for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if is_number(value):
        return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e5 else f"{value:,}"
    if isinstance(value, list | tuple) and value and all(is_number(v) for v in value):
        return "-".join(words(v) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {words(given)}".rstrip() for name, given in value.items())
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def coded(axes: Axes, points: Sequence[Point]) -> list[Coded]:
    """Every axis that at least one point has, in the declared order, then those that were never declared."""
    names = dict.fromkeys([*axes, *(name for point in points for name in point)])
    found = []
    for name in names:
        values = [point.get(name, _INACTIVE) for point in points]
        if any(value is not _INACTIVE for value in values):
            declared = axes.get(name, ())
            found.append(
                _ranged(name, declared, values) if isinstance(declared, Range) else _listed(name, declared, values)
            )
    return found


_INACTIVE = object()


def _listed(name: str, declared: Sequence[Any], values: Sequence[Any]) -> Coded:
    kept = {_token(value): value for value in declared}
    tokens = [None if value is _INACTIVE else _token(value) for value in values]
    new = {token: value for token, value in zip(tokens, values, strict=True) if token and token not in kept}
    kept |= dict(sorted(new.items(), key=lambda pair: _order(pair[1])))
    if all(is_number(value) for value in kept.values()):  # what refine adds goes between what was declared
        kept = dict(sorted(kept.items(), key=lambda pair: float(pair[1])))
    position = {token: i for i, token in enumerate(kept)}
    codes = np.array([position[token] if token else -1 for token in tokens], np.int16)
    numeric = all(is_number(value) for value in kept.values())
    numbers = tuple(float(v) for v in kept.values()) if numeric else ()
    return Coded(name, tuple(words(v) for v in kept.values()), codes, codes + 0.5, numbers)


def _ranged(name: str, over: Range, values: Sequence[Any]) -> Coded:
    place = np.array([over.place(float(v)) if is_number(v) else math.nan for v in values])
    active = np.isfinite(place)
    places = np.where(active, np.clip(place, 0, 1) * BINS, -0.5)
    codes = np.where(active, np.minimum(places + 1e-9, BINS - 1).astype(int), -1).astype(np.int16)
    edges = [over.value(i / BINS) for i in range(BINS + 1)]
    labels = tuple(f"{_short(a)} to {_short(b)}" for a, b in pairwise(edges))
    return Coded(name, labels, codes, places, (), over)


def _short(value: float) -> str:
    return f"{value:.2g}" if abs(value) < 1000 else f"{value:,.0f}"


def _token(value: Any) -> str:
    """Equal for equal values, however they are written: 1 and 1.0, a tuple and a list."""
    return json.dumps(float(value) if is_number(value) else value, sort_keys=True, default=str)


def _order(value: Any) -> tuple[int, float, str]:
    return (0, float(value), "") if is_number(value) else (1, 0.0, _token(value))
