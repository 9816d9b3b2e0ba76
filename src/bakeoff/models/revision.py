"""Models that earlier versions of bakeoff computed otherwise: what those kept of them is not taken for today's.

Unlike `recipe.NUMERICS`, which is about all trainings.
"""

from __future__ import annotations

from typing import Any

from bakeoff.models.arguments import Shape
from bakeoff.models.backbones import has_constants
from bakeoff.models.layers import Backbone, Layer
from bakeoff.models.zoo import build


def revision(model: dict[str, dict[str, Any]], shape: Shape) -> int:
    """Part of a job's identity, for pictures of this shape (C, H, W); 0 for what never changed."""
    if "pretrained" not in model:
        return 0
    return backbone_revision(build(model, input_shape=shape, classes=2).layers[0])


def backbone_revision(layer: Layer) -> int:
    """Part of what kept features are known by. 1: its constants were whatever lay in memory."""
    return int(isinstance(layer, Backbone) and has_constants(layer.name))
