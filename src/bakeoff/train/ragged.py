"""Dense networks of different widths in one batched computation: the narrower ones padded with units that stay dead.

A unit with no weights in or out, behind an activation that is 0 at 0, passes nothing on and gets no gradient, under
any optimiser; so padding changes no model, it only costs products with zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from bakeoff.models.layers import Activation, BatchNorm, Dense, Dropout, Layer, Network, Place
from bakeoff.train.masks import DropoutMasks
from bakeoff.train.stacked import has_stacked_form

ZERO_AT_ZERO = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh")


def outline(network: Network) -> tuple[object, ...] | None:
    """What networks of different widths must have in common to be padded to one another; None if this one cannot."""
    fit = all(layer.kind in ZERO_AT_ZERO for layer in network.layers if isinstance(layer, Activation))
    return tuple(_without_widths(layer) for layer in network.layers) if fit and has_stacked_form(network) else None


def _without_widths(layer: Layer) -> object:
    match layer:
        case Dense():
            return ("dense", layer.bias)
        case BatchNorm():
            return replace(layer, features=0)
        case Dropout():
            return "dropout"
    return layer


def envelope(networks: Sequence[Network]) -> Network:
    """The narrowest network that holds them all; the first, if all are alike."""

    def widest(layers: tuple[Any, ...]) -> Layer:
        match layers[0]:
            case Dense():
                widths = {side: max(getattr(layer, side) for layer in layers) for side in ("inputs", "outputs")}
                return replace(layers[0], **widths)
            case BatchNorm():
                return replace(layers[0], features=max(layer.features for layer in layers))
        first: Layer = layers[0]
        return first

    return replace(networks[0], layers=tuple(map(widest, zip(*(n.layers for n in networks), strict=True))))


def widths(network: Network) -> tuple[int, ...]:
    """Outputs of its dense layers."""
    return tuple(layer.outputs for layer in network.layers if isinstance(layer, Dense))


def padded(rows: Sequence[Mapping[str, torch.Tensor]]) -> list[dict[str, torch.Tensor]]:
    """Tensors of several models, brought to common shapes."""
    shapes = {name: [max(sizes) for sizes in zip(*(row[name].shape for row in rows), strict=True)] for name in rows[0]}
    return [{name: _grown(name, tensor, shapes[name]) for name, tensor in row.items()} for row in rows]


def _grown(name: str, tensor: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    if list(tensor.shape) == list(shape):
        return tensor
    scale = name.endswith(".running_var") or (name.endswith(".weight") and tensor.ndim == 1)  # of a batch norm
    out = (torch.ones if scale else torch.zeros)(*shape, dtype=tensor.dtype)
    out[_corner(tensor.shape)] = tensor
    return out


def cropped(tensors: Mapping[str, torch.Tensor], shapes: Mapping[str, torch.Size]) -> dict[str, torch.Tensor]:
    """The part of padded tensors that is one model's own."""
    return {
        name: t if t.shape == shapes[name] else t[_corner(shapes[name])].contiguous() for name, t in tensors.items()
    }


def _corner(shape: Sequence[int]) -> tuple[slice, ...]:
    return tuple(slice(size) for size in shape)


class PaddedMasks:
    """Dropout masks of models of different widths: each model draws its own, in its own shape, as it would alone."""

    def __init__(self, masks: Sequence[DropoutMasks], networks: Sequence[Network]) -> None:
        self._masks = masks
        self._widths = [_widths_at_dropout(network) for network in networks]
        self._buffers: dict[tuple[Place, tuple[int, ...]], torch.Tensor] = {}

    def __call__(self, layer: Place, shape: tuple[int, ...]) -> torch.Tensor:
        shape = (len(self._masks), *shape[1:])  # pixels that all models share are dropped by each on its own
        key = (layer, shape)
        if key not in self._buffers:
            self._buffers[key] = torch.zeros(shape, device=self._masks[0].device)
        out = self._buffers[key]
        for row, masks, widths in zip(out, self._masks, self._widths, strict=True):
            own = (1, *shape[1:-1], widths[layer])
            row[..., : widths[layer]] = masks(layer, own)[0]
        return out


def _widths_at_dropout(network: Network) -> dict[Place, int]:
    """How many values an example has where a dropout is."""
    c, h, w = network.input_shape
    width, widths = c * h * w, {}
    for place, layer in network.walk():
        if isinstance(layer, Dense):
            width = layer.outputs
        elif isinstance(layer, Dropout):
            widths[place] = width
    return widths
