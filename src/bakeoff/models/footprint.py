"""How many numbers the layers of a network give for one picture: what bounds the memory of a pass."""

from __future__ import annotations

import math
from functools import lru_cache

from bakeoff.models import backbones
from bakeoff.models.count import table
from bakeoff.models.layers import Backbone, Imported, Network

_ACTIVATIONS = 128 * 2**20
"""Bytes that the largest layer's output may take."""
_INSIDE_CHANNELS = 48
"""Channels at full size that the largest layer inside a backbone amounts to, with its neighbours."""


@lru_cache
def pictures_a_pass(network: Network, most: int) -> int:
    """How many pictures, 1..`most`, keep the output of the network's largest layer below 128 MiB."""
    sizes = [math.prod(network.input_shape), *(math.prod(row.output_shape) for row in table(network))]
    sizes += [_INSIDE_CHANNELS * layer.side**2 for layer in network.layers if isinstance(layer, Backbone)]
    sizes += [_INSIDE_CHANNELS * math.prod(layer.size) for layer in network.layers if isinstance(layer, Imported)]
    return max(1, min(most, _ACTIVATIONS // (4 * max(sizes))))


@lru_cache
def kept_in_training(network: Network) -> int:
    """How many numbers a picture a training step keeps for its way back: what every layer gave. Of a backbone only one
    that trains keeps any, and then all of it; inside an imported network they are not counted."""
    inside = sum(
        backbones.outputs(layer.name, layer.side)
        for layer in network.layers
        if isinstance(layer, Backbone) and layer.train != "head"
    )
    return inside + sum(math.prod(row.output_shape) for row in table(network))
