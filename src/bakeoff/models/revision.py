"""Models that earlier versions of bakeoff computed otherwise: what those kept of them is not taken for today's.

Unlike `recipe.NUMERICS`, which is about all trainings. Shapes are (C, H, W) of pictures.
"""

from __future__ import annotations

from bakeoff.models.arguments import Shape
from bakeoff.models.backbones import has_constants
from bakeoff.models.layers import Backbone, Layer
from bakeoff.models.starts import Model, first_layer, like
from bakeoff.recipe import Recipe


def revision(model: Model, recipe: Recipe, shape: Shape, classes: int, origin: Model | None = None) -> int:
    """Part of a job's identity; 0 for what never changed. `origin`: whose weights it goes on from. 1: a linear model
    took no dropout, and nothing was carried over to a backbone of which more or less trains than there."""
    if "linear" in model:
        return int(recipe.dropout > 0)
    if not {"pretrained", "onnx"} & set(model):
        return 0
    layer = first_layer(model, shape, classes)
    other = first_layer(origin, shape, classes) if origin else layer
    return int(like(layer, other) and layer != other) or backbone_revision(layer, shape)


def backbone_revision(layer: Layer, shape: Shape) -> int:
    """Part of what kept features are known by. 1: its constants were whatever lay in memory, and pictures that are
    wider than it, but no higher, were made smaller without a filter."""
    if not isinstance(layer, Backbone):
        return 0
    _, height, width = shape
    return int(has_constants(layer.name) or height <= layer.side < width)
