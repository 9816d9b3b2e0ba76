"""Files of weights that others wrote: Keras's and PyTorch's, read as plain arrays with what they belong to."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from bakeoff.data.kept import Kept, keep
from bakeoff.data.stream import refuse_special, shown
from bakeoff.data.weights.keras_file import read_keras_archive, read_keras_h5
from bakeoff.data.weights.layers import KerasLayer, Kind, SavedLayer, SavedWeights
from bakeoff.data.weights.torch_file import read_safetensors, read_state_dict
from bakeoff.data.zips import open_zip
from bakeoff.errors import DataError

_HDF5 = b"\x89HDF\r\n\x1a\n"

SUFFIXES = (".keras", ".h5", ".hdf5", ".safetensors", ".pt", ".pth", ".ckpt", ".bin")
"""Of files of weights."""


def read_weights(path: str | Path) -> SavedWeights:
    """The layers of a file of weights: `.keras`, HDF5 of Keras, safetensors, a state dict of PyTorch. Its content says
    what it is, not its name.

    Raises DataError for a file that is missing, damaged, hostile or something else, or whose numbers are not finite;
    UsageError where Keras's files need a library that is not installed.
    """
    path = Path(path)
    refuse_special(path)
    if not path.is_file():
        raise DataError(f"{shown(path)}: no such file")
    with path.open("rb") as file:
        head = file.read(9)
    if head.startswith(_HDF5):
        return read_keras_h5(path)
    if head[8:] == b"{":
        return read_safetensors(path)
    if head.startswith(b"PK") and _is_keras(path):
        return read_keras_archive(path)
    return read_state_dict(path)


def kept_weights(reference: str) -> SavedWeights:
    """Those of a kept file (see `data.kept`), under the name that it came with. Raises as `read_weights`, and DataError
    for a file that is lost or damaged."""
    return _of_kept(keep(reference))


@lru_cache(maxsize=2)
def _of_kept(kept: Kept) -> SavedWeights:
    kept.read()  # is it still what it is named for?
    try:
        return replace(read_weights(kept.path), name=kept.name)
    except DataError as error:  # names the copy, of which nobody knows
        raise DataError(str(error).replace(shown(kept.path), shown(kept.name))) from error


def _is_keras(path: Path) -> bool:
    try:
        with open_zip(path, "zip") as archive:
            return bool({"config.json", "model.weights.h5"} & set(archive.namelist()))
    except DataError:
        return path.suffix == ".keras"


__all__ = ["SUFFIXES", "KerasLayer", "Kind", "SavedLayer", "SavedWeights", "kept_weights", "read_weights"]
