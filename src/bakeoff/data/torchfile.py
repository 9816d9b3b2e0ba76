"""Weights that others saved with PyTorch: the one place where `torch.load` is called, and only for plain tensors."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch

from bakeoff.data.stream import shown
from bakeoff.data.zips import open_zip, read_member
from bakeoff.errors import DataError

MAX_BYTES = 4 * 2**30
_ZIP = b"PK\x03\x04"
WRAPPED = ("state_dict", "model_state_dict", "model")
"""Where a checkpoint has the model."""


def read_torch_file(path: str | Path, *, sha256: str | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a state dict by name, in the file's order; of a checkpoint, those of the model in it.

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
            with _sound(path) as file:
                found = torch.load(file, map_location="cpu", weights_only=True)
    except DataError:
        raise
    except Exception as error:  # PyTorch's readers raise a dozen types on damaged files
        raise DataError(f"{shown(path)}: not a file of weights, or one that holds more than tensors") from error
    found = _state_dict(found)
    if found is None:
        raise DataError(f"{shown(path)}: expected names with a tensor each")
    return {str(name): value for name, value in found.items()}


def _sound(path: Path) -> BinaryIO:
    """The file; of a zip, as PyTorch saves them now, one made anew of what it really holds. PyTorch's own reader
    believes the sizes that a directory announces, and takes 20 GB for 2 KB that lie."""
    with path.open("rb") as file:
        zipped = file.read(len(_ZIP)) == _ZIP
    if not zipped:
        return path.open("rb")
    left, made = path.stat().st_size, io.BytesIO()
    with open_zip(path, "PyTorch") as archive, zipfile.ZipFile(made, "w") as anew:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:
                raise DataError(
                    f"{shown(path)}: {info.filename!r} is compressed, which PyTorch does to no file of weights"
                )
            content = read_member(archive, info.filename, path, left)
            left -= len(content)
            anew.writestr(zipfile.ZipInfo(info.filename), content)
    made.seek(0)
    return made


def _state_dict(found: Any) -> dict[Any, torch.Tensor] | None:
    """`found`, or what it holds under one of the names that people give a model in a checkpoint."""
    inside = [found.get(name) for name in WRAPPED] if isinstance(found, dict) else []
    for one in (found, *inside):
        if isinstance(one, dict) and one and all(isinstance(value, torch.Tensor) for value in one.values()):
            return one
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
