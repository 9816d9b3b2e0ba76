"""Pixels of a large image folder, decoded once and kept.

Decoding photos takes a tenth of a second each, and every worker process, report and later command reads the folder
again. What took long to decode is kept below `data_home()`, named by the files it came from: their places, sizes and
times. N files read, C channels, S side.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bakeoff.atomic import write_bytes
from bakeoff.data.home import data_home
from bakeoff.data.listing import Found, Listing
from bakeoff.data.npz import MAX_HEADER, read_npz
from bakeoff.errors import DataError

MAX_BYTES = 8 * 2**30
"""Most memory that all pixels of a folder together may take."""
LONG = 2.0
"""Seconds of decoding from which pixels are kept: fewer are not worth the disk."""
VERSION = 2
"""Raised whenever our code changes what is decoded, or which of it is kept."""


@dataclass(frozen=True)
class LeftOut:
    """A file that is no picture, and why. `for_good`: because of what it holds; else the system could not read it, and
    may the next time."""

    file: Found
    reason: str
    for_good: bool = True


Decoded = tuple[list[Found], np.ndarray, list[LeftOut]]
"""(files read, uint8 [N, C, S, S], files left out)"""


def kept(listing: Listing, how: tuple[int | None, str], root: Path, decode: Callable[[], Decoded]) -> Decoded:
    """What `decode()` gives for these files; from the disk if it took long before. `how`: what else it depends on, the
    size and what becomes of unreadable files."""
    try:
        path = data_home() / "decoded" / f"{_key(listing, how, root)}.npz"
    except OSError:  # a file that has gone meanwhile: whoever opens it says so
        return decode()
    found = _read(path, listing) if path.exists() else None
    if found is not None:
        return found
    started = time.monotonic()
    decoded = decode()
    if time.monotonic() - started >= LONG and all(one.for_good for one in decoded[2]):
        with suppress(OSError):  # a full or read-only disk costs time later, nothing else
            _write(path, listing, decoded)
    return decoded


def _key(listing: Listing, how: tuple[int | None, str], root: Path) -> str:
    told: list[object] = [VERSION, str(root.resolve()), how]
    for file in listing.files:
        status = file.path.stat()
        told.append([str(file.path.relative_to(root)), status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _write(path: Path, listing: Listing, decoded: Decoded) -> None:
    files, images, failed = decoded
    row = {file: i for i, file in enumerate(listing.files)}
    out = io.BytesIO()
    np.savez(
        out,
        images=images,
        files=np.array([row[file] for file in files], np.int64),
        failed=np.array([row[one.file] for one in failed], np.int64),
        reasons=np.array([one.reason for one in failed], np.str_),
    )
    write_bytes(path, out.getvalue())


def _read(path: Path, listing: Listing) -> Decoded | None:
    """None if the file is damaged: then the pictures are decoded again."""
    try:
        found = read_npz(path, ("images", "files", "failed", "reasons"), max_bytes=MAX_BYTES + MAX_HEADER)
        files = [listing.files[row] for row in found["files"]]
        reasons = zip(found["failed"], found["reasons"], strict=True)
        failed = [LeftOut(listing.files[row], str(reason)) for row, reason in reasons]
        whole = found["images"].dtype == np.uint8 and found["images"].shape[:1] == (len(files),)
    except (DataError, KeyError, IndexError, ValueError):
        return None
    return (files, found["images"], failed) if whole and found["images"].ndim == 4 else None
