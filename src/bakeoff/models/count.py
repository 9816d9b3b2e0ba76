"""Weights, shapes and multiplications, layer by layer, from the description alone.

Only dense layers and convolutions are counted as multiplications; FLOPs are twice the multiply-adds (MACs). Biases,
activations, pooling and normalisation are left out, as is customary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    Pool,
    Residual,
    Resize,
    walk,
)

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerRow:
    name: str
    kind: str
    output_shape: Shape
    parameters: int
    trainable: int
    buffers: int
    macs: int
    formula: str
    """How the weights are counted, e.g. "[3 x (3 x 3) + 1] x 32 = 896"; empty for a layer without weights."""


@dataclass(frozen=True)
class Totals:
    parameters: int
    trainable: int
    buffers: int
    keras_total: int
    """parameters + running means and variances: what a Keras summary calls total."""
    macs: int
    flops_forward: int
    """2 x MACs, one picture, forward."""


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """The shape after `layer` of one picture's activations. May hold sides below 1 where nothing is left."""
    match layer:
        case Flatten() | Features():
            size = 1
            for side in shape:
                size *= side
            return (size,)
        case Dense():
            return (layer.outputs,)
        case Conv():
            sides = ((s + 2 * layer.padding - layer.kernel) // layer.stride + 1 for s in shape[1:])
            return (layer.channels_out, *sides)
        case Pool():
            return (shape[0], *((s + 2 * layer.padding - layer.size) // layer.stride + 1 for s in shape[1:]))
        case GlobalPool():
            return (shape[0],)
        case Resize():
            return (shape[0], layer.side, layer.side)
        case Backbone() | Imported():
            return (layer.features,)
        case Residual():
            return shape_after(layer.body, shape)
    return shape


def shape_after(layers: Sequence[Layer], shape: Shape) -> Shape:
    """The shape after all of `layers`."""
    for layer in layers:
        shape = output_shape(layer, shape)
    return shape


def table(network: Network) -> list[LayerRow]:
    """One row a layer, in the order of computation (see `Network.walk`)."""
    return _rows(network.layers, network.input_shape, "")


def _rows(layers: Sequence[Layer], shape: Shape, inside: str) -> list[LayerRow]:
    rows = []
    for i, layer in enumerate(layers):
        if isinstance(layer, Residual):
            rows += _rows(layer.body, shape, f"{inside}{i}.body.")
            rows += _rows(layer.shortcut, shape, f"{inside}{i}.shortcut.")
        shape = output_shape(layer, shape)
        counts = parameters(layer), _trainable(layer), _buffers(layer), _macs(layer, shape)
        rows.append(LayerRow(f"{inside}{i}", _kind(layer), shape, *counts, _formula(layer)))
    return rows


def totals(network: Network) -> Totals:
    rows = table(network)
    weights, trainable = sum(r.parameters for r in rows), sum(r.trainable for r in rows)
    buffers, macs = sum(r.buffers for r in rows), sum(r.macs for r in rows)
    return Totals(weights, trainable, buffers, weights + buffers, macs, 2 * macs)


def weights_of(layers: Sequence[Layer]) -> int:
    """Weights and biases of all of `layers`."""
    return sum(parameters(layer) for _, layer in walk(layers))


def parameters(layer: Layer) -> int:
    """Weights and biases of one layer; those of a residual are its inner layers'."""
    match layer:
        case Dense():
            return (layer.inputs + layer.bias) * layer.outputs
        case Conv():
            return (layer.channels_in // layer.groups * layer.kernel**2 + layer.bias) * layer.channels_out
        case BatchNorm():
            return 2 * layer.features
        case Backbone():
            return sum(weight.numel() for weight in backbones.skeleton(layer.name).parameters())
        case Imported():
            return foreign.parameters(layer)
    return 0


def _trainable(layer: Layer) -> int:
    if isinstance(layer, Imported):
        return parameters(layer) if layer.train == "all" else 0
    if not isinstance(layer, Backbone):
        return parameters(layer)
    weights = dict(backbones.skeleton(layer.name).named_parameters())
    return sum(weights[name].numel() for name, trains in backbones.trains(layer) if trains)


def _buffers(layer: Layer) -> int:
    """Running means and variances."""
    match layer:
        case BatchNorm():
            return 2 * layer.features
        case Backbone():
            module = backbones.skeleton(layer.name)
            return sum(module.get_buffer(name).numel() for name in backbones.buffer_names(layer))
        case Imported():
            return foreign.buffers(layer)
    return 0


def _formula(layer: Layer) -> str:
    match layer:
        case Dense():
            fan, outputs = str(layer.inputs), layer.outputs
        case Conv():
            fan = f"{layer.channels_in // layer.groups} x ({layer.kernel} x {layer.kernel})"
            outputs = layer.channels_out
        case BatchNorm():
            return f"2 x {layer.features} = {parameters(layer):,} (and as many running statistics)"
        case _:
            return ""
    return f"{f'[{fan} + 1]' if layer.bias else fan} x {outputs} = {parameters(layer):,}"


def _macs(layer: Layer, shape: Shape) -> int:
    match layer:
        case Backbone():
            return backbones.macs(layer.name, layer.side)
        case Imported():
            return foreign.macs(layer)
        case Dense():
            return layer.inputs * layer.outputs
        case Conv():
            return layer.channels_in // layer.groups * layer.kernel**2 * layer.channels_out * shape[1] * shape[2]
    return 0


def _kind(layer: Layer) -> str:
    match layer:
        case Conv():
            groups = "" if layer.groups == 1 else f" in {layer.groups} groups"
            stride = "" if layer.stride == 1 else f" stride {layer.stride}"
            return f"conv {layer.kernel}x{layer.kernel}{stride}{groups}"
        case Activation():
            return layer.kind
        case Pool():
            stride = "" if layer.stride == layer.size else f" stride {layer.stride}"
            return f"{layer.kind} pool {layer.size}x{layer.size}{stride}"
        case Dropout():
            return f"dropout {layer.rate:g}"
        case BatchNorm():
            return "batch norm"
        case GlobalPool():
            return "global average pool"
        case LocalNorm():
            return f"local response norm over {layer.size} channels"
        case Resize():
            return f"resize to {layer.side}x{layer.side}"
        case Residual():
            return "sum with shortcut"
        case Backbone():
            return f"{layer.name} at {layer.side}x{layer.side}"
        case Imported():
            return f"imported, {layer.gives} at {layer.size[0]}x{layer.size[1]}"
    return type(layer).__name__.lower()
