"""What a Keras model computes, step by step, in the words that networks here are described by as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bakeoff.data.weights import KerasLayer
from bakeoff.errors import UsageError, nearest
from bakeoff.models.forward import MONOTONE
from bakeoff.models.keras_layout import Seen
from bakeoff.models.layers import (
    Activation,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Pool,
    Residual,
)

IDLE = (
    "ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity", "InputLayer",
    "SpatialDropout2D",
)  # fmt: skip
"""Layers that hand on what they get when a model answers; so do those that change pictures at random."""
_PLAIN = {"BatchNormalization": "batch norm", "Flatten": "flatten", "Add": "sum", "Rescaling": "rescaling"}
_POOLS = {"MaxPooling2D": "max pool", "AveragePooling2D": "avg pool"}
_KNOWN = (*_PLAIN, *_POOLS, "Dense", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "GlobalAveragePooling2D",
          "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Reshape", "ZeroPadding2D")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """`name`: of the layer. `word`: what it does. `settings`: of Keras, or the layer of ours with its input."""

    name: str
    word: str
    settings: Mapping[str, Any] | Seen


def their_steps(layers: Iterable[KerasLayer], file: str) -> list[Step]:
    """Raises UsageError for a layer that does something that no network here does."""
    steps: list[Step] = []
    for layer in layers:
        grey = layer.class_name == "Reshape" and len(layer.settings.get("target_shape", ())) == 3
        if not (grey and not steps):  # pictures without a channel get one
            steps += _steps_of(layer, file)
    if steps and steps[-1].word == "softmax":  # a network here ends in logits
        steps.pop()
    pooled = [
        step
        for i, step in enumerate(steps)
        if not (step.word == "flatten" and i and steps[i - 1].word == "global average pool")
    ]
    return _settled(pooled)


def our_steps(all_seen: Iterable[Seen]) -> list[Step]:
    return _settled([Step(str(one.place), word, one) for one in all_seen for word in _our_word(one)])


def _settled(steps: list[Step]) -> list[Step]:
    """A monotone activation behind a max pool is moved before it: the answers are the same."""
    for i in range(len(steps) - 1):
        if steps[i].word == "max pool" and steps[i + 1].word.split(" ")[0] in MONOTONE:
            steps[i], steps[i + 1] = steps[i + 1], steps[i]
    return steps


def _our_word(one: Seen) -> Iterator[str]:
    match one.layer:
        case Dropout():
            pass
        case Dense():
            yield "dense"
        case Conv():
            yield "conv"
        case BatchNorm():
            yield "batch norm"
        case Activation(kind=kind):
            yield "leaky_relu 0.01" if kind == "leaky_relu" else kind
        case Pool(kind=kind):
            yield f"{kind} pool"
        case GlobalPool():
            yield "global average pool"
        case Flatten():
            yield "flatten"
        case Residual():
            yield "sum"
        case other:
            yield type(other).__name__.lower()


def _steps_of(layer: KerasLayer, file: str) -> Iterator[Step]:
    kind, of = layer.class_name, layer.settings
    if kind in IDLE or kind.startswith("Random"):
        return
    if kind in ("Dense", "Conv2D", "DepthwiseConv2D", "SeparableConv2D"):
        yield Step(layer.name, "dense" if kind == "Dense" else "conv", of)
        if kind == "SeparableConv2D":
            yield Step(layer.name, "conv", {"kernel_size": 1})
        yield from _activation(layer.name, of.get("activation"), of)
    elif kind == "Activation":
        yield from _activation(layer.name, of.get("activation"), of)
    elif kind in ("ReLU", "LeakyReLU", "ELU", "Softmax"):
        yield from _activation(layer.name, kind.lower(), of)
    elif kind == "GlobalAveragePooling2D":
        yield Step(layer.name, "global average pool", of)
    elif kind == "ZeroPadding2D":
        yield Step(layer.name, "padding", of)
    elif kind == "Reshape" and len(of.get("target_shape", ())) == 1:
        yield Step(layer.name, "flatten", of)
    elif kind in _PLAIN or kind in _POOLS:
        yield Step(layer.name, {**_PLAIN, **_POOLS}[kind], of)
    else:
        raise UsageError(f"{file}: {layer.name} is a {kind}, which no network here has{nearest(kind, _KNOWN)}")


def _activation(name: str, told: Any, of: Mapping[str, Any]) -> Iterator[Step]:
    """`told`: as a configuration has it, a name or a mapping for what somebody made."""
    word = told if isinstance(told, str) else "linear" if told is None else "activation of its own"
    if word == "relu" and (of.get("max_value") is not None or of.get("threshold") or of.get("negative_slope")):
        word = "relu with a limit, a threshold or a slope"
    elif word == "leakyrelu":
        word = f"leaky_relu {of.get('negative_slope', of.get('alpha', 0.3)):g}"
    elif word == "leaky_relu":
        word = "leaky_relu 0.2"
    elif word == "elu" and of.get("alpha", 1) != 1:
        word = f"elu {of['alpha']:g}"
    elif word == "swish":
        word = "silu"
    if word != "linear":
        yield Step(name, word, of)
