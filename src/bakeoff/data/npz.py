"""NumPy archives (.npz) from strangers: no pickle, and every header checked before its array is allocated.

Format: numpy.lib.format (NEP 1), versions 1.0 and 2.0, inside a zip file, stored or deflated.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np

from bakeoff.data.stream import in_words, read_exactly, shown
from bakeoff.data.zips import most_bytes, open_zip
from bakeoff.errors import DataError

MAX_BYTES = 4 * 2**30
"""Largest single array that is read, in bytes."""
MAX_HEADER = 10_000
"""Bytes of an array's header; NumPy writes 118."""


def npz_keys(path: str | Path) -> list[str]:
    """Names of the arrays in the file, in the file's order. Raises DataError naming the file."""
    with open_zip(path, ".npz") as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_npz(
    path: str | Path, wanted: Iterable[str], *, max_bytes: int = MAX_BYTES, empty: bool = False
) -> dict[str, np.ndarray]:
    """Those of the `wanted` arrays that the file holds. `empty`: arrays without values may have any shape.

    Raises DataError naming the file and the array: missing or damaged file, pickled objects, a header that does not
    agree with the size, more than `max_bytes`.
    """
    name = shown(path)
    arrays = {}
    with open_zip(path, ".npz") as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        for key in wanted:
            if key in members:
                arrays[key] = _read_member(archive, members[key], f"{name}: {key}", Path(path), max_bytes, empty)
    return arrays


def _read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: Path, max_bytes: int, empty: bool
) -> np.ndarray:
    bound = most_bytes(info, path)
    if bound is None:
        raise DataError(f"{name}: unknown compression; save it with numpy.savez or numpy.savez_compressed")
    try:
        with archive.open(info) as stream:
            return _read_array(stream, info.file_size, min(bound, max_bytes), name, empty)
    except DataError:
        raise
    except Exception as error:  # zipfile, zlib and numpy's header parser raise a dozen types on hostile bytes
        raise DataError(f"{name}: damaged ({in_words(error)})") from error


def _read_array(stream: IO[bytes], size: int, bound: int, name: str, empty: bool) -> np.ndarray:
    """`size`: the member's length as the zip directory gives it."""
    shape, fortran, dtype = _read_header(stream, name)
    if dtype.hasobject:
        raise DataError(f"{name}: holds Python objects (pickle), which are never read; save a plain array")
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise DataError(f"{name}: arrays of {dtype} are not read")
    if any(side < 0 for side in shape):
        raise DataError(f"{name}: the header gives a negative size {list(shape)}")
    count = math.prod(shape)
    if count == 0 and len(shape) != 1 and not empty:
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
        return np.empty(shape, dtype)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _read_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, Fortran order and type; the header's own length is looked at first, NumPy would read it whatever it is."""
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise DataError(f"{name}: .npy version {version[0]}.{version[1]} is not read, only 1.0 and 2.0")
    width = 2 if version == (1, 0) else 4
    length = read_exactly(stream, width, name)
    if int.from_bytes(length, "little") > MAX_HEADER:
        raise DataError(f"{name}: its header is longer than the {MAX_HEADER:,} bytes that one may have")
    header = io.BytesIO(length + read_exactly(stream, int.from_bytes(length, "little"), name))
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(header)
