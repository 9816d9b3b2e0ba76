"""Batches of one picture before a batch norm are refused; where a channel is seen more than once they are not."""

from __future__ import annotations

import numpy as np
import pytest
from learnable import DATASET, job

from bakeoff.data import Split
from bakeoff.errors import UsageError
from bakeoff.models import build
from bakeoff.recipe import Recipe
from bakeoff.train import train
from bakeoff.train.last_batch import check_last_batch

DENSE = {"mlp": {"hidden": [4], "batch_norm": "before"}}
CNN = {"cnn": {"channels": [4], "batch_norm": "before"}}
HEAD = {"cnn": {"channels": [4], "dense": [4], "dense_batch_norm": "before"}}
TUNED = {"pretrained": {"backbone": "timm/test_resnet", "size": 64, "weights": "none", "train": "all"}}


def check(model, batch_size, examples, **recipe):
    network = build(model, input_shape=(1, 8, 8), classes=3)
    check_last_batch(network, Recipe(batch_size=batch_size, **recipe), examples)


@pytest.mark.parametrize("model", [DENSE, HEAD])
def test_a_last_batch_of_one_is_refused(model):
    with pytest.raises(UsageError, match="batch_size: 16 leaves a last batch of one picture out of 97, and its batch"):
        check(model, 16, 97)
    with pytest.raises(UsageError, match="batch_size: 1 takes one picture a step"):
        check(model, 1, 96)
    check(model, 16, 98)
    check(model, "full", 97)
    check(model, 16, 97, epochs=0)


@pytest.mark.parametrize("model", [CNN, TUNED, {"mlp": {"hidden": [4]}}])
def test_where_every_channel_is_seen_more_than_once_it_is_not(model):
    check(model, 16, 97)
    check(model, 1, 97)


def test_a_backbone_that_narrows_to_one_place_is_refused():
    small = {"pretrained": {**TUNED["pretrained"], "size": 32}}
    with pytest.raises(UsageError, match="batch_size: 16 leaves a last batch"):
        check(small, 16, 97)
    check({"pretrained": {**small["pretrained"], "train": "head"}}, 16, 97)


def test_a_pack_that_nobody_checked_before_says_it_before_it_trains():
    with pytest.raises(UsageError, match="batch_size: 16 leaves a last batch"):
        train([job(DENSE, batch_size=16)], DATASET, Split(train=np.arange(97), validation=np.arange(97, 110)))
