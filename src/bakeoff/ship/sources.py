"""The pictures that a person means: files, folders, patterns, and names on standard input. One at a time, so that a
million of them take no memory."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bakeoff.data.listing import SUFFIXES
from bakeoff.data.stream import shown
from bakeoff.errors import UsageError

STDIN = "-"


def pictures_of(given: Iterable[str | Path], lines: Iterable[str] = ()) -> Iterator[Path]:
    """The files that `given` names, in its order: a file as it is, there or not; the pictures below a folder, sorted,
    hidden ones left out; the files that match a pattern with *, ? or [ ], ** for folders of any depth; for "-" a file
    a line of `lines`. Raises UsageError for a folder without pictures or a pattern that matches nothing."""
    for each in given:
        path = Path(each).expanduser()
        if str(each) == STDIN:
            yield from (Path(line.rstrip("\r\n")) for line in lines if line.strip())
        elif path.is_dir():
            yield from _at_least_one(_below(path), f"{shown(path)}: no pictures in this folder")
        elif not path.exists() and glob.has_magic(str(path)):
            names = sorted(glob.iglob(str(path), recursive=True))  # noqa: PTH207 (Path's patterns must be relative)
            matches = (Path(name) for name in names)
            files = (match for match in matches if match.is_file())
            yield from _at_least_one(files, f"{shown(path)}: no file has such a name")
        else:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    """Links to other folders are not followed: they may lead back."""
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(top) / name


def _at_least_one(paths: Iterator[Path], otherwise: str) -> Iterator[Path]:
    first = next(paths, None)
    if first is None:
        raise UsageError(otherwise)
    yield first
    yield from paths
