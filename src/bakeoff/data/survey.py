"""What an image folder holds, from the headers of its files alone: seconds for thousands of photos."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bakeoff.data.listing import list_folder
from bakeoff.data.pictures import Header, quiet, read_header, read_pixels
from bakeoff.data.stream import shown
from bakeoff.errors import DataError


@dataclass(frozen=True)
class Survey:
    """`counts`: by part (train, validation, test, those that there are) and class, files that look like pictures.
    `sides`: shorter sides in pixels, smallest, median (the lower of two) and largest. `grey`: pictures without colour.
    `skipped`: (path below the folder, reason) of what cannot be used; more files may turn out damaged when they are
    decoded."""

    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    sides: tuple[int, int, int]
    grey: int
    skipped: tuple[tuple[str, str], ...]

    @property
    def pictures(self) -> int:
        return sum(sum(of_class.values()) for of_class in self.counts.values())


def survey_folder(folder: Path) -> Survey:
    """Look through an image folder without decoding a picture. Raises DataError for what `list_folder` refuses: no
    class folders, one class only, ...; and if no file can be opened as a picture."""
    if folder.is_file():
        raise DataError(f"{shown(folder)}: a file; expected a folder that holds a folder of pictures a class")
    if not folder.is_dir():
        raise DataError(f"{shown(folder)}: no such folder")
    listing = list_folder(folder, on_error="skip")
    counts = {part: Counter(dict.fromkeys(listing.classes, 0)) for part in listing.parts}
    headers: list[Header] = []
    skipped = list(listing.skipped)
    with quiet():
        for file in listing.files:
            try:
                headers.append(read_header(file.path))
                counts[file.part][listing.classes[file.label]] += 1
            except DataError as error:
                reason = str(error).removeprefix(f"{shown(file.path)}: ")
                skipped.append((shown(file.path.relative_to(folder)), reason))
    if not headers:
        raise DataError(
            f"{shown(folder)}: none of its {len(skipped):,} files can be read as a picture{first_reason(skipped)}"
        )
    sides = sorted(min(header.width, header.height) for header in headers)
    return Survey(
        classes=listing.classes,
        counts={part: dict(of_class) for part, of_class in counts.items()},
        sides=(sides[0], sides[(len(sides) - 1) // 2], sides[-1]),
        grey=sum(header.grey for header in headers),
        skipped=tuple(skipped),
    )


def first_reason(skipped: Sequence[tuple[str, str]]) -> str:
    """ " (cat/1.heic: a HEIC photo)", or nothing where nothing was left out"""
    return " ({}: {})".format(*skipped[0]) if skipped else ""


SAMPLE = 16
"""Files that are decoded to tell how long all would take."""


def decode_seconds(folder: Path, size: int) -> float:
    """What decoding a picture of the folder takes on one core, from a few of them."""
    files = list_folder(folder, on_error="skip").files
    some = [files[i * len(files) // SAMPLE] for i in range(SAMPLE)]
    started = time.perf_counter()
    with quiet():
        for file in some:
            with suppress(DataError):
                read_pixels(file.path, size=size, channels=3)
    return (time.perf_counter() - started) / len(some)
