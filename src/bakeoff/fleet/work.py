"""One pack on one worker: train, commit the runs. The same code inline and in a worker process."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from bakeoff.fleet.blocks import POINTS, blocks_of
from bakeoff.fleet.events import EpochNews
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.trial_work import do_trials
from bakeoff.fleet.worker import Report, Worker, check_same
from bakeoff.lease import lease
from bakeoff.recipe import Job
from bakeoff.runs import TrialStore
from bakeoff.train import EpochEnd, train


class ElsewhereError(Exception):
    """Another process is at work on this pack."""


def do_pack(
    pack: PackPlan, worker: Worker, tell: Callable[[Report], None], should_stop: Callable[[], bool]
) -> list[str]:
    """Train a pack and write its runs, or its shard of trials; returns the keys of its jobs, none if they were there
    already. Goes on from the pack's checkpoint if there is one. Raises ElsewhereError if another process has it."""
    paths = worker.store.paths
    with lease(paths.lease(pack.id)) as ours:
        if not ours:
            raise ElsewhereError
        trained = [] if _is_done(pack, worker) else _do(pack, worker, tell, should_stop)
        shutil.rmtree(paths.pack(pack.id), ignore_errors=True)
        return trained


def _is_done(pack: PackPlan, worker: Worker) -> bool:
    if pack.heat:
        return TrialStore(worker.store.paths.trials(pack.heat.search)).has(pack.id)
    return all(worker.store.has(job.key) for job in pack.jobs)


def _do(pack: PackPlan, worker: Worker, tell: Callable[[Report], None], should_stop: Callable[[], bool]) -> list[str]:
    for job in pack.jobs:
        worker.split(job)  # a pack that cannot begin says so before it has begun
    tell(Report(pack.id, 0))
    for job in pack.jobs:
        check_same(worker.dataset, job.dataset)  # after the word: reading the pictures may take minutes
    (do_trials if pack.heat else _do_runs)(pack, worker, tell, should_stop)
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
        on_note=lambda text: tell(Report(pack.id, 0, note=text)),
    )
    for result in finished:
        worker.store.write(result)


def _news(job: Job, end: EpochEnd) -> EpochNews:
    first = end.row["step"] - len(end.step_loss) + 1
    return EpochNews(job.key, end.row, blocks_of(end.step_loss, first, POINTS // job.recipe.passes))
