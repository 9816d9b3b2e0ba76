"""The datasets known by name, and one door for everything else: a folder or a .npz file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bakeoff.data.arrays import read_arrays
from bakeoff.data.dataset import Dataset
from bakeoff.data.fashion import FASHION_SOURCE, is_idx_folder, load_fashion_mnist, read_idx_folder
from bakeoff.data.folder import read_folder
from bakeoff.data.stream import in_words, shown
from bakeoff.errors import DataError, UsageError, nearest


@dataclass(frozen=True)
class Description:
    """One known dataset in words, for `bakeoff data`."""

    name: str
    pictures: str
    """How many of what size, e.g. "60,000 + 10,000 test, 28 x 28 grey"."""
    classes: int
    licence: str
    where: str
    """Where its files come from."""


@dataclass(frozen=True)
class _Known:
    description: Description
    load: Callable[[Path | None], Dataset]
    """Takes the folder in which a person has placed the files by hand, if there is one."""


_FASHION = Description("fashion-mnist", "60,000 + 10,000 test, 28 x 28 grey", 10, "MIT", FASHION_SOURCE)
_KNOWN = {"fashion-mnist": _Known(_FASHION, lambda _: load_fashion_mnist())}
"""A dataset by name is one line here: its description and how to load it."""


def describe() -> list[Description]:
    """The datasets that `load_dataset` knows by name, sorted by name. Reads no file."""
    return [_KNOWN[name].description for name in sorted(_KNOWN)]


def load_dataset(
    name_or_path: str | Path, *, data_dir: str | Path | None = None, on_error: str = "raise", size: int | None = None
) -> Dataset:
    """A dataset by name (see `describe`), or from a path: an image folder (`folder.read_folder`), a folder with
    MNIST's four IDX files, or a .npz file (`arrays.read_arrays`).

    A known name wins over a path; write ./name for the path. A path is looked up as given, then below `data_dir`,
    which is also where datasets that are not carried in the package look for files placed by hand. `on_error` and
    `size` apply to image folders. The last few results are kept in memory for as long as the files do not change
    (names, sizes, times), so loading again is cheap. Raises DataError for a name that is neither, and what the
    readers raise; UsageError for a `size` or `on_error` that does not fit.
    """
    if on_error not in ("raise", "skip"):
        raise UsageError(f"on_error: {on_error!r} is unknown{nearest(on_error, ('raise', 'skip'))}")
    folder = None if data_dir is None else Path(data_dir).expanduser()
    if isinstance(name_or_path, str) and name_or_path in _KNOWN:
        _refuse_size(size, name_or_path)
        return _known(name_or_path, folder)
    path = _find(name_or_path, folder)
    if path.is_dir():
        if not is_idx_folder(path):
            return _folder(path, _signature(path), on_error, size)
        _refuse_size(size, shown(path))
        return _idx_folder(path, _signature(path))
    if path.suffix.lower() != ".npz":
        raise DataError(f"{shown(path)}: not a dataset; expected a folder of pictures or a .npz file")
    _refuse_size(size, shown(path))
    return _arrays(path, _signature(path))


def _find(name_or_path: str | Path, data_dir: Path | None) -> Path:
    path = Path(name_or_path).expanduser()
    for candidate in (path,) if data_dir is None else (path, data_dir / path):
        if candidate.exists():
            return candidate
    text = shown(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or os.sep in text or path.suffix:
        raise DataError(f"{text}: no such file or folder")
    raise DataError(f"unknown dataset {text!r}{nearest(text, _KNOWN)}, or give the path of a folder or .npz file")


def _refuse_size(size: int | None, where: str) -> None:
    if size is not None:
        raise UsageError(f"{where}: size applies to folders of pictures only; these have their size")


def _signature(path: Path) -> str:
    """Changes when a file below `path` (or `path` itself, a file) appears, disappears or is written."""
    sha = hashlib.sha256()
    try:
        files = [path] if path.is_file() else sorted(Path(top) / f for top, _, names in os.walk(path) for f in names)
        for file in files:
            status = file.stat() if file.exists() else file.lstat()
            sha.update(f"{status.st_size} {status.st_mtime_ns} ".encode() + os.fsencode(file) + b"\0")
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be listed ({in_words(error)})") from error
    return sha.hexdigest()


@lru_cache(maxsize=4)
def _known(name: str, data_dir: Path | None) -> Dataset:
    return _KNOWN[name].load(data_dir)


@lru_cache(maxsize=4)
def _folder(path: Path, _signature: str, on_error: str, size: int | None) -> Dataset:
    return read_folder(path, on_error=on_error, size=size)


@lru_cache(maxsize=4)
def _idx_folder(path: Path, _signature: str) -> Dataset:
    return read_idx_folder(path, name=shown(path.resolve().name))


@lru_cache(maxsize=4)
def _arrays(path: Path, _signature: str) -> Dataset:
    return read_arrays(path)
