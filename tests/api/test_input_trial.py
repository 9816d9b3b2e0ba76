"""The input that weights were trained with is found on training pictures; where it cannot be told, that is said."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from squares import CLASSES, pictures

from bakeoff.api.input_trial import chosen, customs, try_inputs
from bakeoff.data import Dataset, Examples, Split, normaliser
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward, initialise
from bakeoff.recipe import Input

MODEL = {"mlp": {"hidden": [16], "activation": "tanh"}}


def examples(n: int, seed: int) -> Examples:
    images, labels = pictures(n, channels=3, seed=seed)
    return Examples(torch.from_numpy(images), torch.from_numpy(labels))


DATASET = Dataset("squares", CLASSES, examples(360, 0), examples(90, 1))
SPLIT = Split(np.arange(300), np.arange(300, 360))
NETWORK = build(MODEL, input_shape=(3, 8, 8), classes=3)


def trained(how: Input) -> dict[str, torch.Tensor]:
    """By plain PyTorch, on the pictures as `how` prepares them."""
    tensors = {name: t.requires_grad_() for name, t in initialise(NETWORK, "torch", 0).items()}
    x, run = normaliser(DATASET.train.images, how)(DATASET.train.images), compile_forward(NETWORK)
    optimizer = torch.optim.Adam(tensors.values(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(run(tensors, x), DATASET.train.labels).backward()
        optimizer.step()
    return {name: t.detach() for name, t in tensors.items()}


def tried(tensors, inputs):
    return try_inputs(NETWORK, tensors, DATASET, SPLIT, inputs)


@pytest.mark.parametrize("name", ["unit", "signed", "imagenet", "standard"])
def test_what_it_was_trained_with_is_found(name):
    known = customs(3)
    found = tried(trained(known[name]), known)
    assert chosen(found, 3).name == name
    assert [one.loss for one in found] == sorted(one.loss for one in found)
    assert {len(one.losses) for one in found} == {300}, "training pictures alone"


def test_the_test_set_is_not_looked_at():
    class Sealed:
        def __getattr__(self, name):
            raise AssertionError("the test set was looked at")

    known = customs(3)
    assert try_inputs(NETWORK, trained(known["unit"]), replace(DATASET, test=Sealed()), SPLIT, known)


def test_weights_that_only_guess_are_refused_with_the_figures():
    tensors = initialise(NETWORK, "torch", 5)
    with pytest.raises(UsageError, match=r"none of the customs makes it better than guessing among 3 classes: \w+ \d+"):
        chosen(tried(tensors, customs(3)), 3)


def test_two_that_are_as_good_are_refused():
    known = {"unit": Input(center="none", standardize=False), "nearly": Input(scale=1.0001, mean=(0,), std=(1,))}
    with pytest.raises(UsageError, match=r"fit nearly as well: .* on 300 training pictures. Say which .*: --input"):
        chosen(tried(trained(known["unit"]), known), 3)


def test_two_that_come_to_the_same_are_no_question():
    same = {"unit": Input(center="none", standardize=False), "again": Input(mean=(0,), std=(1,))}
    assert chosen(tried(trained(same["unit"]), same), 3).accuracy > 0.9


def test_customs_fit_the_channels_and_the_file_s_own_rescaling_goes_first():
    assert set(customs(1)) == {"standard", "unit", "byte", "signed", "mnist"}
    assert set(customs(3)) >= {"standard", "unit", "byte", "signed", "imagenet", "cifar10"}
    images = DATASET.train.images[:5]
    own = customs(3, (1 / 127.5, -1.0))
    of_bytes = normaliser(images, own["the file's own rescaling, of 0..255"])(images)
    torch.testing.assert_close(of_bytes, images / 127.5 - 1)
