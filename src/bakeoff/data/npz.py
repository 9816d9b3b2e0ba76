"""NumPy archives (.npz) from strangers: no pickle, and every header checked before its array is allocated.

Format: numpy.lib.format (NEP 1), versions 1.0 and 2.0, inside a zip file, stored or deflated.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np

from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, read_exactly, shown
from bakeoff.errors import DataError

MAX_BYTES = 4 * 2**30
"""Largest single array that is read, in bytes."""


def npz_keys(path: str | Path) -> list[str]:
    """Names of the arrays in the file, in the file's order. Raises DataError naming the file."""
    with _opened(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_npz(path: str | Path, wanted: Iterable[str], *, max_bytes: int = MAX_BYTES) -> dict[str, np.ndarray]:
    """Those of the `wanted` arrays that the file holds. Raises DataError naming the file and the array: missing or
    damaged file, pickled objects, a header that does not agree with the size, more than `max_bytes`."""
    name = shown(path)
    arrays = {}
    with _opened(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        for key in wanted:
            if key in members:
                arrays[key] = _read_member(archive, members[key], f"{name}: {key}", Path(path), max_bytes)
    return arrays


def _opened(path: str | Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise DataError(f"{shown(path)}: no such file") from None
    except (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        raise DataError(f"{shown(path)}: not a .npz file ({in_words(error)})") from error


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path, max_bytes: int) -> np.ndarray:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{name}: unknown compression; save it with numpy.savez or numpy.savez_compressed")
    bound = path.stat().st_size * (1 if info.compress_type == zipfile.ZIP_STORED else MAX_DEFLATE_RATIO)
    try:
        with archive.open(info) as stream:
            return _read_array(stream, info.file_size, min(bound, max_bytes), name)
    except DataError:
        raise
    except Exception as error:  # zipfile, zlib and numpy's header parser raise a dozen types on hostile bytes
        raise DataError(f"{name}: damaged ({in_words(error)})") from error


def _read_array(stream: IO[bytes], size: int, bound: int, name: str) -> np.ndarray:
    """`size`: the member's length as the zip directory gives it."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise DataError(f"{name}: .npy version {version[0]}.{version[1]} is not read, only 1.0 and 2.0")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    if dtype.hasobject:
        raise DataError(f"{name}: holds Python objects (pickle), which are never read; save a plain array")
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise DataError(f"{name}: arrays of {dtype} are not read")
    if any(side < 0 for side in shape):
        raise DataError(f"{name}: the header gives a negative size {list(shape)}")
    count = math.prod(shape)
    if count == 0 and len(shape) != 1:
        raise DataError(f"{name}: is empty: its shape is {list(shape)}")
    needed = stream.tell() + count * dtype.itemsize
    if needed != size or needed > bound:
        raise DataError(
            f"{name}: the header announces {needed:,} bytes, but the archive holds {size:,} and may hold {bound:,}"
        )
    data = read_exactly(stream, count * dtype.itemsize, name)
    if stream.read(1):  # also makes zipfile check the CRC
        raise DataError(f"{name}: has trailing bytes")
    if count == 0:
        return np.empty(0, dtype)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
