"""Files that people bring along, models above all, kept by what they hold: under the SHA-256 of their content.

A study names such a file by a path; a training by its content, `sha256:<64 hex digits>`, so that its key says what was
trained and not where that lay. `<data home>/kept/<digits>/<name>` is where a training finds it. The same content may
come again under another name: `.name` beside it has the last one, by which it is called. A study folder has a copy of
its own in `kept/`, from which one that was lost comes back.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from bakeoff.atomic import BESIDE, write_bytes
from bakeoff.data.home import data_home
from bakeoff.data.stream import refuse_special, shown
from bakeoff.errors import DataError, WriteError

MAX_BYTES = 2**31 - 1
FOLDER = "kept"
_NAME = ".name"
_REFERENCE = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Kept:
    """`path`: the copy, which has the name that this content first came with; `name`: the one that it came with last,
    by which people are told of it."""

    sha256: str
    path: Path
    name: str

    @property
    def reference(self) -> str:
        return f"sha256:{self.sha256}"

    def read(self) -> bytes:
        """What it holds. Raises DataError if that is not what it is named for."""
        content = _content(self.path)
        if sha256(content).hexdigest() != self.sha256:
            raise DataError(f"{shown(self.path)}: damaged (its SHA-256 differs); bring the file it came from again")
        return content


def is_reference(text: str | None) -> bool:
    """Whether this is how a training names a file that is kept."""
    return text is not None and _REFERENCE.fullmatch(text) is not None


def keep(file: str | Path, home: Path | None = None) -> Kept:
    """Keep what a path leads to; a reference leads to what is kept already. A copy that was damaged is mended. `home`:
    the folder of the copies, default that of this machine. Raises DataError for a file that is not there, too large,
    empty or lost."""
    home = home or _home()
    if found := _REFERENCE.fullmatch(str(file)):
        return _find(found[1], home)
    path = Path(file).expanduser()
    content = _content(path)
    if not content:
        raise DataError(f"{shown(path)}: empty")
    digest = sha256(content).hexdigest()
    copy = _file_in(home / digest)
    if copy is None or not _holds(copy, content):
        write_bytes(copy or home / digest / path.name, content)
    return _called(_find(digest, home), path.name)


@contextmanager
def keeping(file: str | Path) -> Iterator[Kept]:
    """`keep`, undone where what follows refuses the file: nobody would find a copy of it again to delete it."""
    before = set(_home().glob("*"))
    kept = keep(file)
    try:
        yield kept
    except BaseException:
        if kept.path.parent not in before:
            shutil.rmtree(kept.path.parent, ignore_errors=True)
        raise


def copy_into(references: Iterable[str], study: Path) -> None:
    """Put copies of these files into a study folder. Raises DataError for one that is lost."""
    for reference in references:
        kept = keep(reference)
        if _file_in(study / FOLDER / kept.sha256) is None:
            write_bytes(study / FOLDER / kept.sha256 / kept.name, kept.read())


def bring_back(study: Path) -> None:
    """Put the files that a study folder has copies of where trainings look for them, if they are not there."""
    for folder in sorted((study / FOLDER).glob("*")):
        path, there = _file_in(folder), _file_in(_home() / folder.name)
        if _REFERENCE.fullmatch(f"sha256:{folder.name}") and path is not None and there is None:
            copy = Kept(folder.name, path, path.name)
            write_bytes(_home() / copy.sha256 / copy.name, copy.read())


def _home() -> Path:
    return data_home() / FOLDER


def _find(digest: str, home: Path) -> Kept:
    path = _file_in(home / digest)
    if path is None:
        raise DataError(f"sha256:{digest}: this file is not kept on this machine; give its path")
    try:
        name = Path(os.fsdecode((home / digest / _NAME).read_bytes())).name
    except (OSError, ValueError):
        name = ""
    return Kept(digest, path, name or path.name)


def _file_in(folder: Path) -> Path | None:
    """The copy, not what a killed process left of one."""
    return next((p for p in sorted(folder.glob("*")) if p.name != _NAME and not p.name.startswith(BESIDE)), None)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return _content(path) == content
    except DataError:
        return False


def _called(kept: Kept, name: str) -> Kept:
    """The same under the name that it came with this time; trainings, in processes of their own, find it there."""
    if name != kept.name:
        with suppress(WriteError):  # somebody else's folder: this process, at least, knows the name
            write_bytes(kept.path.parent / _NAME, os.fsencode(name))
    return replace(kept, name=name)


def _content(path: Path) -> bytes:
    refuse_special(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{shown(path)}: over 2 GiB, more than a model's file may hold")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{shown(path)}: no such file") from error
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({error.strerror or error})") from error
