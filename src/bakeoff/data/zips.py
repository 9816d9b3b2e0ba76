"""Zip files from strangers: stored or deflated members, and never more bytes than they can hold."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, read_exactly, refuse_special, shown
from bakeoff.errors import DataError


def open_zip(path: str | Path, kind: str) -> zipfile.ZipFile:
    """`kind`: what it should be, ".npz". Raises DataError naming the file."""
    try:
        refuse_special(Path(path))
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise DataError(f"{shown(path)}: no such file") from None
    except (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        raise DataError(f"{shown(path)}: not a {kind} file ({in_words(error)})") from error


def most_bytes(info: zipfile.ZipInfo, path: str | Path) -> int | None:
    """The most that a member can come to; None for a compression that is not read."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None
    return Path(path).stat().st_size * (1 if info.compress_type == zipfile.ZIP_STORED else MAX_DEFLATE_RATIO)


def read_member(archive: zipfile.ZipFile, name: str, path: str | Path, most: int) -> bytes:
    """A whole member of at most so many bytes. Raises DataError naming the file and the member."""
    label = f"{shown(path)}: {name}"
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise DataError(f"{label} is missing") from None
    bound = most_bytes(info, path)
    if bound is None:
        raise DataError(f"{label} is compressed in a way that is not read")
    if info.file_size > min(bound, most):
        raise DataError(f"{label} announces {info.file_size:,} bytes; at most {min(bound, most):,} are read")
    try:
        with archive.open(info) as stream:
            content = read_exactly(stream, info.file_size, label)
            stream.read(1)  # makes zipfile check the CRC
    except DataError:
        raise
    except Exception as error:  # zipfile and zlib raise a dozen types on hostile bytes
        raise DataError(f"{label} is damaged ({in_words(error)})") from error
    return bytes(content)
