"""Minutes that a plan will take, from a few steps of each kind of pack, run as the packs will run."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from bakeoff.data import Split
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.reason import reason_of
from bakeoff.fleet.surroundings import leave_in_time, starting_worker
from bakeoff.fleet.worker import DataRef
from bakeoff.recipe import Job
from bakeoff.train import seconds_a_trial, seconds_an_epoch

Note = Callable[[str], None]


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    with starting_worker():
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), leave_in_time)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)  # after Ctrl-C nothing more is measured


def _measure(pack: PackPlan, data: DataRef, split: Split) -> float:
    return seconds_an_epoch(pack.jobs, data.load(), split, threads=pack.threads)


def calibrate(packs: Sequence[PackPlan], data: DataRef, split: Split, workers: int, note: Note) -> dict[str, float]:
    """Seconds to train each pack to its last epoch, by pack id. Packs of equal cost a model and size are measured
    once. All workers measure at the same time, because that is how they will train. One that cannot be measured is
    told to `note`, and counts as no time."""
    kinds: dict[tuple[float, int, int | str], PackPlan] = {}
    for pack in packs:
        kinds.setdefault(_kind(pack), pack)
    with _pool(workers) as pool:
        with starting_worker():
            futures = {kind: pool.submit(_measure, pack, data, split) for kind, pack in kinds.items()}
        seconds = {kind: _seconds(future, note) for kind, future in futures.items()}
    return {pack.id: (seconds[_kind(pack)] or 0.0) * pack.jobs[0].recipe.passes for pack in packs}


def _seconds(future: Future[float], note: Note) -> float | None:
    try:
        return future.result()
    except Exception as error:  # the run says the same of the trainings, and goes on with the others
        note(f"a training cannot be timed, and the minutes leave it out: {reason_of(error)}")
        return None


def _measure_trials(jobs: Sequence[Job], data: DataRef, split: Split) -> float:
    return seconds_a_trial(jobs, data.load(), split)


def calibrate_trials(
    groups: Sequence[tuple[Sequence[Job], Split]], data: DataRef, workers: int, note: Note
) -> list[float | None]:
    """Seconds an epoch of each group of trials, all workers measuring at the same time; None, and a word to `note`,
    for one that cannot be measured."""
    with _pool(workers) as pool:
        with starting_worker():
            futures = [pool.submit(_measure_trials, jobs, data, split) for jobs, split in groups]
        return [_seconds(future, note) for future in futures]


def _kind(pack: PackPlan) -> tuple[float, int, int | str]:
    recipe = pack.jobs[0].recipe
    return (pack.cost / recipe.passes, len(pack.jobs), recipe.batch_size)


def makespan(seconds: Sequence[float], workers: int) -> float:
    """Wall time when workers take packs in this order as they get free."""
    free = [0.0] * workers
    for duration in seconds:
        free[free.index(min(free))] += duration
    return max(free, default=0.0)
