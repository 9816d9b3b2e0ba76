"""BK016: a training loss that leaps up and comes down again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.judge.findings.bk016_spikes import spikes

STEPS = 2000
FALLING = 0.1 + np.exp(-np.arange(STEPS) / 300)


def finding(entry, runs, *losses):
    """Each of five epochs of 400 steps of 64 pictures."""
    told = [
        replace(run, step_loss=np.asarray(loss, np.float32), summary={**run.summary, "steps": len(loss)})
        for run, loss in zip(runs, losses, strict=False)
    ]
    return spikes(entry, told)


def spiked(at: int, height: float, length: int = 20) -> np.ndarray:
    loss = FALLING.copy()
    loss[at : at + length] += height
    return loss


def test_a_spike_is_found_where_it_is(entry, runs):
    found = finding(entry, runs, FALLING, spiked(1208, 2.0), FALLING)
    assert found.status == "found"
    assert found.evidence.startswith("1 of 3 seeds; the highest, of seed 1 at step 1,209, from 0.1")
    assert found.evidence.endswith("to 2.12")


@pytest.mark.parametrize("loss", [FALLING, spiked(50, 5.0), spiked(1200, 0.1), spiked(1200, 2.0, length=1)])
def test_falling_early_small_and_single_steps_are_not(entry, runs, loss):
    assert finding(entry, runs, loss, loss, loss).status == "passed"


@pytest.mark.parametrize("seed", range(3))
def test_noise_of_batches_is_not(entry, runs, seed):
    noisy = FALLING * np.random.default_rng(seed).lognormal(0, 0.5, STEPS)
    assert finding(entry, runs, noisy, noisy, noisy).status == "passed"


def test_a_short_training_does_not_apply(entry, runs):
    assert finding(entry, runs, *[FALLING[:5]] * 3).status == "not applicable"


def test_losses_kept_as_means_of_neighbours_are_read_as_such(entry, runs):
    means = spiked(1200, 2.0, length=40).reshape(-1, 4).mean(1).astype(np.float32)
    kept = [replace(run, step_loss=means, summary={**run.summary, "steps": STEPS}) for run in runs]
    assert spikes(entry, kept).status == "found"
