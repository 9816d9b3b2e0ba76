"""One pack on one worker: train, commit the runs. The same code inline and in a worker process."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from bakeoff.fleet.blocks import POINTS, blocks_of
from bakeoff.fleet.events import EpochNews
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.trial_work import do_trials
from bakeoff.fleet.worker import Report, Worker
from bakeoff.recipe import Job
from bakeoff.train import EpochEnd, train


def do_pack(
    pack: PackPlan, worker: Worker, tell: Callable[[Report], None], should_stop: Callable[[], bool]
) -> list[str]:
    """Train a pack and write its runs, or its shard of trials; returns the keys of its jobs. Goes on from the pack's
    checkpoint if there is one."""
    for job in pack.jobs:
        worker.split(job)  # a pack that cannot begin says so before it has begun
    tell(Report(pack.id, 0))
    (do_trials if pack.heat else _do_runs)(pack, worker, tell, should_stop)
    shutil.rmtree(worker.store.paths.pack(pack.id), ignore_errors=True)
    return [job.key for job in pack.jobs]


def _do_runs(pack: PackPlan, worker: Worker, tell: Callable[[Report], None], should_stop: Callable[[], bool]) -> None:
    def on_epoch(epoch: int, ends: list[EpochEnd]) -> None:
        tell(Report(pack.id, epoch, tuple(_news(pack.jobs[end.job], end) for end in ends)))

    finished = train(
        pack.jobs,
        worker.dataset,
        worker.split(pack.jobs[0]),
        starts=worker.starts,
        checkpoint=worker.store.paths.checkpoint(pack.id),
        threads=pack.threads,
        on_epoch=on_epoch,
        should_stop=should_stop,
        supply=worker.supply,
    )
    for result in finished:
        worker.store.write(result)


def _news(job: Job, end: EpochEnd) -> EpochNews:
    first = end.row["step"] - len(end.step_loss) + 1
    return EpochNews(job.key, end.row, blocks_of(end.step_loss, first, POINTS // job.recipe.epochs))
