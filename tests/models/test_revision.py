"""Revisions: the trainings that an earlier version computed wrongly get other keys, all others keep theirs."""

from __future__ import annotations

import pytest

from bakeoff.models import revision
from bakeoff.recipe import Job, Recipe

SHAPE = (3, 8, 8)


PLAIN = Recipe()


def pretrained(name, **more):
    return {"pretrained": {"backbone": name, "weights": "none", **more}}


@pytest.mark.parametrize(
    "model",
    [{"linear": {}}, {"mlp": {"hidden": [4]}}, {"cnn": {"channels": [4]}}, {"residual": {}}, {"alexnet": {}},
     pretrained("timm/test_resnet"), pretrained("timm/vit_tiny_patch16_224"), pretrained("timm/tf_efficientnet_lite0")],
)  # fmt: skip
def test_what_was_always_computed_so_keeps_its_key(model):
    assert revision(model, PLAIN, SHAPE, 3) == 0


def test_a_linear_model_that_drops_pixels_is_trained_anew():
    assert revision({"linear": {}}, Recipe(dropout=0.2), SHAPE, 3) == 1
    assert revision({"mlp": {"hidden": [4]}}, Recipe(dropout=0.2), SHAPE, 3) == 0


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3, 32, 40), 1), ((3, 20, 40), 1), ((3, 40, 40), 0), ((3, 40, 20), 0), ((3, 40, 50), 0), ((3, 20, 30), 0)],
)
def test_wide_pictures_that_are_made_smaller_go_through_a_backbone_anew(shape, expected):
    assert revision(pretrained("timm/test_resnet", size=32), PLAIN, shape, 3) == expected


@pytest.mark.parametrize("name", ["torchvision/swin_t", "timm/levit_128s", "timm/resnetblur18"])
def test_backbones_whose_constants_were_missing_are_trained_anew(name):
    assert revision(pretrained(name), PLAIN, SHAPE, 3) == 1


def test_a_revision_is_part_of_a_key_only_where_there_is_one():
    job = Job(dataset="d", split="s", model={"linear": {}}, recipe=Recipe(), seed=0)
    assert job.key == "c6a85ebd455aa30d1b33d05f3c9fd7bbf8b2382c291d4995c910dcacbb53a7ae"
    assert job.model_copy(update={"revision": 1}).key != job.key
