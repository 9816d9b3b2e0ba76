"""Models that earlier versions of bakeoff computed otherwise: what those kept of them is not taken for today's.

Unlike `recipe.NUMERICS`, which is about all trainings.
"""

from __future__ import annotations

from bakeoff.models.arguments import Shape
from bakeoff.models.backbones import has_constants
from bakeoff.models.layers import Backbone, Layer
from bakeoff.models.starts import Model, first_layer, like


def revision(model: Model, shape: Shape, origin: Model | None = None) -> int:
    """Part of a job's identity, for pictures of this shape (C, H, W); 0 for what never changed. `origin`: whose weights
    it goes on from. 1: nothing was carried over to a backbone of which more or less trains than there."""
    if not {"pretrained", "onnx"} & set(model):
        return 0
    layer = first_layer(model, shape)
    other = first_layer(origin, shape) if origin else layer
    return int(like(layer, other) and layer != other) or backbone_revision(layer)


def backbone_revision(layer: Layer) -> int:
    """Part of what kept features are known by. 1: its constants were whatever lay in memory."""
    return int(isinstance(layer, Backbone) and has_constants(layer.name))
