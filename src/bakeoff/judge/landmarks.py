"""Epochs worth marking on an entry's curves: the best, where overfitting starts, where learning flattens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bakeoff.judge.results import Landmarks, Target
from bakeoff.runs.run import Run

SHORTEST = 5
"""Epochs below which a curve is too short to say anything about overfitting."""
RISE = 0.03
"""Validation loss, averaged over a few epochs, must rise by this share over its minimum to count as overfitting ..."""
NOISE = 4.0
"""... and by this many standard deviations of such a difference under noise alone."""
FLAT = 0.005
"""Validation accuracy within this of its maximum counts as flat."""
COURSES = ("train_accuracy", "train_loss", "validation_accuracy", "validation_loss")
LADDER = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.98, 0.99)


def overfits_from(run: Run) -> int | None:
    """The epoch of lowest validation loss, if the loss then rises beyond noise while the training loss still falls;
    None if it does not, or with fewer than `SHORTEST` epochs or no validation."""
    validation, train = run.curve("validation_loss"), run.curve("train_loss")
    if len(validation) < SHORTEST or not np.isfinite(validation).all():
        return None
    width = max(3, len(validation) // 5 | 1)
    smooth = np.convolve(validation, np.ones(width) / width, "valid")
    first = int(smooth.argmin())
    # A robust sd of one epoch's noise from neighbouring differences, which a slow trend hardly touches.
    noise = float(np.median(np.abs(np.diff(validation)))) / (0.6745 * 2**0.5)
    rises = smooth[-1] - smooth[first] > max(RISE * smooth[first], NOISE * noise * (2 / width) ** 0.5)
    lowest = first + int(validation[first : first + width].argmin())
    return lowest + 1 if rises and train[-1] < train[lowest] else None


def flattens_at(run: Run) -> int | None:
    """The first epoch whose validation accuracy is within `FLAT` of the highest; None if that is the last epoch."""
    accuracy = run.curve("validation_accuracy")
    if not np.isfinite(accuracy).all() or len(accuracy) < 3:
        return None
    first = int(np.argmax(accuracy >= accuracy.max() - FLAT))
    return first + 1 if first < len(accuracy) - 1 else None


def landmarks(runs: Sequence[Run]) -> Landmarks:
    """Medians over seeds; overfitting and flattening only where most seeds show them."""
    losses = [(r.curves, r.curve("validation_loss")) for r in runs if r.summary["epochs"]]
    best = [curves[int(np.nanargmin(loss))]["epoch"] for curves, loss in losses if np.isfinite(loss).any()]
    return Landmarks(
        best_epoch=float(np.median(best)) if best else None,
        overfits_from=_majority([overfits_from(run) for run in runs]),
        flattens_at=_majority([flattens_at(run) for run in runs]),
    )


def courses(runs: Sequence[Run]) -> dict[str, list[float | None]]:
    """Mean over seeds after each epoch that all of them reached, by column; None without validation."""
    common = min(len(run.curves) for run in runs)
    means = {name: np.mean([run.curve(name)[:common] for run in runs], axis=0) for name in COURSES}
    return {name: [float(v) if np.isfinite(v) else None for v in mean] for name, mean in means.items()}


def _majority(epochs: list[int | None]) -> float | None:
    seen = [epoch for epoch in epochs if epoch is not None]
    return float(np.median(seen)) if 2 * len(seen) > len(epochs) else None


def targets(runs: Sequence[Run], everyone: Sequence[Run]) -> list[Target]:
    """Epochs and seconds to validation accuracies of a fixed ladder: the last five steps that any run of the study
    (`everyone`) reached. None for what is not trained."""
    if not any(run.summary["epochs"] for run in runs):
        return []
    highest = max((np.nanmax(r.curve("validation_accuracy"), initial=0.0) for r in everyone), default=0.0)
    steps = [step for step in LADDER if step <= highest][-5:]
    return [_target(runs, step) for step in steps]


def _target(runs: Sequence[Run], accuracy: float) -> Target:
    reached = []
    for run in runs:
        above = np.flatnonzero(run.curve("validation_accuracy") >= accuracy)
        if len(above):
            row = run.curves[int(above[0])]
            reached.append((row["epoch"], row["seconds"]))
    if not reached:
        return Target(accuracy=accuracy, epochs=None, seconds=None, reached_by=0)
    epochs, seconds = np.median(np.array(reached, float), axis=0)
    return Target(accuracy=accuracy, epochs=float(epochs), seconds=float(seconds), reached_by=len(reached))
