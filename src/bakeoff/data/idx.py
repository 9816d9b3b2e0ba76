"""The IDX format of MNIST and its relatives, plain or gzipped (http://yann.lecun.com/exdb/mnist, "file formats").

A file is two zero bytes, a type code, the number of dimensions, each dimension as a big-endian uint32, then the
values in C order. Only unsigned bytes (0x08) are pictures or labels, so only they are read.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, read_exactly, refuse_special, shown
from bakeoff.errors import DataError

MAX_BYTES = 2 * 2**30
"""Largest content that is read, in bytes after decompression."""

_TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}


def read_idx(path: str | Path, *, dimensions: int, sha256: str | None = None, max_bytes: int = MAX_BYTES) -> np.ndarray:
    """uint8 array with `dimensions` axes (labels 1, grey pictures 3: [N, H, W]).

    The header is checked against the real size before anything of that size is allocated. `sha256` is of the
    *decompressed* file: Debian re-compresses, so archives differ where pictures do not. Raises DataError, naming
    the file: missing, not IDX, another type or number of dimensions, no values, larger than `max_bytes`,
    truncated, trailing bytes, damaged gzip, another sum.
    """
    path = Path(path)
    name = shown(path)
    try:
        refuse_special(path)
        with path.open("rb") as raw:
            size = path.stat().st_size
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not zipped:
                return _read(raw, name, dimensions, sha256, size, max_bytes)
            # A gzip file does not say reliably how long its content is; it can say at most this.
            bound = min(max_bytes, size * MAX_DEFLATE_RATIO)
            with gzip.GzipFile(fileobj=raw) as stream:
                return _read(stream, name, dimensions, sha256, None, bound)
    except FileNotFoundError:
        raise DataError(f"{name}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: cannot be read as IDX ({in_words(error)})") from error


def _read(
    stream: IO[bytes] | gzip.GzipFile, name: str, dimensions: int, sha256: str | None, size: int | None, bound: int
) -> np.ndarray:
    """`size`: the exact length of the content where it is known (a plain file); `bound`: the most it may be."""
    magic = read_exactly(stream, 4, name)
    shape = _shape(stream, magic, name, dimensions)
    header = 4 + 4 * dimensions
    body = math.prod(shape)
    if size is not None and header + body != size:
        fault = "truncated" if header + body > size else "has trailing bytes"
        raise DataError(f"{name}: {fault}: the header announces {header + body:,} bytes, the file has {size:,}")
    if header + body > bound:
        raise DataError(f"{name}: the header announces {header + body:,} bytes, more than the {bound:,} it may hold")
    data = read_exactly(stream, body, name)
    # This read also makes gzip reach the end of the stream and check its CRC.
    if stream.read(1):
        raise DataError(f"{name}: has trailing bytes after the {header + body:,} that its header announces")
    if sha256 is not None:
        sha = hashlib.sha256(bytes(magic) + struct.pack(f">{dimensions}I", *shape))
        sha.update(data)
        if sha.hexdigest() != sha256:
            raise DataError(f"{name}: content has SHA-256 {sha.hexdigest()[:16]}..., expected {sha256[:16]}...")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _shape(stream: IO[bytes] | gzip.GzipFile, magic: bytearray, name: str, dimensions: int) -> tuple[int, ...]:
    if magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise DataError(f"{name}: not an IDX file: it starts with {magic.hex(' ')}, expected 00 00 08 0{dimensions}")
    if magic[2] != 0x08:
        raise DataError(f"{name}: holds {_TYPES[magic[2]]} values; only uint8 is read")
    if magic[3] != dimensions:
        raise DataError(f"{name}: has {magic[3]} dimensions, expected {dimensions}")
    shape = struct.unpack(f">{dimensions}I", read_exactly(stream, 4 * dimensions, name))
    if 0 in shape:
        raise DataError(f"{name}: holds no values: its header says {' x '.join(map(str, shape))}")
    return shape
