"""Curves of several seeds as one course: a mean and the range over seeds, on epochs or on seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bakeoff.runs.run import Run

Axis = Literal["epochs", "seconds"]
POINTS = 80
"""A course keeps at most this many points; a panel is a few hundred pixels wide."""


@dataclass(frozen=True)
class Course:
    """Arrays float64 of one length: `x` epochs or seconds (mean over seeds), `mean`, `low`, `high` over the seeds, at
    the epochs that every seed reached. `tails`: (x, y) of each seed that trained on after the shortest one."""

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tails: tuple[tuple[np.ndarray, np.ndarray], ...]

    def lines(self) -> list[np.ndarray]:
        """The values of every line that is drawn of it."""
        return [self.mean, *(y for _, y in self.tails)]

    def values(self) -> list[float]:
        """All finite values that a drawing of it must hold."""
        every = np.concatenate([self.low, self.high, *(y for _, y in self.tails)])
        return [float(v) for v in every if np.isfinite(v)]


def course(runs: Sequence[Run], column: str, axis: Axis = "epochs") -> Course | None:
    """The course of one column of the curves; None if no run has a finite value of it."""
    runs = [run for run in runs if len(run.curves)]
    if not runs or not any(np.isfinite(run.curve(column)).any() for run in runs):
        return None
    common = min(len(run.curves) for run in runs)
    place = "epoch" if axis == "epochs" else "seconds"
    keep = _thin(common)
    y = np.stack([run.curve(column)[:common][keep] for run in runs])
    x = np.stack([run.curve(place)[:common][keep] for run in runs]).mean(0)
    tails = []
    for run in runs:
        if len(run.curves) > common:
            rest = _thin(len(run.curves) - common + 1) + common - 1
            shift = 0.0 if axis == "epochs" else float(x[-1] - run.curve(place)[common - 1])
            tails.append((run.curve(place)[rest] + shift, run.curve(column)[rest]))
    return Course(x, y.mean(0), y.min(0), y.max(0), tuple(tails))


def _thin(n: int) -> np.ndarray:
    """Indices of at most `POINTS` of n points, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, POINTS)).round().astype(int))


def seconds_at(runs: Sequence[Run], epoch: float) -> float:
    """Mean over seeds of the seconds at an epoch, which may lie between two (a median over seeds)."""
    values = [np.interp(epoch, run.curve("epoch"), run.curve("seconds")) for run in runs if len(run.curves)]
    return float(np.mean(values)) if values else float("nan")
