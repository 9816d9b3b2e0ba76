"""How long an entry trained."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bakeoff.judge.estimates import Estimate, estimate
from bakeoff.runs.run import Run


def timing(runs: Sequence[Run]) -> Estimate:
    """Seconds of training a seed, one value a measurement: seeds of one pack were timed together, each told its share,
    so they are one. The mean is over seeds, the sd over measurements."""
    packs: dict[float | str, list[float]] = {}
    for run in runs:
        clock = run.summary["pack_seconds"] if run.summary["pack_size"] > 1 else run.key
        packs.setdefault(clock, []).append(run.summary["seconds"])
    mean = fmean(run.summary["seconds"] for run in runs)
    return estimate([fmean(shares) for shares in packs.values()]).model_copy(update={"mean": mean})
