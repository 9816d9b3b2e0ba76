"""Weights that PyTorch saved: a state dict in a `.pt` or `.pth` file, or safetensors.

A state dict keeps the order in which modules were made. safetensors does not: its tensors are sorted when they are
written, so only the order of their names is left, which tells the layers of one kind apart (conv1, conv2; 0, 3, 10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from bakeoff.data.stream import in_words, shown
from bakeoff.data.torchfile import MAX_BYTES, read_torch_file
from bakeoff.data.weights.layers import SavedLayer, SavedWeights, as_float32
from bakeoff.errors import DataError

_NORM = {"running_mean", "running_var"}
_COUNTER = "num_batches_tracked"
_OURS = ("input.mean", "input.scale", "input.std")
"""What files of bakeoff also hold: how pictures are normalised."""


def read_state_dict(path: Path) -> SavedWeights:
    """A file of `torch.save`. Raises DataError for anything but tensors."""
    return _saved(shown(path), read_torch_file(path), ordered=True)


def read_safetensors(path: Path) -> SavedWeights:
    """Raises DataError for a file that is damaged or too large."""
    name = shown(path)
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{name}: larger than the {MAX_BYTES // 2**30} GiB that a file of weights may have")
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in sorted(file.keys(), key=_by_number)}
            metadata = dict(file.metadata() or {})
    except Exception as error:  # safetensors raises its own bare exception types
        raise DataError(f"{name}: damaged, or not safetensors ({in_words(error)})") from error
    return replace(_saved(name, tensors, ordered=False), metadata=metadata)


def _by_number(name: str) -> list[tuple[int, int, str]]:
    """Sorts layer10 behind layer2."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _saved(name: str, tensors: Mapping[str, torch.Tensor], *, ordered: bool) -> SavedWeights:
    groups: dict[str, dict[str, torch.Tensor]] = {}
    left_out = []
    for key, tensor in tensors.items():
        layer, _, part = key.rpartition(".")
        if part == _COUNTER or key in _OURS:
            left_out.append(key)
        else:
            groups.setdefault(layer, {})[part] = tensor
    layers = tuple(_layer(name, layer, parts) for layer, parts in groups.items())
    more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
    notes = (f"left out, no weights of a layer: {', '.join(map(shown, left_out[:3]))}{more}",) if left_out else ()
    return SavedWeights(name, "torch", layers, ordered, notes=notes)


def _layer(file: str, name: str, parts: Mapping[str, torch.Tensor]) -> SavedLayer:
    label = f"{file}: {shown(name) or 'the network itself'}"
    arrays = dict(_arrays(label, parts))
    names, weight = set(arrays), arrays.get("weight")
    if names >= _NORM and names <= _NORM | {"weight", "bias"}:
        return SavedLayer(name, "batch norm", arrays)
    if weight is None or not names <= {"weight", "bias"} or weight.ndim not in (2, 4):
        held = ", ".join(f"{shown(part)} {list(tensor.shape)}" for part, tensor in parts.items())
        raise DataError(f"{label} holds {held}: not a dense layer, a convolution or a batch norm")
    return SavedLayer(name, "dense" if weight.ndim == 2 else "conv", arrays)


def _arrays(label: str, parts: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, np.ndarray]]:
    for part, tensor in parts.items():
        if not tensor.is_floating_point():
            raise DataError(f"{label}: {shown(part)} holds {str(tensor.dtype).removeprefix('torch.')}, no weights")
        # NumPy has no bfloat16, nor the eight-bit kinds
        wide = tensor if tensor.dtype == torch.float64 else tensor.float()
        yield part, as_float32(wide.detach().numpy(), f"{label}: {shown(part)}")
