"""Minutes of a plan: what cannot be timed is told and counts as no time, and the others are timed."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from bakeoff.data import Split
from bakeoff.fleet import DataRef, calibrate
from bakeoff.fleet.plan import PackPlan
from bakeoff.recipe import Job, Recipe


class Pool:
    """Answers at once: two seconds, but out of memory with jobs of another seed than 0."""

    def submit(self, _measure, pack, *_):
        future = Future()
        if pack.jobs[0].seed:
            future.set_exception(torch.OutOfMemoryError("CUDA out of memory"))
        else:
            future.set_result(2.0)
        return future


def pack(seed: int) -> PackPlan:
    job = Job(dataset="d", split="s", model={"linear": {}}, recipe=Recipe(epochs=3, batch_size=seed + 2), seed=seed)
    return PackPlan(id=str(seed), jobs=(job,), threads=1, cost=1.0)


def test_a_pack_that_fails_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def pool(_workers):
        yield Pool()

    monkeypatch.setitem(calibrate.__globals__, "_pool", pool)
    notes: list[str] = []
    split = Split(train=np.arange(4), validation=np.arange(0))
    took = calibrate([pack(0), pack(1)], DataRef(name="x"), split, 1, notes.append)
    assert took == {"0": 6.0, "1": 0.0}
    assert notes == [
        "a training cannot be timed, and the minutes leave it out: out of memory; choose a smaller batch_size, or "
        "fewer workers"
    ]
