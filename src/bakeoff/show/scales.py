"""The scales of accuracy and loss that all entries share, so that figures compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from bakeoff.judge.results import EntryResult, Results
from bakeoff.runs.run import Run
from bakeoff.show.axes import linear
from bakeoff.show.courses import course

Runs = Mapping[str, Sequence[Run]]
Scales = Mapping[str, tuple[float, float]]
"""(low, high) by "accuracy", then by kind of loss: losses of different kinds never share a scale."""

PARTS = ("running", "train", "validation")


def shared_scales(results: Results, runs: Runs, parts: Sequence[str] = PARTS) -> Scales:
    """Of these curves of every entry; losses up to `ceiling`."""
    kinds = dict.fromkeys(str(e.recipe["loss"]) for e in results.entries)
    accuracy = linear(_values(results.entries, runs, "accuracy", parts), 0, 1, floor=0.0)
    out = {"accuracy": (accuracy.low, min(accuracy.high, 1.0))}
    for kind in kinds:
        values = _values([e for e in results.entries if e.recipe["loss"] == kind], runs, "loss", parts)
        top = ceiling(kind, len(results.dataset.classes), values)
        scale = linear([min(v, top) for v in values], 0, 1, floor=0.0)
        out[kind] = (scale.low, scale.high)
    return out


def ceiling(kind: str, classes: int, values: Sequence[float]) -> float:
    """Where a panel of losses is cut off, so that one diverged run cannot flatten every other curve: twice the loss of
    guessing, or three times the median of `values` if that is more. Lines then leave the panel at its top."""
    guessing = math.log(max(classes, 2)) if kind == "cross_entropy" else 1.0
    return max(2 * guessing, 3 * float(np.median(values)) if len(values) else 0.0)


def _values(entries: Sequence[EntryResult], runs: Runs, quantity: str, parts: Sequence[str]) -> list[float]:
    courses = [course(runs.get(e.name, ()), f"{part}_{quantity}") for e in entries for part in parts]
    return [v for c in courses if c for v in c.values()]
