"""Weights carried over from a trained network to one that begins with the same layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch

from bakeoff.errors import UsageError
from bakeoff.models.layers import Backbone, BatchNorm, Conv, Dense, Imported, Layer, Network, Place
from bakeoff.models.starts import like


def carried(network: Network, origin: Network, weights: Mapping[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The tensors that `network` takes over from `origin`, under its own names: of all layers with weights, from the
    first on, that both have alike, however much of them trains, but never of origin's last, which is made for its
    outputs.

    `weights`: origin's, as a run keeps them.
    """
    tensors = {}
    for here, there, *_ in _shared(network, origin):
        for name, value in weights.items():
            if name.startswith(f"{there}."):
                tensors[f"{here}.{name.removeprefix(f'{there}.')}"] = torch.from_numpy(np.array(value))
    return tensors


def check_carries(network: Network, origin: Network) -> None:
    """Raises UsageError where `carried` would take nothing, or what cannot be used here."""
    pairs = [(layer, other) for _, _, layer, other in _shared(network, origin)]
    for layer, other in pairs:
        if isinstance(layer, Imported) and layer.train != "all" and other != layer and _learned(other):
            raise UsageError(
                f"start: train: {layer.train} computes an imported network from its file, not with the weights that it "
                "goes on from; write train: all"
            )
    if not any(_learned(other) for _, other in pairs):
        raise UsageError(
            "start: nothing would be carried over: no layer that was trained there is alike here, from the first on "
            "(the last is never carried over); leave start out"
        )


def _learned(layer: Layer) -> bool:
    """Whether a run whose network has this layer knows other weights of it than anybody."""
    match layer:
        case Backbone():
            return layer.train != "head" or layer.weights == "start"
        case Imported():
            return layer.train == "all"
    return True


def _shared(network: Network, origin: Network) -> Iterator[tuple[Place, Place, Layer, Layer]]:
    """(place here, place there, the layer here, the layer there)"""
    for (here, layer), (there, other) in zip(_weighty(network), _weighty(origin)[:-1], strict=False):
        if not like(layer, other):
            return
        yield here, there, layer, other


def _weighty(network: Network) -> list[tuple[Place, Layer]]:
    kinds = Dense | Conv | BatchNorm | Backbone | Imported
    return [(place, layer) for place, layer in network.walk() if isinstance(layer, kinds)]
