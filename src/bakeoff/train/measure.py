"""How long an epoch takes, from a few real steps: for plans, never for results."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import torch
from threadpoolctl import threadpool_limits

from bakeoff.data import Dataset, Split
from bakeoff.recipe import Job
from bakeoff.train.evaluate import CHUNK, predict
from bakeoff.train.loop import EPOCH_SAMPLE, Interrupted, run_steps
from bakeoff.train.pack import Pack


def seconds_an_epoch(
    jobs: Sequence[Job], dataset: Dataset, split: Split, *, threads: int = 1, budget: float = 1.5
) -> float:
    """What an epoch of this pack takes, training and evaluation, from about `budget` seconds of real steps."""
    torch.set_num_threads(threads)
    with threadpool_limits(threads):
        pack = Pack(jobs, dataset, split, torch.device(jobs[0].device), pretend=True)
        deadline = [float("inf")]

        def out_of_time() -> bool:
            # The first steps warm caches and the allocator; the clock starts after them.
            if pack.optimizer.step_count == 3:
                deadline[0] = time.perf_counter() + budget
            return time.perf_counter() > deadline[0] and pack.optimizer.step_count > 4

        with contextlib.suppress(Interrupted):
            run_steps(pack, out_of_time)
        spent = time.perf_counter() - (deadline[0] - budget)
        step = spent / max(1, pack.optimizer.step_count - 3)
        started = time.perf_counter()
        chunk = pack.dataset.train.images[: 4 * CHUNK].to(pack.device)
        predict(pack.form, chunk, pack.feed.normalise)
        evaluate = (time.perf_counter() - started) / len(chunk)
    return step * pack.feed.steps + evaluate * (min(EPOCH_SAMPLE, len(split.train)) + len(split.validation))
