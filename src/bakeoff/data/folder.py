"""A folder of pictures as a dataset. N examples, C channels, S side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from bakeoff.cores import cores
from bakeoff.data.arrays import draw_test_set
from bakeoff.data.copies import copy_groups, find_copies
from bakeoff.data.dataset import Dataset, Examples
from bakeoff.data.decoded import MAX_BYTES, Decoded, LeftOut, kept
from bakeoff.data.listing import LEAVE_OUT, Found, Listing, list_folder, thinned
from bakeoff.data.pictures import Header, UnreadError, quiet, read_header, read_pixels
from bakeoff.data.stream import shown
from bakeoff.errors import DataError, UsageError

T = TypeVar("T")

LARGEST_DEFAULT_SIZE = 64
MAX_SIZE = 1024

_CHUNK = 256


def read_folder(
    path: str | Path,
    *,
    size: int | None = None,
    on_error: str = "raise",
    name: str | None = None,
    at_most: int | None = None,
) -> Dataset:
    """A dataset from `train|val|test/<class>/picture` or `<class>/picture` (see `listing`).

    Every picture becomes S x S (see `pictures.read_pixels`): `size`, or by default the median of the shorter sides,
    at most 64. Pictures stay grey, C = 1, if every file is grey by its header; else C = 3. Classes are numbered in
    the order of their names. Without `test/` a stratified fifth of `train` is drawn as the test set, always the same
    one; copies of a picture (see `copies`) are never parted, there and in the validation split. Pictures of `val/`
    follow those of `train/` and are named by `validation_index`.
    `at_most`: so many files of a larger folder are read, drawn by part and class, always the same ones.
    `on_error="skip"` leaves unreadable files out and lists them in `Dataset.skipped`.
    Raises DataError naming the file or folder: what `list_folder` and `read_pixels` raise, a class left without
    pictures, pixels beyond 8 GiB.
    """
    root = Path(path)
    if on_error not in ("raise", "skip"):
        raise UsageError(f"on_error: {on_error!r} is unknown; choose from raise, skip")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE):
        raise UsageError(f"size: {size!r} is not a number of pixels from 1 to {MAX_SIZE}")
    if not root.is_dir():
        raise DataError(f"{shown(root)}: no such folder")
    listing = list_folder(root, on_error=on_error)
    if at_most is not None:
        listing = thinned(listing, at_most)
    _check_full(listing.files, listing)
    with quiet():
        files, images, failed = kept(
            listing, (size, on_error), root, lambda: _decode_all(listing, size, on_error, root)
        )
    skipped = (*listing.skipped, *((shown(one.file.path.relative_to(root)), one.reason) for one in failed))
    return _assemble(name or (shown(root.resolve().name) or "folder"), root, listing, files, images, skipped)


def _decode_all(listing: Listing, size: int | None, on_error: str, root: Path) -> Decoded:
    failed: list[LeftOut] = []
    headers = dict(_readable(listing.files, read_header, on_error, failed))
    while True:
        _check_full(headers, listing)
        side, channels = _shape(headers.values(), size)
        _check_memory(len(headers) * channels * side * side, side, root)
        images = np.empty((len(headers), channels, side, side), np.uint8)
        read = partial(read_pixels, size=side, channels=channels)
        files = []
        for row, (file, pixels) in enumerate(_readable(tuple(headers), read, on_error, failed)):
            images[row] = pixels
            files.append(file)
        headers = {file: headers[file] for file in files}
        _check_full(headers, listing)
        # A file that is left out must leave no trace, not even in the choice of side and channels.
        if _shape(headers.values(), size) == (side, channels):
            return files, images[: len(files)], failed


def _readable(
    files: Sequence[Found], read: Callable[[Path], T], on_error: str, failed: list[LeftOut]
) -> Iterator[tuple[Found, T]]:
    """What `read` makes of each file, in order; what it refuses is raised, or with "skip" added to `failed`."""

    def attempt(file: Found) -> T | DataError:
        try:
            return read(file.path)
        except DataError as error:
            return error

    # Decoding releases the interpreter, so threads help; the chunk bounds how many results wait.
    with ThreadPoolExecutor(min(8, cores())) as pool:
        for start in range(0, len(files), _CHUNK):
            chunk = files[start : start + _CHUNK]
            for file, value in zip(chunk, pool.map(attempt, chunk), strict=True):
                if not isinstance(value, DataError):
                    yield file, value
                elif on_error == "raise":
                    raise type(value)(f"{value}; {LEAVE_OUT}")
                else:
                    reason = str(value).removeprefix(f"{shown(file.path)}: ")
                    failed.append(LeftOut(file, reason, for_good=not isinstance(value, UnreadError)))


def _shape(headers: Collection[Header], size: int | None) -> tuple[int, int]:
    """(side, channels)"""
    channels = 1 if all(header.grey for header in headers) else 3
    if size is not None:
        return size, channels
    sides = sorted(min(header.width, header.height) for header in headers)
    return min(LARGEST_DEFAULT_SIZE, sides[(len(sides) - 1) // 2]), channels


def _check_memory(needed: int, side: int, root: Path) -> None:
    if needed > MAX_BYTES:
        raise DataError(
            f"{shown(root)}: its pictures at {side} x {side} take {needed / 2**30:,.1f} GiB of memory, "
            f"more than {MAX_BYTES // 2**30}; choose a smaller size"
        )


def _check_full(files: Iterable[Found], listing: Listing) -> None:
    """Every class has a picture in every part."""
    counts = Counter((file.part, file.label) for file in files)
    for part, folder in listing.parts.items():
        for label, name in enumerate(listing.classes):
            if not counts[part, label]:
                said = "this class has no readable picture; put some there, or take the folder away"
                raise DataError(f"{shown(folder / name)}: {said}")


def _assemble(
    name: str,
    root: Path,
    listing: Listing,
    files: list[Found],
    images: np.ndarray,
    skipped: tuple[tuple[str, str], ...],
) -> Dataset:
    labels = np.array([file.label for file in files], np.int64)
    parts = np.array([file.part for file in files])
    in_train = parts != "test"
    rest, held = np.flatnonzero(in_train), np.flatnonzero(~in_train)
    validation_index = np.flatnonzero(parts[in_train] == "validation") if "validation" in listing.parts else None
    if "test" in listing.parts:
        copies = find_copies(images[rest])
        groups, same = copy_groups(copies.groups), copy_groups(copies.same)
    else:
        drawn = draw_test_set(images, labels, listing.classes, shown(root), validation_index)
        rest, held, validation_index = drawn.rest, drawn.held, drawn.validation_index
        groups, same = drawn.groups, drawn.same
    train, test = (Examples(torch.from_numpy(images[rows]), torch.from_numpy(labels[rows])) for rows in (rest, held))
    return Dataset(
        name,
        listing.classes,
        train,
        test,
        source=f"pictures in the folder {shown(root)}",
        validation_index=validation_index,
        skipped=skipped,
        groups=groups,
        same=same,
        files=tuple(shown(files[row].path.relative_to(root)) for row in (*rest, *held)),
    )
