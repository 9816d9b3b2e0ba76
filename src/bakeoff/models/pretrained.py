"""Transfer learning: a backbone that somebody else trained, and a head of ours."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bakeoff.models.arguments import Regularisation, Shape, Widths, check_positive, dropped
from bakeoff.models.backbones import PACKAGED, check_size, facts, first_that_trains
from bakeoff.models.layers import Activation, Backbone, Dense, Layer
from bakeoff.recipe import Frozen


class PretrainedArguments(Frozen):
    """`pretrained`: a network of timm or torchvision without its last layer, then dense layers of our own. `backbone`:
    timm/<name> or torchvision/<name>. `weights`: imagenet, or none for a start from scratch; start is what imagenet
    becomes where the entry goes on from others' weights and keeps them. `size`: side in pixels that pictures are
    resized to; what the backbone was trained at unless said otherwise. `train`: head keeps the backbone as it is, all
    trains everything, the name of one of its layers trains from there on. `dense`: widths of hidden layers."""

    backbone: str = PACKAGED
    weights: Literal["imagenet", "none", "start"] = "imagenet"
    size: int | None = Field(None, ge=8, le=1024)
    train: str = "head"
    dense: Widths = ()

    @model_validator(mode="after")
    def _fits(self) -> PretrainedArguments:
        check_positive("dense", self.dense)
        return self


def pretrained(a: PretrainedArguments, _shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """Dropout comes before every dense layer."""
    known = facts(a.backbone)
    backbone = Backbone(a.backbone, a.size or known.side, known.features, a.weights, a.train)
    if a.size:
        check_size(a.backbone, a.size)
    first_that_trains(backbone)  # a name that is none is found here, where it can be said whose it is
    layers: list[Layer] = [backbone]
    width = known.features
    for hidden in a.dense:
        layers += [*dropped(regularisation.dropout), Dense(width, hidden), Activation("relu")]
        width = hidden
    return [*layers, *dropped(regularisation.dropout), Dense(width, classes)]
