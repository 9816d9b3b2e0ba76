"""Finds the files of a CIFAR copy: in a folder, in one below it, or in an archive, and tells whether they are the
official ones."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from bakeoff.data.stream import in_words, read_exactly, shown
from bakeoff.errors import DataError

FOLDERS = {
    "cifar10": ("cifar-10-batches-bin", "cifar-10-batches-py"),
    "cifar100": ("cifar-100-binary", "cifar-100-python"),
}
ARCHIVES = {
    "cifar10": {
        "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        "cifar-10-python.tar.gz": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    },
    "cifar100": {
        "cifar-100-binary.tar.gz": "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        "cifar-100-python.tar.gz": "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    },
}
"""SHA-256 of the archives, collected from public loaders."""
MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
    "train": "16019d7e3df5f24257cddd939b257f8d",
    "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
    "meta": "7973b15100ade9c7d40fb424638fde48",
}
"""Of the single files in the python archives; for those in the binary ones none are published, so only an archive
proves a binary copy."""
MAX_FILE = 400 * 2**20
"""The largest official file has 155 MB; Python 3 writes the same pickle in 220."""
MAX_MEMBERS, MAX_CONTENT = 1_000, 2**30
"""Files in an archive, and bytes in all of them."""
MAX_HEADER = 64 * 2**10
"""Bytes of a long name or an extended header."""
_PLAIN = (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE)


class NotHereError(DataError):
    """Nothing of the dataset lies at the place given."""


@dataclass(frozen=True)
class Files:
    """`contents`: file name -> bytes, of one whole layout; `official`: whether their sums are the published ones, None
    where no sums of such files are published."""

    place: str
    contents: dict[str, bytes]
    official: bool | None

    def where(self, name: str) -> str:
        return f"{self.place}: {name}"


def find_files(kind: str, place: Path, layouts: Sequence[tuple[str, ...]]) -> Files:
    """One of `layouts` (the file names of each) that lies whole at `place`: a folder, one above it, an archive, or a
    folder with the archive. The first that is known to be official, else the first. Raises DataError naming what is
    missing, NotHereError if all is."""
    if place.is_file():
        return _from_archive(kind, place, layouts)
    first: Files | None = None
    try:
        for files in _whole(kind, place, layouts):
            if files.official:
                return files
            first = first or files
    except DataError:
        if first is None:
            raise
    return first or _nothing(kind, place, layouts)


def _whole(kind: str, place: Path, layouts: Sequence[tuple[str, ...]]) -> Iterator[Files]:
    for folder in (place, *(place / name for name in FOLDERS[kind])):
        for names in layouts:
            if all((folder / name).is_file() for name in names):
                contents = {name: _read(folder / name) for name in names}
                yield Files(shown(folder), contents, _official(contents))
    for name in ARCHIVES[kind]:
        if (place / name).is_file():
            yield _from_archive(kind, place / name, layouts)


def _nothing(kind: str, place: Path, layouts: Sequence[tuple[str, ...]]) -> NoReturn:
    """Names the first missing file of the copy of which most is there."""
    parts = []
    for folder in (place, *(place / name for name in FOLDERS[kind])):
        for names in layouts:
            missing = [name for name in names if not (folder / name).is_file()]
            if len(missing) < len(names):
                parts.append((folder, missing))
    if parts:
        folder, missing = min(parts, key=lambda part: len(part[1]))
        raise DataError(f"{shown(folder)}: the {kind} file {missing[0]} is missing")
    raise NotHereError(
        f"{shown(place)}: no {kind} here; expected {' or '.join(FOLDERS[kind])}, or {' or '.join(ARCHIVES[kind])}"
    )


def _official(contents: Mapping[str, bytes]) -> bool | None:
    if not contents.keys() <= MD5.keys():
        return None
    return all(hashlib.md5(content, usedforsecurity=False).hexdigest() == MD5[n] for n, content in contents.items())


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise DataError(f"{shown(path)}: larger than any CIFAR file ({path.stat().st_size:,} bytes)")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({in_words(error)})") from error


class _Member(tarfile.TarInfo):
    """Refuses what tarfile would read whole before anybody could look at it: long names and extended headers."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        member = super().frombuf(buf, encoding, errors)
        if member.type not in _PLAIN and member.size > MAX_HEADER:
            raise DataError(f"a header of {member.size:,} bytes")
        if member.type == tarfile.GNUTYPE_SPARSE:
            raise DataError("a sparse file")
        return member


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """One after the other, until there are more or larger ones than any copy has."""
    total = 0
    for count, member in enumerate(archive):
        total += max(member.size, 0)
        if count >= MAX_MEMBERS or total > MAX_CONTENT:
            raise DataError(f"more than {MAX_MEMBERS} files or {MAX_CONTENT:,} bytes, which no copy of CIFAR has")
        yield member


def _from_archive(kind: str, path: Path, layouts: Sequence[tuple[str, ...]]) -> Files:
    """Members are streamed one by one; only the wanted names are read, up to a cap, and nothing is unpacked to disk."""
    wanted = {name for names in layouts for name in names}
    contents: dict[str, bytes] = {}
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with tarfile.open(path, "r|*", tarinfo=_Member) as archive:
            for member in _members(archive):
                name = PurePosixPath(member.name).name
                stream = archive.extractfile(member) if member.isreg() and name in wanted else None
                if stream is None:
                    continue
                if name in contents or member.size > MAX_FILE:
                    raise DataError(f"{name} comes twice or is larger than any CIFAR file")
                contents[name] = bytes(read_exactly(stream, member.size, path))
    except DataError as error:
        raise DataError(f"{shown(path)}: {str(error).removeprefix(f'{shown(path)}: ')}") from error
    except Exception as error:  # tarfile and its decompressors raise a dozen types on hostile bytes
        raise DataError(f"{shown(path)}: cannot be read as an archive ({in_words(error)})") from error
    for names in layouts:
        if set(names) <= contents.keys():
            whole = {name: contents[name] for name in names}
            return Files(shown(path), whole, digest in ARCHIVES[kind].values())
    missing = min(([n for n in names if n not in contents] for names in layouts), key=len)
    raise DataError(f"{shown(path)}: the {kind} file {missing[0]} is missing")
