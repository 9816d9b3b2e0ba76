"""Revisions: the trainings that an earlier version computed wrongly get other keys, all others keep theirs."""

from __future__ import annotations

import pytest

from bakeoff.models import revision
from bakeoff.recipe import Job, Recipe

SHAPE = (3, 8, 8)


def pretrained(name):
    return {"pretrained": {"backbone": name, "weights": "none"}}


@pytest.mark.parametrize(
    "model",
    [{"linear": {}}, {"mlp": {"hidden": [4]}}, {"cnn": {"channels": [4]}}, {"residual": {}}, {"alexnet": {}},
     pretrained("timm/test_resnet"), pretrained("timm/vit_tiny_patch16_224"), pretrained("timm/tf_efficientnet_lite0")],
)  # fmt: skip
def test_what_was_always_computed_so_keeps_its_key(model):
    assert revision(model, SHAPE) == 0


@pytest.mark.parametrize("name", ["torchvision/swin_t", "timm/levit_128s", "timm/resnetblur18"])
def test_backbones_whose_constants_were_missing_are_trained_anew(name):
    assert revision(pretrained(name), SHAPE) == 1


def test_a_revision_is_part_of_a_key_only_where_there_is_one():
    job = Job(dataset="d", split="s", model={"linear": {}}, recipe=Recipe(), seed=0)
    assert job.key == "c6a85ebd455aa30d1b33d05f3c9fd7bbf8b2382c291d4995c910dcacbb53a7ae"
    assert job.model_copy(update={"revision": 1}).key != job.key
