"""BK016: the training loss leaped up and came down again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.runs.run import Run

CODE = Code("BK016", "loss spikes", "info", about="an entry")
PICTURES = 500
"""A spike lasts for at least so many pictures: the loss is averaged over them ..."""
STEPS = 5
"""... and over at least so many steps."""
TIMES = 3.0
"""It is this many times the median of an epoch before it ..."""
RISE = 0.25
"""... and higher by this share of the loss of guessing."""


@dataclass(frozen=True)
class Spike:
    """`step` from 1; `before` and `peak`: losses."""

    step: int
    before: float
    peak: float


def check(case: Case) -> Iterator[Finding]:
    return (spikes(entry, case.runs(entry)) for entry in case.entries)


def spikes(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    examples = [_windows(run) for run in runs]
    if not any(len(one.losses) > one.epoch for one in examples):
        return CODE.not_applicable(f"needs more than one epoch of {STEPS} steps", entry=entry.name)
    found = {run.job.seed: spike for run, one in zip(runs, examples, strict=True) if (spike := _highest(run, one))}
    if not found:
        return CODE.passed(f"after the first epoch no loss {TIMES:g} times the median before it", entry=entry.name)
    seed, worst = max(found.items(), key=lambda item: item[1].peak)
    return CODE.found(
        f"{len(found)} of {len(runs)} seeds; the highest, of seed {seed} at step {worst.step:,}, from "
        f"{worst.before:.3g} to {worst.peak:.3g}",
        "Training was close to diverging: a lower rate, a warm-up or a larger batch makes it safer.",
        entry=entry.name,
    )


@dataclass(frozen=True, eq=False)
class _Windows:
    """`losses`: means of `width` steps; `epoch`: how many of them make an epoch, at least `STEPS`."""

    losses: np.ndarray
    width: int
    epoch: int


def _windows(run: Run) -> _Windows:
    """What a run keeps of its steps may be means of neighbours already; their number then says how many."""
    total, epochs = len(run.step_loss), max(1, len(run.curves))
    pictures_a_step = max(1.0, run.summary["steps"] / max(1, total)) * _batch(run)
    width = max(STEPS, math.ceil(PICTURES / pictures_a_step))
    whole = total // width
    means = run.step_loss[: whole * width].reshape(whole, width).mean(1) if whole else np.empty(0)
    return _Windows(means, width, max(STEPS, total // epochs // width))


def _batch(run: Run) -> int:
    size = run.job.recipe.batch_size
    return PICTURES if size == "full" else size


def _highest(run: Run, windows: _Windows) -> Spike | None:
    losses, back = windows.losses, windows.epoch
    if len(losses) <= back:
        return None
    before = np.median(np.lib.stride_tricks.sliding_window_view(losses, back)[:-1], axis=1)
    after = losses[back:]
    guessing = math.log(max(2, run.validation_logits.shape[1])) if run.job.recipe.loss == "cross_entropy" else 1.0
    leaps = (after > TIMES * before) & (after - before > RISE * guessing)
    if not leaps.any():
        return None
    at = int(np.argmax(np.where(leaps, after, -np.inf)))
    return Spike((at + back) * windows.width + 1, float(before[at]), float(after[at]))
