"""Hooks on what writes: called before and after each open for writing, write, fsync and rename of a commit."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bakeoff.atomic
import bakeoff.runs.files

Hook = Callable[[str], None]
KINDS = ("open", "write", "fsync", "rename")


def hook(before: Hook, after: Hook = lambda _kind: None, torn: Hook = lambda _kind: None) -> None:
    """From now on, in this process. `torn`: called when half of a file's content is written."""

    def around(kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            before(kind)
            value = real(*arguments, **keywords)
            after(kind)
            return value

        return call

    def write_synced(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            before("write")
            file.write(content[: len(content) // 2])
            file.flush()
            torn("write")
            file.write(content[len(content) // 2 :])
            file.flush()
            os.fsync(file.fileno())

    bakeoff.atomic.write_synced = bakeoff.runs.files.write_synced = write_synced
    for module, name, kind in (
        (os, "fsync", "fsync"),
        (os, "rename", "rename"),
        (os, "replace", "rename"),
        (tempfile, "mkstemp", "open"),
        (tempfile, "mkdtemp", "open"),
    ):
        setattr(module, name, around(kind, getattr(module, name)))
    real_open = Path.open

    def opening(path: Path, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
        if set(mode) & set("wax"):
            before("open")
        return real_open(path, mode, *arguments, **keywords)

    Path.open = opening  # type: ignore[method-assign, assignment]


def kill_at(number: int) -> None:
    """End this process by SIGKILL at the `number`th moment (from 1) inside its commits."""
    count = 0

    def moment(_kind: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    hook(moment, moment, moment)


def fail_at(kind: str, number: int, errno: int) -> None:
    """Let the `number`th call (from 1) of this kind fail with this error, and only that one."""
    count = 0

    def call(of: str) -> None:
        nonlocal count
        count += of == kind
        if of == kind and count == number:
            raise OSError(errno, os.strerror(errno))

    hook(call)


def count_into(descriptor: int) -> None:
    """Write a letter for each call that could fail."""
    hook(lambda kind: _ignore(os.write(descriptor, kind[0].encode())))


def _ignore(_value: object) -> None:
    """For a hook that returns nothing."""
