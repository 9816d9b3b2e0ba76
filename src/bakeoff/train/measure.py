"""How long an epoch takes, from a few real steps: for plans, never for results."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import torch
from threadpoolctl import threadpool_limits

from bakeoff.data import Dataset, Split
from bakeoff.recipe import Job
from bakeoff.train.evaluate import pass_size, predict
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.loop import EPOCH_SAMPLE, steps_of
from bakeoff.train.pack import Pack
from bakeoff.train.supply import Supply
from bakeoff.train.trials import Heat, train_trials


def seconds_a_trial(jobs: Sequence[Job], dataset: Dataset, split: Split, *, threads: int = 1) -> float:
    """What an epoch of these trials takes, in one group. Short ones are trained, since then it counts how long they
    take to begin."""
    supply, started = Supply(), time.perf_counter()
    once = [job.model_copy(update={"recipe": job.recipe.model_copy(update={"epochs": 1})}) for job in jobs]
    heat = Heat([once], {job.key: job.key for job in once})

    def too_long() -> bool:
        return time.perf_counter() - started > LONG

    try:
        train_trials(heat, dataset, lambda _job: split, threads=threads, supply=supply, should_stop=too_long)
        started = time.perf_counter()
        train_trials(heat, dataset, lambda _job: split, threads=threads, supply=supply)
        return time.perf_counter() - started
    except Interrupted:
        return seconds_an_epoch(jobs, dataset, split, threads=threads, sample=0)


LONG = 4.0
"""Seconds after which steps are measured in place of a whole epoch."""
WARM = 3
"""Steps before the clock starts."""


def seconds_an_epoch(
    jobs: Sequence[Job],
    dataset: Dataset,
    split: Split,
    *,
    threads: int = 1,
    budget: float = 1.5,
    sample: int = EPOCH_SAMPLE,
) -> float:
    """What an epoch of this pack takes, training (if it trains) and evaluation, from about `budget` seconds of real
    steps. `sample`: training pictures that an epoch ends on."""
    torch.set_num_threads(threads)
    with threadpool_limits(threads):
        pack = Pack(jobs, dataset, split, torch.device(jobs[0].device), pretend=True)
        steps = steps_of(pack, split, threads)
        asked, began = 0, time.perf_counter()

        def out_of_time() -> bool:
            # Asked once a step. The first ones warm caches and the allocator; the clock starts again after them.
            nonlocal asked, began
            asked += 1
            if asked == WARM + 1:
                began = time.perf_counter()
            return asked > WARM + 2 and time.perf_counter() > began + budget

        with contextlib.suppress(Interrupted):
            steps(pack, out_of_time)
        timed = asked - WARM - 1 if asked > WARM else asked  # an epoch of few steps has none to spare
        step = (time.perf_counter() - began) / max(1, timed) if asked else 0.0
        size = pass_size(pack.form.network, pack.device)
        chunk = pack.dataset.train.images[: 4 * size].to(pack.device)
        predict(pack.form, chunk[:size], pack.feed.normalise)  # for its memory, which the others find there
        started = time.perf_counter()
        predict(pack.form, chunk, pack.feed.normalise)
        evaluate = (time.perf_counter() - started) / len(chunk)
    return step * pack.feed.steps + evaluate * (min(sample, len(split.train)) + len(split.validation))
