"""The axes of a refined search: a finer space around the best point of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bakeoff.errors import UsageError, nearest
from bakeoff.search.candidate import Candidate
from bakeoff.search.select import rank
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies.distributions import is_number
from bakeoff.search.strategies.growth import as_axes
from bakeoff.search.strategy import Histories, Told

_RATIO = 10
"""Neighbours at least this many times apart are steps of a scale of ratios (rates), others of a plain one."""
_STEPS = 3
"""Parts into which the way to a neighbour is cut."""


def finer_axes(spec: SearchSpec, histories: Histories) -> dict[str, Any]:
    """What a refine search is `over`, as a study would write it: its own `over`, and around the best point every other
    axis of the search that it comes from.

    A number goes from its lower to its upper neighbour among the values that were tried: as a range where the search
    draws (`trials`), else as values, a third of the way apart; at the edge, on one side only. What is no number stays
    at its best, with all layers where it has grown; axes that play no part there are left out. Raises UsageError.
    """
    history = origin_of(spec, histories)
    best = as_axes(best_of(spec, history), spec.over)
    tried = {name: _numbers_tried(name, history) for name in best if name not in spec.over}
    around = {
        name: _finer(value, tried[name], as_range=spec.trials is not None) if is_number(value) else [value]
        for name, value in best.items()
        if name in tried
    }
    return around | dict(spec.over)


def origin_of(spec: SearchSpec, histories: Histories) -> Sequence[Sequence[Told]]:
    """What the search that this one starts `from` was told. Raises UsageError."""
    if spec.origin is None or spec.origin not in histories:
        asked = (
            "refine needs the name of an earlier search" if spec.origin is None else f"no search {spec.origin!r} yet"
        )
        raise UsageError(f"from: {asked}{nearest(spec.origin or '', histories)}")
    return histories[spec.origin]


def best_of(spec: SearchSpec, history: Sequence[Sequence[Told]]) -> Candidate:
    """The winner among those that started from scratch. Raises UsageError where nothing was trained to an end."""
    cold = rank(history).cold
    if not cold:
        raise UsageError(
            f"from: search {spec.origin!r} has no candidate to refine: every one diverged or none was trained"
        )
    return cold[0].ask.candidate


def _numbers_tried(name: str, history: Sequence[Sequence[Told]]) -> list[float]:
    points = (one.ask.candidate.point for generation in history for one in generation)
    return sorted({point[name] for point in points if name in point and is_number(point[name])})


def _finer(best: float, tried: Sequence[float], *, as_range: bool) -> Any:
    low = max((value for value in tried if value < best), default=best)
    high = min((value for value in tried if value > best), default=best)
    whole = all(isinstance(value, int) for value in (low, best, high))
    geometric = low > 0 and high / low >= _RATIO
    if low == high:
        return [best]
    if as_range:
        return {("log_" if geometric else "") + ("integers" if whole else "uniform"): [low, high]}
    steps = [*_between(low, best, geometric), best, *_between(best, high, geometric)]
    inside = {round(step) if whole else step for step in steps}
    return sorted(value for value in inside if low < value < high or value == best)


def _between(low: float, high: float, geometric: bool) -> list[float]:
    """The steps from `low` to `high`, both left out, to four digits."""
    if low == high:
        return []
    shares = [step / _STEPS for step in range(1, _STEPS)]
    steps = [low * (high / low) ** s if geometric else low + (high - low) * s for s in shares]
    return [float(f"{step:.4g}") for step in steps]
