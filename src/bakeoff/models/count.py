"""Weights, shapes and multiplications, layer by layer, from the description alone.

Only dense layers and convolutions are counted as multiplications; FLOPs are twice the multiply-adds (MACs). Biases,
activations, pooling and batch norm are left out, as is customary.
"""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.models.layers import Activation, BatchNorm, Conv, Dense, Dropout, Flatten, GlobalPool, Layer, Network, Pool


@dataclass(frozen=True)
class LayerRow:
    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
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


def output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape after `layer` of one picture's activations."""
    match layer:
        case Flatten():
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
    return shape


def table(network: Network) -> list[LayerRow]:
    """One row a layer, in order."""
    rows = []
    shape: tuple[int, ...] = network.input_shape
    for i, layer in enumerate(network.layers):
        shape = output_shape(layer, shape)
        weights = parameters(layer)
        buffers = weights if isinstance(layer, BatchNorm) else 0
        rows.append(LayerRow(str(i), _kind(layer), shape, weights, buffers, _macs(layer, shape), _formula(layer)))
    return rows


def totals(network: Network) -> Totals:
    rows = table(network)
    weights, buffers = sum(r.parameters for r in rows), sum(r.buffers for r in rows)
    macs = sum(r.macs for r in rows)
    return Totals(weights, weights, buffers, weights + buffers, macs, 2 * macs)


def parameters(layer: Layer) -> int:
    """Weights and biases of one layer."""
    match layer:
        case Dense():
            return (layer.inputs + layer.bias) * layer.outputs
        case Conv():
            return (layer.channels_in // layer.groups * layer.kernel**2 + layer.bias) * layer.channels_out
        case BatchNorm():
            return 2 * layer.features
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


def _macs(layer: Layer, shape: tuple[int, ...]) -> int:
    match layer:
        case Dense():
            return layer.inputs * layer.outputs
        case Conv():
            return layer.channels_in // layer.groups * layer.kernel**2 * layer.channels_out * shape[1] * shape[2]
    return 0


def _kind(layer: Layer) -> str:
    match layer:
        case Conv():
            return f"conv {layer.kernel}x{layer.kernel}"
        case Activation():
            return layer.kind
        case Pool():
            return f"{layer.kind} pool {layer.size}x{layer.size}"
        case Dropout():
            return f"dropout {layer.rate:g}"
        case BatchNorm():
            return "batch norm"
        case GlobalPool():
            return "global average pool"
    return type(layer).__name__.lower()
