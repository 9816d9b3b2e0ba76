"""What a file of weights holds: layers with their arrays, and what else it says of the network.

Dense weights are [in, out] and convolutions [height, width, in, out] where Keras wrote the file, [out, in] and
[out, in, height, width] where PyTorch did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from bakeoff.errors import DataError

Kind = Literal["dense", "conv", "depthwise", "batch norm"]


@dataclass(frozen=True, eq=False)
class SavedLayer:
    """`tensors`: float32, finite, by what they are to us: weight, bias, running_mean, running_var. `epsilon`: of a
    batch norm, where the file says it."""

    name: str
    kind: Kind
    tensors: dict[str, np.ndarray]
    epsilon: float | None = None


@dataclass(frozen=True)
class KerasLayer:
    """A layer of a Keras model's configuration. `group`: where model.weights.h5 keeps its arrays."""

    name: str
    class_name: str
    settings: Mapping[str, Any]
    group: str


@dataclass(frozen=True, eq=False)
class SavedWeights:
    """`name`: the file, as errors call it. `ordered`: the layers stand in the order of computation; otherwise only
    those of one kind are in order, among themselves. `steps`: everything that the network computes, in that order,
    where the file says it. `metadata`: the texts that safetensors carry beside their tensors, by key."""

    name: str
    maker: Literal["keras", "torch"]
    layers: tuple[SavedLayer, ...]
    ordered: bool
    steps: tuple[KerasLayer, ...] | None = None
    notes: tuple[str, ...] = field(default=())
    metadata: Mapping[str, str] = field(default_factory=dict)


def as_float32(array: np.ndarray, name: str) -> np.ndarray:
    """Raises DataError for what is no plain number, or not finite: `name` says where."""
    if array.dtype.kind != "f":
        raise DataError(f"{name} holds {array.dtype}; weights are float16, float32 or float64")
    with np.errstate(over="ignore"):
        plain = np.ascontiguousarray(array, np.float32)
    bad = np.argwhere(~np.isfinite(plain))
    if len(bad):
        place = bad[0].tolist()
        raise DataError(f"{name} holds {array[tuple(place)]} at {place}; {len(bad):,} of {plain.size:,} not finite")
    return plain
