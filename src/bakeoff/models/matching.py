"""Weights of others into a network of ours, layer by layer: by order and shape, turned where they lie otherwise.

Nothing is guessed. Every array of the file goes to one tensor of the network, every tensor gets one, and the first
layer that does not fit ends it. Shapes of ours are [out, in] and [out, in, height, width].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import prod

import numpy as np
import torch

from bakeoff.data.weights import SavedLayer, SavedWeights
from bakeoff.errors import UsageError
from bakeoff.models.keras_agreement import check_agreement
from bakeoff.models.keras_layout import Seen, from_keras, seen
from bakeoff.models.layers import Backbone, BatchNorm, Conv, Dense, Imported, Network

SAME_FACTOR = 1e-5
"""Relative change of a batch norm's factor that a differing epsilon may make: about one in float32's last digits."""


@dataclass(frozen=True)
class MatchRow:
    """One tensor: whose it was, whose it is, and what was done to it in words."""

    theirs: str
    their_shape: tuple[int, ...]
    ours: str
    our_shape: tuple[int, ...]
    done: str


@dataclass(frozen=True, eq=False)
class Match:
    """`tensors`: float32, by our names, all that the network has. `notes`: what a reader should know. `rescaled`:
    (scale, offset) where the file's network itself rescales pixels 0..255."""

    tensors: dict[str, torch.Tensor]
    rows: tuple[MatchRow, ...]
    notes: tuple[str, ...]
    rescaled: tuple[float, float] | None = None


def match(network: Network, saved: SavedWeights) -> Match:
    """Raises UsageError at the first layer where the two part, with both shapes and the nearest layer that would fit,
    and for whatever else the file says that would give other answers."""
    everything = list(seen(network))
    if any(isinstance(one.layer, Backbone | Imported) for one in everything):
        raise UsageError(f"{saved.name}: pretrained and onnx bring weights of their own, not those of another file")
    ours = [one for one in everything if isinstance(one.layer, Dense | Conv | BatchNorm)]
    tensors: dict[str, torch.Tensor] = {}
    rows: list[MatchRow] = []
    for number, (one, layer) in enumerate(_pairs(ours, saved), 1):
        for name, array, row in _taken(one, layer, number, ours, saved):
            tensors[f"{one.place}.{name}"] = torch.from_numpy(array.copy())
            rows.append(row)
    rescaled = None if saved.steps is None else check_agreement(network, saved.steps, saved.name)
    return Match(tensors, tuple(rows), (*saved.notes, *_notes(saved, ours)), rescaled)


def _pairs(ours: Sequence[Seen], saved: SavedWeights) -> Iterator[tuple[Seen, SavedLayer]]:
    """In our order. Raises UsageError where one has a layer more, or a layer of another kind."""
    theirs = list(saved.layers) if saved.ordered else _sorted(ours, saved)
    for number, (one, there) in enumerate(zip_longest(ours, theirs), 1):
        if one is None:
            assert there is not None
            raise UsageError(f"{saved.name}: {_told(there, saved)} is one layer more than the model's {len(ours)}")
        if there is None:
            raise UsageError(
                f"{saved.name} has {len(saved.layers)} layers with weights and the model {len(ours)}: none is left for "
                f"{_of_ours(one)}"
            )
        if _kind(one) != _conv_is_conv(there):
            raise _parting(one, there, number, ours, saved)
        yield one, there


def _sorted(ours: Sequence[Seen], saved: SavedWeights) -> list[SavedLayer]:
    """Layers in our order: by our own names where they have them; else those of one kind and shape in their own order,
    and what fits nowhere where it comes to stand."""
    named = {layer.name: layer for layer in saved.layers}
    if set(named) == {str(one.place) for one in ours}:
        return [named[str(one.place)] for one in ours]
    left, found = list(saved.layers), []
    for one in ours:
        fitting = [layer for layer in left if _fits(one, layer, saved)]
        alike = fitting or [layer for layer in left if _kind(one) == _conv_is_conv(layer)] or left
        if alike:
            found.append(alike[0])
            left.remove(alike[0])
    return found + left


def _kind(one: Seen) -> str:
    return {Dense: "dense", Conv: "conv"}.get(type(one.layer), "batch norm")


def _conv_is_conv(layer: SavedLayer) -> str:
    return "conv" if layer.kind == "depthwise" else layer.kind


