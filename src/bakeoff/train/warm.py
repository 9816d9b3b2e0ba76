"""Weights carried over from a trained network to one that begins with the same layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from bakeoff.models.layers import Backbone, BatchNorm, Conv, Dense, Imported, Layer, Network, Place


def carried(network: Network, origin: Network, weights: Mapping[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The tensors that `network` takes over from `origin`, under its own names: of all layers with weights, from the
    first on, that both have alike, but never of origin's last, which is made for its outputs.

    `weights`: origin's, as a run keeps them.
    """
    tensors = {}
    for (here, layer), (there, other) in zip(_weighty(network), _weighty(origin)[:-1], strict=False):
        if layer != other:
            break
        for name, value in weights.items():
            if name.startswith(f"{there}."):
                tensors[f"{here}.{name.removeprefix(f'{there}.')}"] = torch.from_numpy(np.array(value))
    return tensors


def _weighty(network: Network) -> list[tuple[Place, Layer]]:
    kinds = Dense | Conv | BatchNorm | Backbone | Imported
    return [(place, layer) for place, layer in network.walk() if isinstance(layer, kinds)]
