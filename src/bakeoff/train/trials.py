"""Trials: many candidates trained together, compared at rungs, the losers sent home. No weights and no test set.

Candidates of any shape keep each other company. They train in groups of one shape, each a pack of its own, group after
group from one rung to the next: what a group works on stays in cache, and a rung is the only place where they meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from bakeoff.data import Dataset, Split
from bakeoff.recipe import Job
from bakeoff.runs import OF_A_RUNG
from bakeoff.train.checkpoint import load_checkpoint, save_checkpoint
from bakeoff.train.loop import OnEpoch, Probes, Steps, advance, conditions, part_file, steps_of
from bakeoff.train.memory import Share, TooLargeError
from bakeoff.train.pack import Pack, Starts, afresh
from bakeoff.train.progress import Progress
from bakeoff.train.supply import Supply

Metric = str
"""The line of the curves that candidates are compared on: validation_accuracy or validation_loss."""


@dataclass(frozen=True)
class Heat:
    """Who trains together. `groups`: jobs of one shape and one split each. `candidates`: by key of a job, whom it
    belongs to; one candidate has a job a fold. `rungs`: (epoch, how many candidates go on after it)."""

    groups: Sequence[Sequence[Job]]
    candidates: Mapping[str, str]
    rungs: Sequence[tuple[int, int]] = ()
    metric: Metric = "validation_accuracy"


@dataclass
class _Group:
    pack: Pack
    probes: Probes
    steps: Steps
    checkpoint: Path | None


@dataclass
class _Field:
    """All groups of a heat, and what has become of every job."""

    heat: Heat
    groups: list[_Group] = field(default_factory=list)
    out: set[str] = field(default_factory=set)
    """Candidates that lost at a rung, also those whose trainings had all ended before."""

    def progress(self) -> dict[str, Progress]:
        return {job.key: p for g in self.groups for job, p in zip(g.pack.jobs, g.pack.progress, strict=True)}

    def scores(self, epoch: int) -> dict[str, float]:
        """The metric, larger is better, of every candidate that no earlier rung sent home: the mean over folds, -inf
        where one diverged. A training that ended by itself (patience, target) counts with its last epoch."""
        of: dict[str, list[float]] = {}
        lost = set(self.out)
        for key, progress in self.progress().items():
            name, trained = self.heat.candidates[key], len(progress.curves)
            if progress.stopped.startswith(OF_A_RUNG) and trained < epoch:
                lost.add(name)
            at = epoch if progress.diverged else min(epoch, trained)
            of.setdefault(name, []).append(score_at(progress, at, self.heat.metric))
        return {name: sum(values) / len(values) for name, values in of.items() if name not in lost}

    def ranking(self, epoch: int) -> list[str]:
        """Candidates that are there at this epoch, the best first; of equal ones, the first of the heat."""
        scores = self.scores(epoch)
        return sorted(
            (n for n in dict.fromkeys(self.heat.candidates.values()) if n in scores), key=lambda n: -scores[n]
        )

    def retire(self, losers: set[str], reason: str) -> None:
        self.out |= losers
        for group in self.groups:
            pack = group.pack
            rows = [row for row, m in enumerate(pack.alive) if self.heat.candidates[pack.jobs[m].key] in losers]
            for row in rows:
                pack.progress[pack.alive[row]].stopped = reason
            pack.drop(rows)


def score_at(progress: Progress, epoch: int, metric: Metric) -> float:
    """The metric after `epoch` epochs with its sign turned so that larger is better; -inf if it diverged by then."""
    if len(progress.curves) < epoch or (progress.diverged and len(progress.curves) == epoch):
        return -math.inf
    row = progress.curves[epoch - 1]
    value = row["validation_accuracy"] if metric == "validation_accuracy" else -row["validation_loss"]
    return value if math.isfinite(value) else -math.inf


def train_trials(
    heat: Heat,
    dataset: Dataset,
    splits: Callable[[Job], Split],
    *,
    starts: Starts = afresh,
    checkpoints: Path | None = None,
    threads: int = 1,
    on_epoch: Callable[[Sequence[Job]], OnEpoch] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    supply: Supply | None = None,
    on_note: Callable[[str], None] = lambda _: None,
) -> dict[str, Progress]:
    """Train all jobs of a heat; what became of each, by its key.

    `splits`: of each job. `starts`: the tensors that a job starts from in place of fresh ones, as far as they go.
    `checkpoints`: a folder to go on from and to write to. `on_epoch`: for the jobs of a group, whom to tell of each
    epoch. `on_note`: told in a sentence what a reader should know. Where memory does not hold a step of a group,
    fewer of it train together, each part from its last checkpoint on; see `train.memory`. Raises Interrupted soon after
    `should_stop()` turns true, TrainError if memory does not do.
    """
    supply, shares = supply or Supply(), dict[int, Share]()
    while True:
        try:
            with conditions(threads):
                everyone = _gather(heat, dataset, splits, starts, checkpoints, threads, should_stop, supply, shares)
                _compete(everyone, on_epoch, should_stop)
                return everyone.progress()
        except TooLargeError as error:
            where = (n for n, jobs in enumerate(heat.groups) if error.first in [job.key for job in jobs])
            shares[next(where)] = error.share
            on_note(str(error))
        # Outside the except clause: the error would keep alive what filled the memory.
        del everyone
        torch.cuda.empty_cache()


def _gather(
    heat: Heat,
    dataset: Dataset,
    splits: Callable[[Job], Split],
    starts: Starts,
    checkpoints: Path | None,
    threads: int,
    should_stop: Callable[[], bool],
    supply: Supply,
    shares: Mapping[int, Share],
) -> _Field:
    """All groups, each as its checkpoint has it. `shares`: what memory holds of a group, by its number, where not
    all; its parts are then groups of their own."""
    everyone = _Field(heat)
    parts = [
        (number, start, share)
        for number, jobs in enumerate(heat.groups)
        for share in [shares.get(number, Share(len(jobs)))]
        for start in range(0, len(jobs), share.models)
    ]
    for number, start, share in parts:
        whole = heat.groups[number]
        jobs = whole[start : start + share.models]
        split = splits(jobs[0])
        pack = Pack(jobs, dataset, split, torch.device(jobs[0].device), should_stop, supply=supply, starts=starts)
        pack.pieces = share.pieces
        file = part_file(checkpoints / f"group-{number}.safetensors", start, jobs, whole) if checkpoints else None
        if file is not None:
            load_checkpoint(pack, file)
        probes = supply.get(("probes", *pack.supplied), partial(Probes, pack, split, sample=0))
        everyone.groups.append(_Group(pack, probes, steps_of(pack, split, threads), file))
    return everyone


def _compete(
    everyone: _Field, on_epoch: Callable[[Sequence[Job]], OnEpoch] | None, should_stop: Callable[[], bool]
) -> None:
    """From rung to rung, and the best to the end."""
    last = max(job.recipe.epochs for jobs in everyone.heat.groups for job in jobs)
    for epoch, keep in (*everyone.heat.rungs, (last, 0)):
        for group in everyone.groups:
            tell = on_epoch(group.pack.jobs) if on_epoch else None
            before = group.pack.epoch
            advance(group.pack, group.probes, group.steps, should_stop, group.checkpoint, tell, epoch)
            if group.checkpoint is not None and group.pack.epoch > before and len(everyone.groups) > 1:
                save_checkpoint(group.pack, group.checkpoint)
        if keep:
            everyone.retire(set(everyone.ranking(epoch)[keep:]), f"{OF_A_RUNG}{epoch}")
