"""Reading bytes from files that may lie: never allocate what a header claims, only what really arrives."""

from __future__ import annotations

import os
from gzip import GzipFile
from pathlib import Path
from typing import IO

from bakeoff.errors import DataError

MAX_DEFLATE_RATIO = 1032
"""Deflate cannot expand further than this (zlib technical notes), so a larger claim is a lie."""

_CHUNK = 1 << 20
_LONGEST = 300


def shown(path: str | os.PathLike[str]) -> str:
    """The path as one printable line: control characters and undecodable bytes come out as escapes."""
    if (plain := os.fspath(path)).isprintable():
        return plain
    return "".join(c if c.isprintable() else _escaped(c) for c in plain)


def _escaped(c: str) -> str:
    """Python has a path's undecodable bytes as U+DC80 to U+DCFF; a hostile name may hold any surrogate."""
    return f"\\x{ord(c) & 0xFF:02x}" if "\udc80" <= c <= "\udcff" else c.encode("unicode_escape").decode()


def in_words(error: BaseException) -> str:
    """The error's message as one line, or its type where it has none. A message may quote what it complains of, and a
    hostile file has much to quote: it is cut."""
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__


def refuse_special(path: Path) -> None:
    """Raises DataError for a pipe or a device, which would keep a reader waiting or never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError(f"{shown(path)}: not a plain file")


def read_exactly(stream: IO[bytes] | GzipFile, count: int, path: Path | str) -> bytearray:
    """`count` bytes, growing as they come; DataError naming `path` if the stream ends before."""
    data = bytearray()
    while len(data) < count:
        piece = stream.read(min(_CHUNK, count - len(data)))
        if not piece:
            raise DataError(f"{shown(path)}: truncated: ends after {len(data):,} of {count:,} bytes")
        data += piece
    return data
