"""The learning rate against PyTorch's schedulers and against the formulas by hand."""

import pytest
import torch

from bakeoff.recipe import Schedule
from bakeoff.train.schedule import rate_factor

PEERS = {
    "step": (Schedule(kind="step", every=2, factor=0.3), lambda o: torch.optim.lr_scheduler.StepLR(o, 2 * 4, 0.3)),
    "cosine": (Schedule(kind="cosine"), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 5 * 4)),
    "constant": (Schedule(), lambda o: torch.optim.lr_scheduler.ConstantLR(o, 1.0)),
}


@pytest.mark.parametrize("name", PEERS)
def test_matches_torch_schedulers(name: str) -> None:
    schedule, make = PEERS[name]
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    peer = make(optimizer)
    for step in range(5 * 4):
        assert rate_factor(schedule, step, steps_per_epoch=4, epochs=5) == pytest.approx(
            peer.get_last_lr()[0], abs=1e-12
        )
        optimizer.step()
        peer.step()


def test_time_based_decay_is_keras_old_rule() -> None:
    schedule = Schedule(kind="time", decay=0.001)
    assert rate_factor(schedule, 0, steps_per_epoch=10, epochs=2) == 1.0
    assert rate_factor(schedule, 500, steps_per_epoch=10, epochs=2) == pytest.approx(1 / 1.5)


def test_one_cycle_rises_to_its_peak_and_ends_near_zero() -> None:
    schedule = Schedule(kind="one_cycle", warmup=0.25)
    factors = [rate_factor(schedule, s, steps_per_epoch=20, epochs=2) for s in range(40)]
    assert factors[0] == pytest.approx(1 / 25)
    assert factors.index(max(factors)) == 10
    assert max(factors) == 1.0
    assert factors[-1] < 0.01
    assert sorted(factors[:11]) == factors[:11]
    assert sorted(factors[10:], reverse=True) == factors[10:]
