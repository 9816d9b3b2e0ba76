"""The pictures that a person means: files, folders, patterns, and names on standard input. One at a time: a million of
them take no more memory than the names in one folder, or of one pattern, which are sorted."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from bakeoff.data.listing import is_clutter
from bakeoff.data.stream import shown
from bakeoff.errors import UsageError

STDIN = "-"


def pictures_of(given: Iterable[str | Path], lines: Iterable[str] = ()) -> Iterator[Path]:
    """The files that `given` names, in its order: a file as it is, there or not; all files below a folder, sorted,
    whatever their suffix, but hidden ones and clutter (`is_clutter`); the files that match a pattern with *, ? or [ ],
    ** for folders of any depth; for "-" a file a line of `lines`. Raises UsageError, before anything is read, for a
    folder without pictures, a pattern that matches nothing, `lines` that are none or no file names, and for what is no
    path, such as an array."""
    wanted = list(given)
    for each in wanted:
        if not isinstance(each, str | os.PathLike):
            raise UsageError(f"pictures are given as files, folders and patterns, not as {type(each).__name__}")
        path = Path(each).expanduser()
        if path.is_dir() and next(_below(path), None) is None:
            raise UsageError(f"{shown(path)}: no pictures in this folder")
        if _is_pattern(path) and not any(_matching(path)):
            raise UsageError(f"{shown(path)}: no file has such a name")
    listed = _listed(lines) if STDIN in map(str, wanted) else iter(())
    return (path for each in wanted for path in _named(each, listed))


def _listed(lines: Iterable[str]) -> Iterator[Path]:
    """The files that `lines` name. Raises UsageError if the first is no name: somebody sent a picture, or nothing."""
    names = (line.rstrip("\r\n") for line in lines if line.strip())
    try:
        first = next(names, None)
    except UnicodeDecodeError:
        first = "\0"
    if first is None:
        raise UsageError(f"{STDIN}: no file names on standard input")
    if any(c < " " or "\ud800" <= c <= "\udfff" for c in first) and not os.path.lexists(first):
        raise UsageError(f"{STDIN} expects file names, one a line; a picture itself goes in as a file")
    return (Path(name) for name in chain([first], names))


def _named(each: str | Path, listed: Iterator[Path]) -> Iterator[Path]:
    path = Path(each).expanduser()
    if str(each) == STDIN:
        yield from listed
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
