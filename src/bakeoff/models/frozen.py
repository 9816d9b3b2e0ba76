"""What of a network trains and what does not; and networks cut behind a backbone that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import torch

from bakeoff.models import backbones
from bakeoff.models.foreign import layer as foreign
from bakeoff.models.inits import initialise
from bakeoff.models.layers import Backbone, BatchNorm, Conv, Dense, Features, Imported, Layer, Network


def tensors_of(layer: Layer) -> list[tuple[str, bool]]:
    """(name of a weight or a running statistic, whether it changes while the layer is trained), of a layer that others
    made; empty for one of ours."""
    match layer:
        case Backbone():
            return list(backbones.tensors(layer))
        case Imported():
            return list(foreign.tensors(layer))
    return []


def buffers_of(layer: Layer) -> list[str]:
    """The running means and variances among them."""
    match layer:
        case Backbone():
            return backbones.buffer_names(layer)
        case Imported():
            return foreign.buffer_names(layer)
    return []


def fixed(network: Network) -> set[str]:
    """Names of the tensors that stay as they start: weights of backbones that do not train, and their statistics."""
    return {f"{place}.{name}" for place, layer in network.walk() for name, learns in tensors_of(layer) if not learns}


def backbone_names(network: Network) -> list[str]:
    """Names of all tensors of pretrained backbones and imported networks."""
    return [f"{place}.{name}" for place, layer in network.walk() for name, _ in tensors_of(layer)]


def trainable(network: Network, names: Iterable[str]) -> list[str]:
    """Those of the tensors' `names` that get gradients: all but what is fixed and running statistics."""
    still = fixed(network)
    for place, layer in network.walk():
        still |= {f"{place}.{name}" for name in buffers_of(layer)}
        if isinstance(layer, BatchNorm):
            still |= {f"{place}.running_mean", f"{place}.running_var"}
    return [name for name in names if name not in still]


def completed(network: Network, stored: Mapping[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """All tensors of a network of which a run of this seed keeps `changed` ones alone."""
    return dict(stored) if fixed(network) <= set(stored) else {**_untouched(network, seed), **stored}


def changed(network: Network, tensors: Mapping[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """Those that a training of this seed could change, or did not start from as they are: a backbone that does not
    train is known by its name, and a copy in every run would only cost disk."""
    known = _untouched(network, seed)
    return {name: t for name, t in tensors.items() if name not in known or not torch.equal(t.cpu(), known[name])}


def _untouched(network: Network, seed: int) -> dict[str, torch.Tensor]:
    """The fixed tensors, as they start unless others are carried over."""
    still = fixed(network)
    start = initialise(replace(network, layers=network.layers[:1]), "torch", seed) if still else {}
    return {name: tensor for name, tensor in start.items() if name in still}


def draws(network: Network) -> bool:
    """Whether any weight that it starts from is drawn at random."""
    layers = [layer for _, layer in network.walk()]
    return any(isinstance(layer, Dense | Conv) or getattr(layer, "weights", "") == "none" for layer in layers)


def imported(network: Network) -> Imported | None:
    """What of it came from a file of somebody else's."""
    return next((layer for _, layer in network.walk() if isinstance(layer, Imported)), None)


def frozen_backbone(network: Network) -> Backbone | Imported | None:
    """The first layer, if it is a backbone with known weights of which none trains, under a head that does."""
    first = network.layers[0]
    if isinstance(first, Backbone | Imported) and first.train == "head":
        return None if isinstance(first, Backbone) and first.weights != "imagenet" else first
    return None


def trunk(network: Network) -> Network:
    """The frozen backbone alone."""
    return replace(network, layers=network.layers[:1])


def head(network: Network) -> Network:
    """What comes after the frozen backbone, its layers in the same places; takes features [D, 1, 1]."""
    (backbone,) = trunk(network).layers
    assert isinstance(backbone, Backbone | Imported)
    return Network((backbone.features, 1, 1), network.classes, (Features(backbone), *network.layers[1:]))
