"""Dropout after the convolutions of a residual unit falls on its branch, not on what the units before have made."""

from __future__ import annotations

import numpy as np
from learnable import DATASET, SPLIT, job

from bakeoff.models import build
from bakeoff.models.layers import Dropout
from bakeoff.train import train

MODEL = {"residual": {"widths": [4, 6], "blocks": [1, 2], "stem": 4, "unit": "basic", "pre_activation": True}}


def weights_after(epochs: int, rate: float) -> dict[str, np.ndarray]:
    (finished,) = train([job(MODEL, epochs=epochs, conv_dropout=rate)], DATASET, SPLIT)
    return finished.weights


def test_it_ends_the_branch_of_every_unit() -> None:
    network = build(MODEL, input_shape=(1, 8, 8), classes=3, conv_dropout=0.3)
    names = [name for name, layer in network.walk() if isinstance(layer, Dropout)]
    assert [name.split(".")[1] for name in names] == ["body"] * 3


def test_a_branch_that_is_dropped_whole_learns_nothing_and_the_rest_goes_on() -> None:
    before, after = weights_after(0, 1.0), weights_after(1, 1.0)
    convolutions = [name for name in before if ".body." in name and before[name].ndim == 4]
    assert len(convolutions) == 6
    assert all(np.array_equal(before[name], after[name]) for name in convolutions)
    assert not np.array_equal(before["0.weight"], after["0.weight"])
    learned = weights_after(1, 0.3)
    assert not any(np.array_equal(before[name], learned[name]) for name in convolutions)
