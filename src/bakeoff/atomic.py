"""Writes that are there whole or not at all: write beside, fsync, rename, fsync the directory."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bakeoff.errors import WriteError

BESIDE = ".tmp-"
"""How the names of unfinished files and folders begin; what a killed process left of them can be deleted."""

_ROOM = "make room, then the same command goes on from here"
_ELSEWHERE = "choose another folder"
_ADVICE = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EROFS: _ELSEWHERE,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
}


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns a fault of the system while `path` is written into a WriteError that names it and says what to do."""
    try:
        yield
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        advice = _ADVICE.get(error.errno or 0)
        reason = f"{error.strerror or error}" + (f"; {advice}" if advice else "")
        raise WriteError(f"{path}: cannot be written: {reason}") from error


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one rename; its folder is made if it is missing. Raises WriteError."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=BESIDE)
        os.close(descriptor)
        try:
            write_synced(Path(beside), content)
            Path(beside).chmod(0o644)  # mkstemp's 0600 would hide a report from everybody else
            Path(beside).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):  # the first fault is the one to tell
                Path(beside).unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
