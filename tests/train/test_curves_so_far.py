"""What a checkpoint tells of the curves without loading the model."""

from __future__ import annotations

import numpy as np
import pytest
from learnable import DATASET, SPLIT, job

from bakeoff.errors import StoreError
from bakeoff.train import EpochEnd, Interrupted, curves_so_far, train


def test_a_checkpoint_tells_the_epochs_that_were_reported(tmp_path, monkeypatch):
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    jobs, file = [job(seed=0, epochs=5), job(seed=0, lr=2e-3, epochs=5)], tmp_path / "checkpoint.safetensors"
    told: list[list[EpochEnd]] = []
    with pytest.raises(Interrupted):
        train(
            jobs,
            DATASET,
            SPLIT,
            checkpoint=file,
            on_epoch=lambda _, ends: told.append(ends),
            should_stop=lambda: len(told) == 2,
        )
    curves = curves_so_far(file)
    assert list(curves) == [j.key for j in jobs]
    for m, j in enumerate(jobs):
        rows, losses = curves[j.key]
        assert rows == [ends[m].row for ends in told]
        assert np.array_equal(losses, np.concatenate([ends[m].step_loss for ends in told]))
    assert [end.job for end in told[0]] == [0, 1]


def test_no_checkpoint_tells_nothing_and_a_damaged_one_is_an_error(tmp_path):
    file = tmp_path / "checkpoint.safetensors"
    assert curves_so_far(file) == {}
    file.write_bytes(b"no such thing")
    with pytest.raises(StoreError, match="damaged checkpoint"):
        curves_so_far(file)
