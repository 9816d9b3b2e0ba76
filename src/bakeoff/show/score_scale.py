"""The axis of a search's scores: better is always further along, and what is best has the most room.

Most candidates of a search are good and some are hopeless, so accuracies stand by their error rate on a log axis, and
losses on a log axis too; where scores hardly differ the axis is linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.judge.search_results import Metric
from bakeoff.show.axes import Scale, tick_format

RATIO = 3.0
"""Errors that differ by less than this much get a linear axis."""
SMALLEST = 1e-4


@dataclass(frozen=True)
class ScoreScale:
    """Scores in the metric's own unit to pixels; what lies beyond is drawn at the edge. `errors`: 1 - accuracy, or the
    loss, smallest first along the axis."""

    metric: Metric
    errors: Scale

    def _error(self, score: np.ndarray | float) -> np.ndarray:
        error = 1 - np.asarray(score, float) if self.metric == "validation_accuracy" else np.asarray(score, float)
        return np.clip(error, self.errors.low, self.errors.high)

    def pixels(self, scores: np.ndarray) -> np.ndarray:
        """float64 of the same shape; NaN where there is no score."""
        error, low, high = self._error(scores), self.errors.low, self.errors.high
        if self.errors.log:
            error, low, high = np.log(error), np.log(low), np.log(high)
        return self.errors.start + (error - low) / (high - low) * (self.errors.end - self.errors.start)

    def __call__(self, score: float) -> float:
        return float(self.pixels(np.array(score)))

    def ticks(self, wanted: int = 7) -> list[tuple[float, str]]:
        """(pixel, words) at round values of the metric."""
        if self.metric == "validation_loss":
            return [(self.errors(e), f"{e:g}") for e in self.errors.ticks(wanted)]
        shares = [1 - e for e in self.errors.ticks(wanted)]
        form = (lambda v: f"{100 * round(v, 9):g}") if self.errors.log else tick_format(sorted(shares))
        return [(self(share), form(share)) for share in shares]

    @property
    def words(self) -> str:
        what = "validation accuracy, %" if self.metric == "validation_accuracy" else "validation loss"
        return f"{what}, by the log of the error" if self.errors.log and "acc" in what else what


def score_scale(metric: Metric, scores: Sequence[float] | np.ndarray, start: float, end: float) -> ScoreScale:
    """From the poorest at `start` to the best at `end`; the poorest 1% may lie beyond the start."""
    values = np.asarray(scores, float)
    values = values[np.isfinite(values)]
    errors = 1 - values if metric == "validation_accuracy" else values
    if not len(errors):
        errors = np.array([0.1, 1.0])
    errors = np.maximum(errors, SMALLEST)
    low, high = float(errors.min()), float(np.quantile(errors, 0.99))
    log = high > RATIO * low
    if log:
        low, high = low / 1.08, high * 1.04
    else:
        room = max((high - low) * 0.06, 0.002)
        low, high = max(low - room, 0.0), high + room
    return ScoreScale(metric, Scale(low, high, end, start, log))
