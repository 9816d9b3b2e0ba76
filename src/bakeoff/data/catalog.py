"""The datasets known by name, and one door for everything else: a folder or a .npz file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bakeoff.atomic import BESIDE
from bakeoff.data.arrays import read_arrays
from bakeoff.data.cifar import load_cifar
from bakeoff.data.cifar_files import NotHereError
from bakeoff.data.dataset import Dataset
from bakeoff.data.fashion import FASHION_SOURCE, is_idx_folder, load_fashion_mnist, read_idx_folder
from bakeoff.data.folder import read_folder
from bakeoff.data.home import data_home
from bakeoff.data.stream import in_words, shown
from bakeoff.errors import DataError, UsageError, nearest


@dataclass(frozen=True)
class Description:
    """One known dataset in words, for `bakeoff data`."""

    name: str
    pictures: str
    """How many of what size, e.g. "60,000 + 10,000 test, 28 x 28 grey"."""
    shape: tuple[int, int, int]
    """(C, H, W)"""
    classes: int
    licence: str
    where: str
    """Where its files come from."""


@dataclass(frozen=True)
class _Known:
    description: Description
    load: Callable[[Path, str | None], Dataset]
    """Takes the place of the files and the name that a copy which is not the official one is to have."""
    carried: bool = False
    """True if the files are in the package; else they lie where a person put them, or below `data_home()`."""


_CIFAR_SIZE = ("50,000 + 10,000 test, 32 x 32 colour", (3, 32, 32))
_CIFAR_LICENCE, _CIFAR_WHERE = "unknown", "www.cs.toronto.edu/~kriz (Krizhevsky 2009); bakeoff data fetch"
_ALL = (
    _Known(
        Description("fashion-mnist", "60,000 + 10,000 test, 28 x 28 grey", (1, 28, 28), 10, "MIT", FASHION_SOURCE),
        lambda _place, _called: load_fashion_mnist(),
        carried=True,
    ),
    _Known(
        Description("cifar10", *_CIFAR_SIZE, 10, _CIFAR_LICENCE, _CIFAR_WHERE),
        lambda place, called: load_cifar("cifar10", place, called=called),
    ),
    _Known(
        Description("cifar100", *_CIFAR_SIZE, 100, _CIFAR_LICENCE, _CIFAR_WHERE),
        lambda place, called: load_cifar("cifar100", place, called=called),
    ),
    _Known(
        Description("cifar100-coarse", *_CIFAR_SIZE, 20, _CIFAR_LICENCE, _CIFAR_WHERE + " cifar100"),
        lambda place, called: load_cifar("cifar100", place, coarse=True, called=called),
    ),
)
_KNOWN = {known.description.name: known for known in _ALL}


def describe() -> list[Description]:
    """The datasets that `load_dataset` knows by name, sorted by name. Reads no file."""
    return [_KNOWN[name].description for name in sorted(_KNOWN)]


def load_dataset(
    name_or_path: str | Path,
    *,
    data_dir: str | Path | None = None,
    on_error: str = "raise",
    size: int | None = None,
    called: str | None = None,
    at_most: int | None = None,
) -> Dataset:
    """A dataset by name (see `describe`), or from a path: an image folder (`folder.read_folder`), a folder with
    MNIST's four IDX files, or a .npz file (`arrays.read_arrays`).

    A known name wins over a path; write ./name for the path. A path is looked up as given, then below `data_dir`,
    which is also where datasets that are not carried in the package look for files placed by hand (a folder or an
    archive; else `data_home()`). `called`: the name of such a copy if it is not the official one. `on_error`,
    `size` and `at_most` apply to image folders. The last few results are kept in memory for as long as the files do not
    change (names, sizes, times), so loading again is cheap. Raises UsageError for a name that is neither and for a
    setting that does not fit; DataError for what the readers raise.
    """
    if on_error not in ("raise", "skip"):
        raise UsageError(f"on_error: {on_error!r} is unknown{nearest(on_error, ('raise', 'skip'))}")
    folder = None if data_dir is None else Path(data_dir).expanduser()
    if isinstance(name_or_path, str) and name_or_path in _KNOWN:
        _refuse(name_or_path, size, at_most)
        return _by_name(_KNOWN[name_or_path], folder, called)
    if called is not None:
        raise UsageError(f"called: a name for a copy of a known dataset ({', '.join(_KNOWN)}); {name_or_path} is none")
    path = _find(name_or_path, folder)
    if path.is_dir():
        if not is_idx_folder(path):
            return _folder(path, _signature(path), on_error, size, at_most)
        _refuse(shown(path), size, at_most)
        return _idx_folder(path, _signature(path))
    if path.suffix.lower() != ".npz":
        raise DataError(f"{shown(path)}: not a dataset; expected a folder of pictures or a .npz file")
    _refuse(shown(path), size, at_most)
    return _arrays(path, _signature(path))


def _find(name_or_path: str | Path, data_dir: Path | None) -> Path:
    path = Path(name_or_path).expanduser()
    for candidate in (path,) if data_dir is None else (path, data_dir / path):
        if candidate.exists():
            return candidate
    text = shown(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or os.sep in text or path.suffix:
        raise DataError(f"{text}: no such file or folder")
    raise UsageError(f"unknown dataset '{text}'{nearest(text, _KNOWN)} (or give the path of a folder or .npz file)")


def _refuse(where: str, size: int | None, at_most: int | None) -> None:
    if size is not None:
        raise UsageError(f"{where}: size applies to folders of pictures only; these have their size")
    if at_most is not None:
        raise UsageError(f"{where}: at_most applies to folders of pictures only")


def _signature(path: Path) -> str:
    """Changes when a file below `path` (or `path` itself, a file) appears, disappears or is written. What others have
    not finished writing, or remove meanwhile, does not count."""
    sha = hashlib.sha256()
    try:
        files = [path] if path.is_file() else sorted(Path(top) / f for top, _, names in os.walk(path) for f in names)
        for file in files:
            if file.name.startswith(BESIDE):
                continue
            try:
                status = file.stat() if file.exists() else file.lstat()
            except FileNotFoundError:
                continue
            sha.update(f"{status.st_size} {status.st_mtime_ns} ".encode() + os.fsencode(file) + b"\0")
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be listed ({in_words(error)})") from error
    return sha.hexdigest()


def _by_name(known: _Known, folder: Path | None, called: str | None) -> Dataset:
    name, place = known.description.name, folder or data_home()
    if known.carried:
        if called is not None:
            raise UsageError(f"called: {name} is carried in the package and needs no other name")
        return _loaded(name, place, "", None)
    if not place.exists() and folder is not None:
        raise DataError(f"{shown(place)}: no such folder or archive")
    try:
        return _loaded(name, place, _signature(place), called)
    except NotHereError as error:
        if folder is not None:
            raise
        raise DataError(
            f"{name} is not on this machine; get it with: bakeoff data fetch {name.removesuffix('-coarse')}; or "
            f"name the folder or archive that holds it (--data-dir, or dir: in the study's data)"
        ) from error


@lru_cache(maxsize=4)
def _loaded(name: str, place: Path, _signature: str, called: str | None) -> Dataset:
    return _KNOWN[name].load(place, called)


@lru_cache(maxsize=4)
def _folder(path: Path, _signature: str, on_error: str, size: int | None, at_most: int | None) -> Dataset:
    return read_folder(path, on_error=on_error, size=size, at_most=at_most)


@lru_cache(maxsize=4)
def _idx_folder(path: Path, _signature: str) -> Dataset:
    return read_idx_folder(path, name=shown(path.resolve().name))


@lru_cache(maxsize=4)
def _arrays(path: Path, _signature: str) -> Dataset:
    return read_arrays(path)
