"""Dropout masks: the right rate, and the same for a model whoever trains beside it and however blocks fall."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.train import masks as module
from bakeoff.train.masks import DropoutMasks

CPU = torch.device("cpu")


def draws(rates: list[float], seeds: list[int], widths: list[int], epoch: int = 1) -> list[torch.Tensor]:
    source = DropoutMasks({3: rates}, seeds, epoch, CPU)
    return [source(3, (len(seeds), 2, width)).clone() for width in widths]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.sampled_from([64, 1024, 1 << 19]))
@settings(max_examples=40)
def test_a_mask_depends_on_seed_and_epoch_alone(widths: list[int], block: int) -> None:
    together = draws([0.5, 0.2], [7, 8], widths)
    before = module._BLOCK_BYTES
    module._BLOCK_BYTES = block
    try:
        alone = draws([0.2], [8], widths)
    finally:
        module._BLOCK_BYTES = before
    for pair, single in zip(together, alone, strict=True):
        assert torch.equal(pair[1], single[0])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_share_kept_and_scale(rate: float) -> None:
    (mask,) = draws([rate], [1], [200_000])
    kept = (mask > 0).double().mean().item()
    assert kept == pytest.approx(1 - rate, abs=0.004)
    assert mask.max().item() == pytest.approx(1 / (1 - rate))
    assert mask.double().mean().item() == pytest.approx(1.0, abs=0.02)


def test_a_rate_of_one_keeps_nothing_and_stays_finite() -> None:
    (mask,) = draws([1.0], [1], [70_000])
    assert torch.equal(mask, torch.zeros_like(mask))


def test_epochs_and_seeds_differ() -> None:
    a, b, c = draws([0.5], [1], [64])[0], draws([0.5], [2], [64])[0], draws([0.5], [1], [64], epoch=2)[0]
    assert not torch.equal(a, b)
    assert not torch.equal(a, c)
