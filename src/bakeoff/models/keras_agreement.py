"""Whether a Keras model computes what a network of ours does, weights apart: order, activations, strides, padding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bakeoff.data.weights import KerasLayer
from bakeoff.errors import UsageError
from bakeoff.models.keras_layout import Seen, seen
from bakeoff.models.keras_words import Step, our_steps, their_steps
from bakeoff.models.layers import Conv, Network, Pool

_CHANNELS_LAST = (-1, 1, 3, [-1], [1], [3])


def check_agreement(network: Network, layers: Iterable[KerasLayer], file: str) -> tuple[float, float] | None:
    """Raises UsageError, naming both layers, at the first step that would give other answers.

    Returns (scale, offset) where the model itself begins by rescaling its pixels, 0..255, to scale x pixel + offset.
    """
    try:
        return _check(network, layers, file)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:  # of settings that Keras never wrote
        raise UsageError(f"{file}: not the configuration of a Keras model") from error


def _check(network: Network, layers: Iterable[KerasLayer], file: str) -> tuple[float, float] | None:
    theirs, ours = their_steps(layers, file), our_steps(seen(network))
    rescaled = _rescaled(theirs.pop(0), file) if theirs and theirs[0].word == "rescaling" else None
    if ours and ours[0].word == "flatten" and not (theirs and theirs[0].word == "flatten"):
        ours.pop(0)  # it takes pixels that are flat already
    padding: Step | None = None
    place, before = 0, ""
    for step in theirs:
        if step.word == "padding":
            padding = step
            continue
        our = ours[place] if place < len(ours) else None
        if our is None or our.word != step.word:
            raise UsageError(f"{file}: {step.name} is {step.word}; {_instead(our)}")
        assert isinstance(our.settings, Seen)
        if padding and step.word not in ("conv", "max pool", "avg pool"):
            raise UsageError(f"{file}: {padding.name} pads before a {step.word}, which no network here does")
        mistake = _difference(step.settings, padding, our.settings, before)  # type: ignore[arg-type]
        if mistake:
            raise UsageError(f"{file}: {step.name}, at layer {our.name} of the model: {mistake}")
        padding, before, place = None, step.word, place + 1
    if place < len(ours):
        raise UsageError(f"{file} ends there; the model goes on with {ours[place].word} (layer {ours[place].name})")
    return rescaled


def _instead(our: Step | None) -> str:
    return "the model has ended before" if our is None else f"the model has {our.word} there (layer {our.name})"


def _rescaled(step: Step, file: str) -> tuple[float, float]:
    of = step.settings
    assert isinstance(of, Mapping)
    scale, offset = of.get("scale", 1.0), of.get("offset", 0.0)
    if not isinstance(scale, int | float) or not isinstance(offset, int | float) or scale <= 0:
        raise UsageError(f"{file}: {step.name} rescales by more than one number, which is not read")
    return float(scale), float(offset)


def _difference(of: Mapping[str, Any], padding: Step | None, our: Seen, before: str) -> str:
    """What would give other answers, in words; empty if nothing."""
    if of.get("data_format") == "channels_first":
        return "its pictures are channels first, which is not read"
    if "momentum" in of and of.get("axis", -1) not in _CHANNELS_LAST:
        return f"it normalises along axis {of['axis']}, ours along channels"
    if isinstance(our.layer, Conv):
        if set(_pair(of.get("dilation_rate", 1))) != {1}:
            return "its kernel is dilated, which no network here has"
        return _windows(of, padding, our, our.layer.kernel, our.layer)
    if isinstance(our.layer, Pool):
        size = _pair(of.get("pool_size", 2))
        if set(size) != {our.layer.size}:
            return f"it pools {size[0]} x {size[1]} pixels, ours {our.layer.size} x {our.layer.size}"
        beside = our.layer.kind == "avg" and our.layer.padding and padding is None
        if beside or (our.layer.kind == "max" and padding is not None and before != "relu"):
            return "it takes what it pads with in another way than ours"
        return _windows(of, padding, our, our.layer.size, our.layer)
    return ""


def _windows(of: Mapping[str, Any], padding: Step | None, our: Seen, size: int, layer: Conv | Pool) -> str:
    """Whether both look at the same pixels, on both axes."""
    strides = _pair(of.get("strides") or (size if isinstance(layer, Pool) else 1))
    if set(strides) != {layer.stride}:
        return f"its strides are {strides[0]} x {strides[1]}, ours {layer.stride} x {layer.stride}"
    sides = our.shape[1:]
    added = _sides_of(padding.settings) if padding else ((0, 0), (0, 0))  # type: ignore[arg-type]
    for side, (first, last) in zip(sides, added, strict=True):
        there = side + first + last
        same = of.get("padding", "valid") == "same"
        count = -(-there // layer.stride) if same else (there - size) // layer.stride + 1
        start = max((count - 1) * layer.stride + size - there, 0) // 2 if same else 0
        ours = (side + 2 * layer.padding - size) // layer.stride + 1
        if (count, start + first) != (ours, layer.padding):
            return f"it pads {start + first} pixels before and gives {count} a side, ours {layer.padding} and {ours}"
    return ""


def _pair(value: Any) -> tuple[Any, Any]:
    return (value[0], value[1]) if isinstance(value, Sequence) and len(value) == 2 else (value, value)


def _sides_of(of: Mapping[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """((top, bottom), (left, right)) of a ZeroPadding2D, whichever way it was written."""
    rows, columns = _pair(of.get("padding", 1))
    return _pair(rows), _pair(columns)
