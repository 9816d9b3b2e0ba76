"""Units that a network does not use: rectified ones that are 0 whatever it sees.

Shapes: B images, D features, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from bakeoff.data import Normaliser
from bakeoff.models.forward import compile_forward
from bakeoff.models.layers import Activation, Layer, Network, Place
from bakeoff.runs import LayerUnits
from bakeoff.train.evaluate import pass_size

SAMPLE = 1_000
"""Training images, at most. A unit that is 0 on all of them answers fewer than 0.3% of images (95% bound, 3 / n)."""


@torch.no_grad()
def relu_layers(
    network: Network, tensors: Mapping[str, torch.Tensor], images: torch.Tensor, normalise: Normaliser
) -> list[LayerUnits]:
    """Of every ReLU layer, in the order of computation, how many units are 0 on all `images`, uint8 [B, C, H, W].

    A unit is one value of a dense layer, or one channel of a convolution, at all places that the layer hands on. It
    passes nothing on and gets no gradient, so it cannot come back. Layers inside a backbone are not looked at. A pass
    of its own after training: nothing that was trained or measured before can depend on it.
    """
    alive: dict[Place, torch.Tensor] = {}

    def watch(place: Place, layer: Layer, x: torch.Tensor) -> None:
        if isinstance(layer, Activation) and layer.kind == "relu":
            fires = (x > 0).flatten(2).any(2).any(0) if x.ndim == 4 else (x > 0).any(0)
            alive[place] = alive[place] | fires if place in alive else fires

    run = compile_forward(network, watch=watch)
    for some in images.split(pass_size(network, images.device)):
        run(tensors, normalise(some))
    return [LayerUnits(layer=str(place), units=len(fires), dead=int((~fires).sum())) for place, fires in alive.items()]
