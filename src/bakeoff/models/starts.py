"""Models that go on from the weights of others: which layers take them, and backbones that keep them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bakeoff.models.arguments import Shape
from bakeoff.models.layers import Backbone, Imported, Layer
from bakeoff.models.zoo import build

Model = dict[str, dict[str, Any]]


def like(layer: Layer, other: Layer) -> bool:
    """Whether they are the same but for how much of them trains."""
    return _bare(layer) == _bare(other)


def started(model: Model, origin: Model | None, shape: Shape, classes: int) -> Model:
    """The model as it trains from weights of `origin`, of None for a file's. A backbone that keeps other weights than
    ImageNet's says so: it does not give the features that are kept of those."""
    if "pretrained" not in model:
        return model
    here = first_layer(model, shape, classes)
    assert isinstance(here, Backbone)
    if (here.weights, here.train) != ("imagenet", "head"):
        return model
    if origin is not None:
        there = first_layer(origin, shape, classes)
        if not like(here, there) or here == there:
            return model
    return {"pretrained": {**model["pretrained"], "weights": "start"}}


def first_layer(model: Model, shape: Shape, classes: int) -> Layer:
    """A backbone, in a model that has one. `shape`: (C, H, W) of pictures."""
    return build(model, input_shape=shape, classes=classes).layers[0]


def _bare(layer: Layer) -> Layer:
    match layer:
        case Backbone(weights=weights):
            return replace(layer, train="head", weights="imagenet" if weights == "start" else weights)
        case Imported():
            return replace(layer, train="head")
    return layer
