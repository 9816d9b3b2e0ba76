"""Weights that others saved with PyTorch: the one place where `torch.load` is called, and only for plain tensors."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import torch

from bakeoff.data.stream import shown
from bakeoff.errors import DataError

MAX_BYTES = 4 * 2**30


def read_torch_file(path: str | Path, *, sha256: str | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a state dict by name, in the file's order.

    `sha256`: of the file, where its origin is known. Raises DataError for a file that is missing, larger than 4 GiB,
    of another sum, or that holds anything but tensors: nothing in it is run.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{shown(path)}: no such file")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{shown(path)}: larger than the {MAX_BYTES // 2**30} GiB that a file of weights may have")
    if sha256 is not None and _digest(path) != sha256:
        raise DataError(f"{shown(path)}: damaged, or not the file it is named for (its SHA-256 differs)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a strange file may hold; it is refused below
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch's readers raise a dozen types on damaged files
        raise DataError(f"{shown(path)}: not a file of weights, or one that holds more than tensors") from error
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise DataError(f"{shown(path)}: expected names with a tensor each")
    return {str(name): value for name, value in found.items()}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
