"""BK001: validation loss turns up beyond noise while training loss goes on falling."""

from pathlib import Path

import numpy as np
import pytest
from curves import contest_with, run_with
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.landmarks import landmarks, overfits_from

EPOCHS = np.arange(1, 21)
FALLING = 0.8 * np.exp(-EPOCHS / 8)
TURNING = 0.37 + 0.0006 * (EPOCHS - 8) ** 2


def found(contest, entry="net"):
    return next(f for f in judge(contest).results.findings if f.code == "BK001" and f.entry == entry)


def test_a_turning_validation_loss_is_found_where_it_turns(tmp_path: Path) -> None:
    finding = found(contest_with(tmp_path, validation_loss=TURNING, train_loss=FALLING))
    assert finding.status == "found"
    assert finding.epoch == 8
    assert "0.370 at epoch 8" in finding.evidence
    assert "falls" in finding.evidence


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_is_not_overfitting(tmp_path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.02, 20)
    flat = contest_with(tmp_path, validation_loss=0.5 + noise, train_loss=FALLING)
    assert found(flat).status == "passed"


def test_noise_does_not_hide_a_clear_turn(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.004, 20)
    finding = found(contest_with(tmp_path, validation_loss=TURNING + noise, train_loss=FALLING))
    assert finding.status == "found"
    assert finding.epoch == pytest.approx(8, abs=3)


def test_a_rising_training_loss_is_something_else(tmp_path: Path) -> None:
    assert overfits_from(run_with(tmp_path, validation_loss=TURNING, train_loss=TURNING)) is None


def test_most_seeds_must_show_it(tmp_path: Path) -> None:
    turning = run_with(tmp_path, 0, validation_loss=TURNING, train_loss=FALLING)
    falling = [run_with(tmp_path, s, validation_loss=FALLING, train_loss=FALLING) for s in (1, 2)]
    assert landmarks([turning, *falling]).overfits_from is None
    assert landmarks([turning, turning, falling[0]]).overfits_from == 8
    assert landmarks(falling).best_epoch == 20


def test_too_short_a_curve_is_not_applicable(tmp_path: Path) -> None:
    assert found(make_contest(tmp_path, epochs=3), "cnn").status == "not applicable"
