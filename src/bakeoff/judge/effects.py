"""What each hyper-parameter does to the score, and how sure that is.

Shapes: N candidates, V values of an axis, B bootstrap draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bakeoff.judge.estimates import Interval
from bakeoff.judge.intervals import mean_interval
from bakeoff.judge.search_axes import Axes, Coded, coded
from bakeoff.judge.search_results import AxisEffect, Metric, ValueEffect
from bakeoff.judge.standings import Standings, depth

DRAWS = 300
FEWEST = 10
"""Fewer candidates than this give an importance without an interval."""
FEWEST_OF_VALUE = 5
"""Fewer candidates with one value than this give a mean without an interval."""


def effects(standings: Standings, axes: Axes) -> list[AxisEffect]:
    """Of every axis that varies over the cold candidates, at the comparison that most of them share, where nothing has
    been selected yet; the most important first."""
    at = standings.shared
    if at is None:
        return []
    here = [s for s in standings.cold if at in s.scores or s.diverged]
    scores = np.array([s.scores.get(at, np.nan) for s in here])
    furthest = max((s.last for s in standings.cold if s.last), key=depth)
    to_the_end = np.array([furthest in s.scores for s in here], bool)
    found = [
        _axis(axis, scores, to_the_end, standings)
        for axis in coded(axes, [s.point for s in here])
        if len(np.unique(axis.codes[axis.codes >= 0])) > 1
    ]
    return sorted(found, key=lambda effect: -(effect.importance or 0.0))


def _axis(axis: Coded, scores: np.ndarray, to_the_end: np.ndarray, standings: Standings) -> AxisEffect:
    active = axis.codes >= 0
    sound = active & np.isfinite(scores)
    values = []
    for code, label in enumerate(axis.labels):
        mine = axis.codes == code
        if not mine.any():
            continue
        told = scores[mine & sound]
        values.append(
            ValueEffect(
                value=label,
                candidates=int(mine.sum()),
                diverged=int((mine & ~np.isfinite(scores)).sum()),
                mean=standings.shown(float(told.mean())) if len(told) else None,
                interval=_of_value(np.array([standings.shown(v) for v in told]), standings.metric),
                best=standings.shown(float(told.max())) if len(told) else None,
                to_the_end=int((mine & to_the_end).sum()),
            )
        )
    importance, interval = explained(axis.codes[sound], scores[sound])
    return AxisEffect(axis=axis.name, active=int(active.sum()), importance=importance, interval=interval, values=values)


def _of_value(values: np.ndarray, metric: Metric) -> Interval | None:
    """What other draws of the remaining axes would give; None of so few candidates that it would say nothing; of
    accuracies within 0..1."""
    found = mean_interval(values, "t over candidates") if len(values) >= FEWEST_OF_VALUE else None
    if found is None or metric != "validation_accuracy":
        return found
    return found.model_copy(update={"low": max(0.0, found.low), "high": min(1.0, found.high)})


def explained(codes: np.ndarray, scores: np.ndarray) -> tuple[float | None, Interval | None]:
    """The share of the variance of `scores` [N] between the values `codes` [N], corrected for what chance alone would
    put there (epsilon squared; Kelley 1935), with a bootstrap interval over candidates.

    Over a full grid this is the axis's main effect in a functional ANOVA (Hutter, Hoos & Leyton-Brown 2014); what axes
    do only together is in no axis's share. None where fewer than two values, or no variance within any.
    """
    share = _epsilon_squared(codes, scores, np.ones((1, len(codes))))
    if not np.isfinite(share).all():
        return None, None
    importance = float(np.clip(share[0], 0, 1))
    if len(codes) < FEWEST:
        return importance, None
    rng = np.random.Generator(np.random.PCG64(0))
    weights = np.stack(
        [np.bincount(rng.integers(0, len(codes), len(codes)), minlength=len(codes)) for _ in range(DRAWS)]
    )
    draws = _epsilon_squared(codes, scores, weights)
    draws = draws[np.isfinite(draws)]
    # A redrawn sample holds its noise twice over, so its share is too large on average by what is taken off here.
    low, high = np.clip(np.quantile(draws, [0.025, 0.975]) - (draws.mean() - share[0]), 0, 1)
    kind = "bootstrap over candidates, bias-corrected"
    return importance, Interval(low=min(float(low), importance), high=max(float(high), importance), kind=kind)


def _epsilon_squared(codes: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[B] of `weights` [B, N], how often each candidate counts; NaN where it is not defined."""
    values, inverse = np.unique(codes, return_inverse=True)
    member = np.eye(len(values))[inverse]
    centred = scores - scores.mean() if len(scores) else scores
    count = weights @ member
    total = (weights * centred) @ member
    squares = weights @ centred**2
    n, groups = weights.sum(1), (count > 0).sum(1)
    mean = total.sum(1) / np.maximum(n, 1)
    whole = squares - n * mean**2
    between = (total**2 / np.maximum(count, 1)).sum(1) - n * mean**2
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = (groups - 1) * (whole - between) / (n - groups)
        share = (between - chance) / whole
    return np.where((groups > 1) & (n > groups) & (whole > 1e-15), share, np.nan)


def main_axes(found: Sequence[AxisEffect]) -> list[str]:
    """The two most important axes, for a heat map; fewer where there are not two."""
    return [effect.axis for effect in found[:2]]
