"""The loss at every step, for a panel with fewer columns than there are steps: nothing high or low gets lost.

Picking every n-th step would show some spikes and hide others. Here each bucket of neighbouring steps keeps its mean,
its lowest and its highest loss. Shapes: S steps, B buckets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Thinned:
    """float64 [B] each, in order: the bucket's `step` (the middle of its steps, counted from 1), `mean`, `low` and
    `high` of its finite losses (NaN if it has none), and how many steps it holds (`size`, int64)."""

    step: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    size: np.ndarray


def thin(loss: np.ndarray, buckets: int, log: bool = False) -> Thinned:
    """`loss` [S] in at most `buckets` buckets, each step in exactly one; of equal width, or, for a log axis, of equal
    ratio where that leaves a step to each. S and `buckets` at least 1."""
    values = np.asarray(loss, float)
    values = np.where(np.isfinite(values), values, np.nan)
    steps = len(values)
    cuts = np.geomspace(1, steps + 1, buckets + 1) - 1 if log else np.linspace(0, steps, buckets + 1)
    starts = np.unique(cuts.round().astype(int))[:-1]
    ends = np.append(starts[1:], steps)
    finite = np.add.reduceat(np.isfinite(values).astype(int), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(np.nan_to_num(values), starts) / finite
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    return Thinned((starts + 1 + ends) / 2, mean, low, high, ends - starts)