def shapes(one: Seen) -> dict[str, tuple[int, ...]]:
    """The tensors of a layer and their shapes."""
    match one.layer:
        case Dense(inputs=i, outputs=o, bias=bias):
            return {"weight": (o, i)} | ({"bias": (o,)} if bias else {})
        case Conv(channels_in=i, channels_out=o, kernel=k, groups=g, bias=bias):
            return {"weight": (o, i // g, k, k)} | ({"bias": (o,)} if bias else {})
        case BatchNorm(features=features):
            return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (features,))
    return {}


def _taken(
    one: Seen, layer: SavedLayer, number: int, ours: Sequence[Seen], saved: SavedWeights
) -> Iterator[tuple[str, np.ndarray, MatchRow]]:
    """(our name, the tensor, its row) for all that one layer has."""
    wanted = shapes(one)
    if extra := set(layer.tensors) - set(wanted):
        raise UsageError(f"{saved.name}: {_told(layer, saved)} has a {min(extra)}; {_of_ours(one)} has none")
    for name, shape in wanted.items():
        if name not in layer.tensors:
            filled = np.full(shape, float(name in ("weight", "running_var")), np.float32)
            done = f"not in the file: {'ones' if filled.any() else 'zeros'}, which is what a layer without it computes"
            if name not in ("weight", "bias") or (name == "weight" and not isinstance(one.layer, BatchNorm)):
                raise UsageError(f"{saved.name}: {_told(layer, saved)} has no {name}")
            yield name, filled, MatchRow(layer.name, (), f"{one.place}.{name}", shape, done)
            continue
        given = layer.tensors[name]
        array, done = from_keras(one, name, given) if saved.maker == "keras" else (given, "as it is")
        if array.shape != shape:
            raise _parting(one, layer, number, ours, saved)
        theirs = f"{layer.name}.{name}" if layer.name else name
        yield name, array, MatchRow(theirs, given.shape, f"{one.place}.{name}", shape, done)
    if isinstance(one.layer, BatchNorm):
        _check_epsilon(one.layer, layer, saved)


def _check_epsilon(ours: BatchNorm, theirs: SavedLayer, saved: SavedWeights) -> None:
    variance = theirs.tensors["running_var"]
    if variance.min(initial=0.0) < 0:
        raise UsageError(f"{saved.name}: {theirs.name} has a variance below 0, {variance.min()}")
    if theirs.epsilon is None or theirs.epsilon == ours.epsilon:
        return
    change = np.sqrt((variance + theirs.epsilon) / (variance + ours.epsilon)) - 1
    if np.abs(change).max(initial=0.0) > SAME_FACTOR:
        raise UsageError(
            f"{saved.name}: {theirs.name} has epsilon {theirs.epsilon:g}, the recipe {ours.epsilon:g}, which gives "
            f"other answers; write batch_norm: {{epsilon: {theirs.epsilon:g}}} in the recipe"
        )


def _parting(one: Seen, layer: SavedLayer, number: int, ours: Sequence[Seen], saved: SavedWeights) -> UsageError:
    """Where file and model part: what is there, what is expected, the nearest place where it would fit."""
    fitting = [other for other in ours if _fits(other, layer, saved)]
    nearest = min(fitting, key=lambda other: abs(ours.index(other) - number + 1), default=None)
    hint = f"it would fit layer {nearest.place}" if nearest else "no layer of the model has that shape"
    if not saved.ordered:
        hint += "; this file does not say in which order layers compute, so alike ones were taken in the order of names"
    return UsageError(
        f"{saved.name}: {_told(layer, saved)} stands at place {number} of the layers with weights, where the model has "
        f"{_of_ours(one)}{_order(_kind(one), 'torch') if saved.maker == 'keras' else ''}; {hint}"
    )


def _fits(one: Seen, layer: SavedLayer, saved: SavedWeights) -> bool:
    wanted = shapes(one)
    sizes = {name: array.size for name, array in layer.tensors.items()}
    if _kind(one) != _conv_is_conv(layer) or not sizes.items() <= {n: prod(s) for n, s in wanted.items()}.items():
        return False
    turned = {n: from_keras(one, n, a)[0] if saved.maker == "keras" else a for n, a in layer.tensors.items()}
    return all(array.shape == wanted[n] for n, array in turned.items())


def _told(layer: SavedLayer, saved: SavedWeights) -> str:
    key = "weight" if "weight" in layer.tensors else next(iter(layer.tensors))
    how = _order(layer.kind, "keras") if saved.maker == "keras" else ""
    return f"{layer.name}, {layer.kind} {list(layer.tensors[key].shape)}{how},"


def _order(kind: str, maker: str) -> str:
    """What the numbers of a shape are."""
    orders = {
        "keras": {
            "dense": "in, out",
            "conv": "height, width, in, out",
            "depthwise": "height, width, channels, multiplier",
        },
        "torch": {"dense": "out, in", "conv": "out, in, height, width"},
    }
    return f" ({orders[maker][kind]})" if kind in orders[maker] else ""


def _of_ours(one: Seen) -> str:
    depthwise = isinstance(one.layer, Conv) and one.layer.groups == one.layer.channels_in > 1
    kind = "depthwise" if depthwise else _kind(one)
    return f"layer {one.place}, {kind} {list(next(iter(shapes(one).values())))}"


def _notes(saved: SavedWeights, ours: Sequence[Seen]) -> Iterator[str]:
    if not saved.ordered:
        yield "the file does not say in which order layers compute: alike ones were taken in the order of their names"
    if saved.steps is None:
        norms = any(isinstance(one.layer, BatchNorm) for one in ours)
        said = f"activations, strides and padding{', nor the epsilon of its batch norms' if norms else ''}"
        yield f"the file does not say {said}: the model's own are used"
