"""Weights that others saved with PyTorch: the one place where `torch.load` is called, and only for plain tensors."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from bakeoff.data.stream import shown
from bakeoff.data.zips import open_zip, read_member
from bakeoff.errors import DataError

MAX_BYTES = 4 * 2**30
_ZIP = b"PK\x03\x04"
_SHARED = 4
"""How many times what a file holds its tensors may come to: some are stored once and stand under several names."""
WRAPPED = ("state_dict", "model_state_dict", "model")
"""Where a checkpoint has the model."""


def read_torch_file(path: str | Path, *, sha256: str | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a state dict by name, in the file's order; of a checkpoint, those of the model in it.

    `sha256`: of the file, where its origin is known. Raises DataError for a file that is missing, larger than 4 GiB,
    of another sum, or that holds anything but plain tensors, no larger than it: nothing in it is run.
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
    _check_plain(found, path)
    return dict(found)


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


def _state_dict(found: Any) -> dict[str, torch.Tensor] | None:
    """`found`, or what it holds under one of the names that people give a model in a checkpoint."""
    inside = [found.get(name) for name in WRAPPED] if isinstance(found, dict) else []
    for one in (found, *inside):
        if isinstance(one, dict) and one and all(map(_named_tensor, one.items())):
            return one
    return None


def _named_tensor(item: tuple[Any, Any]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], torch.Tensor)


def _check_plain(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Raises DataError for a tensor that is no plain array of numbers, or that claims more of them than the file has:
    steps of nothing make any size out of one number, and any number of tensors can share what is stored."""
    left = _SHARED * path.stat().st_size
    for name, tensor in tensors.items():
        label = f"{shown(path)}: {shown(name)}"
        if not _plain(tensor):
            raise DataError(f"{label} is no plain tensor: sparse, quantized, nested or without values; save it dense")
        bound = min(left, tensor.untyped_storage().nbytes())
        if tensor.nbytes > bound:
            raise DataError(f"{label} announces {tensor.nbytes:,} bytes; the file has at most {bound:,} for it")
        left -= tensor.nbytes


def _plain(tensor: torch.Tensor) -> bool:
    """Whether NumPy can take it as it stands."""
    strange = tensor.is_quantized or tensor.is_nested or tensor.is_neg() or tensor.is_conj()
    return (
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and (tensor.layout, tensor.device.type) == (torch.strided, "cpu")
        and not strange
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
