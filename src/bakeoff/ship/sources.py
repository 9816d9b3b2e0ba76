"""The pictures that a person means: files, folders, patterns, and names on standard input. One at a time: a million of
them take no more memory than the names in one folder, or of one pattern, which are sorted."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bakeoff.data.listing import is_clutter
from bakeoff.data.stream import shown
from bakeoff.errors import UsageError

STDIN = "-"


def pictures_of(given: Iterable[str | Path], lines: Iterable[str] = ()) -> Iterator[Path]:
    """The files that `given` names, in its order: a file as it is, there or not; all files below a folder, sorted,
    whatever their suffix, but hidden ones and clutter (`is_clutter`); the files that match a pattern with *, ? or [ ],
    ** for folders of any depth; for "-" a file a line of `lines`. Raises UsageError, before anything is read, for a
    folder without pictures or a pattern that matches nothing."""
    wanted = list(given)
    for each in wanted:
        path = Path(each).expanduser()
        if path.is_dir() and next(_below(path), None) is None:
            raise UsageError(f"{shown(path)}: no pictures in this folder")
        if _is_pattern(path) and not any(_matching(path)):
            raise UsageError(f"{shown(path)}: no file has such a name")
    return (path for each in wanted for path in _named(each, lines))


def _named(each: str | Path, lines: Iterable[str]) -> Iterator[Path]:
    path = Path(each).expanduser()
    if str(each) == STDIN:
        yield from (Path(line.rstrip("\r\n")) for line in lines if line.strip())
    elif path.is_dir():
        yield from _below(path)
    elif _is_pattern(path):
        yield from sorted(_matching(path), key=str)
    else:
        yield path


def _is_pattern(path: Path) -> bool:
    return glob.has_magic(str(path)) and not path.exists()


def _matching(pattern: Path) -> Iterator[Path]:
    found = glob.iglob(str(pattern), recursive=True)  # noqa: PTH207 (Path's patterns must be relative)
    return (Path(name) for name in found if Path(name).is_file())


def _below(folder: Path) -> Iterator[Path]:
    """Links to other folders are not followed: they may lead back."""
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        yield from (Path(top) / name for name in sorted(files) if not is_clutter(name))
