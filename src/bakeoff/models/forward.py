"""The forward pass of one network as plain functions on its tensors: no modules, no state but the tensors.

`compile_forward` walks the layers once and returns a closure, so that a training step pays for arithmetic alone.
Convolutions run in channels-last memory, twice as fast as channels-first here (docs/log.md). A max pool is taken
before a monotone activation instead of after it: the same values from a quarter of the activations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

from bakeoff.models import backbones
from bakeoff.models.foreign import layer as foreign
from bakeoff.models.layers import (
    Activation,
    Backbone,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Features,
    Flatten,
    GlobalPool,
    Imported,
    Layer,
    LocalNorm,
    Network,
    Place,
    Pool,
    Residual,
    Resize,
)

Tensors = Mapping[str, torch.Tensor]
Step = Callable[[Tensors, torch.Tensor, Any], torch.Tensor]
Watch = Callable[[Place, Layer, torch.Tensor], None]
"""Told what each layer hands on."""

MONOTONE = {"relu", "leaky_relu", "elu", "selu", "tanh", "sigmoid"}


class Manner(NamedTuple):
    """How a network is computed: in fast memory layout or none, and who looks at what each layer gives."""

    fast_layout: bool
    watch: Watch | None


def activate(kind: str, x: torch.Tensor) -> torch.Tensor:
    """The activation by its name (leaky_relu has slope 0.01; gelu is the exact one)."""
    match kind:
        case "relu":
            return F.relu(x)
        case "leaky_relu":
            return F.leaky_relu(x, 0.01)
        case "elu":
            return F.elu(x)
        case "selu":
            return F.selu(x)
        case "gelu":
            return F.gelu(x)
        case "silu":
            return F.silu(x)
        case "tanh":
            return torch.tanh(x)
        case "sigmoid":
            return torch.sigmoid(x)
    raise ValueError(f"unknown activation {kind!r}")


def compile_forward(
    network: Network, *, fast_layout: bool = True, watch: Watch | None = None
) -> Callable[..., torch.Tensor]:
    """`run(tensors, x, masks=None) -> logits [B, K]` for x float32 [B, C, H, W].

    With `masks`, a function (layer index, shape [1, B, ...]) -> factors of that shape (0 or 1 / (1 - rate)), this is
    a training step: dropout applies and batch norms use and update batch statistics. Without, evaluation.
    `fast_layout`: in channels-last memory; without it what is computed says nothing of memory, fit for export.
    """
    inside = _chain(network.layers, "", Manner(fast_layout, watch))
    convolves = fast_layout and any(isinstance(layer, Conv | Backbone) for _, layer in network.walk())

    def run(tensors: Tensors, x: torch.Tensor, masks: Any = None) -> torch.Tensor:
        return inside(tensors, _channels_last(x) if convolves else x, masks)

    return run


def _chain(layers: Sequence[Layer], inside: str, how: Manner) -> Step:
    """One step for all of `layers`, whose places begin with `inside`."""
    places = [(f"{inside}{i}" if inside else i, layer) for i, layer in _pooled_first(layers)]
    steps = [(place, layer, _step(place, layer, how)) for place, layer in places]

    def run(tensors: Tensors, x: torch.Tensor, masks: Any) -> torch.Tensor:
        for place, layer, step in steps:
            x = step(tensors, x, masks)
            if how.watch is not None:
                how.watch(place, layer, x)
        return x

    return run


def _channels_last(x: torch.Tensor) -> torch.Tensor:
    """The same values laid out as [B, H, W, C]. With one channel both layouts are the same bytes, but only the
    strides of this one make PyTorch choose its kernels."""
    x = x.contiguous(memory_format=torch.channels_last)
    _, c, h, w = x.shape
    return x.as_strided(x.shape, (c * h * w, 1, w * c, c)) if c == 1 else x


def _pooled_first(given: Sequence[Layer]) -> list[tuple[int, Layer]]:
    """The layers with their numbers, a max pool moved before a monotone activation that it follows."""
    layers = list(enumerate(given))
    for i in range(len(layers) - 1):
        first, second = layers[i][1], layers[i + 1][1]
        pools = isinstance(second, Pool) and second.kind == "max" and second.padding == 0
        if isinstance(first, Activation) and first.kind in MONOTONE and pools:
            layers[i], layers[i + 1] = layers[i + 1], layers[i]
    return layers


def _step(i: Place, layer: Layer, how: Manner) -> Step:
    weight, bias = f"{i}.weight", f"{i}.bias"
    match layer:
        case Flatten() | Features():
            return lambda _t, x, _m: x.flatten(1)
        case Dense():
            return lambda t, x, _m: F.linear(x, t[weight], t.get(bias))
        case Conv(stride=stride, padding=padding, groups=groups):
            return lambda t, x, _m: F.conv2d(x, t[weight], t.get(bias), stride, padding, 1, groups)
        case Activation(kind=kind):
            return lambda _t, x, _m: activate(kind, x)
        case Pool(kind="max", size=size, stride=stride, padding=padding):
            return lambda _t, x, _m: F.max_pool2d(x, size, stride, padding)
        case Pool(size=size, stride=stride, padding=padding):
            return lambda _t, x, _m: F.avg_pool2d(x, size, stride, padding)
        case LocalNorm(size=size, alpha=alpha, beta=beta, k=k):
            return lambda _t, x, _m: F.local_response_norm(x, size, alpha, beta, k)
        case Resize(side=side):
            return lambda _t, x, _m: F.interpolate(x, (side, side), mode="bilinear")
        case Backbone():
            return backbones.forward(i, layer, fast_layout=how.fast_layout)
        case Imported():
            return foreign.forward(i, layer, traced=not how.fast_layout)
        case Residual(body=inner, shortcut=outer):
            body, shortcut = (
                _chain(part, f"{i}.{name}.", how) for part, name in ((inner, "body"), (outer, "shortcut"))
            )
            return lambda t, x, m: body(t, x, m) + shortcut(t, x, m)
        case GlobalPool():
            return lambda _t, x, _m: x.mean((2, 3))
        case Dropout():
            return lambda _t, x, m: x if m is None else x * m(i, (1, *x.shape)).squeeze(0)
        case BatchNorm(epsilon=epsilon, momentum=momentum):
            mean, variance = f"{i}.running_mean", f"{i}.running_var"
            return lambda t, x, m: F.batch_norm(
                x, t[mean], t[variance], t[weight], t[bias], m is not None, momentum, epsilon
            )
    raise TypeError(f"{type(layer).__name__} has no forward pass")
