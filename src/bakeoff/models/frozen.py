"""What of a network trains and what does not; and networks cut behind a backbone that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch

from bakeoff.models.backbones import buffer_names, tensors
from bakeoff.models.inits import initialise
from bakeoff.models.layers import Backbone, BatchNorm, Features, Network


def fixed(network: Network) -> set[str]:
    """Names of the tensors that stay as they start: weights of backbones that do not train, and their statistics."""
    return {
        f"{place}.{name}"
        for place, layer in network.walk()
        if isinstance(layer, Backbone)
        for name, learns in tensors(layer)
        if not learns
    }


def backbone_names(network: Network) -> list[str]:
    """Names of all tensors of pretrained backbones."""
    layers = [(place, layer) for place, layer in network.walk() if isinstance(layer, Backbone)]
    return [f"{place}.{name}" for place, layer in layers for name, _ in tensors(layer)]


def trainable(network: Network, names: Iterable[str]) -> list[str]:
    """Those of the tensors' `names` that get gradients: all but what is fixed and running statistics."""
    still = fixed(network)
    for place, layer in network.walk():
        if isinstance(layer, Backbone):
            still |= {f"{place}.{name}" for name in buffer_names(layer)}
        if isinstance(layer, BatchNorm):
            still |= {f"{place}.running_mean", f"{place}.running_var"}
    return [name for name in names if name not in still]


def completed(network: Network, stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """All tensors of a network of which a run keeps only those that changed: the fixed ones as they start."""
    missing = fixed(network)
    if missing <= set(stored):
        return dict(stored)
    start = initialise(replace(network, layers=network.layers[:1]), "torch", 0)
    return {**{name: tensor for name, tensor in start.items() if name in missing}, **stored}


def frozen_backbone(network: Network) -> Backbone | None:
    """The first layer, if it is a backbone with known weights of which none trains."""
    first = network.layers[0]
    fixed = isinstance(first, Backbone) and first.train == "head" and first.weights != "none"
    return first if fixed else None  # type: ignore[return-value]


def trunk(network: Network) -> Network:
    """The frozen backbone alone."""
    return replace(network, layers=network.layers[:1])


def head(network: Network) -> Network:
    """What comes after the frozen backbone, its layers in the same places; takes features [D, 1, 1]."""
    (backbone,) = trunk(network).layers
    assert isinstance(backbone, Backbone)
    return Network((backbone.features, 1, 1), network.classes, (Features(backbone), *network.layers[1:]))
