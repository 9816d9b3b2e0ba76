"""Which files of an image folder are pictures of which class, before any of them is opened.

    root/train/<class>/picture      with test/ and, if there is one, val/ (or valid/, validation/)
    root/<class>/picture            all in one

Hidden files are ignored; so are files beside the class folders that do not look like pictures (a README, a CSV).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bakeoff.data.splits import take_subset
from bakeoff.data.stream import in_words, shown
from bakeoff.errors import DataError

_PARTS = {"train": "train", "test": "test", "val": "validation", "valid": "validation", "validation": "validation"}
_CLUTTER = {"thumbs.db", "desktop.ini", "__macosx"}
SUFFIXES = {".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
LEAVE_OUT = "on_error: skip leaves such files out"


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or put there by a system that nobody asked."""
    return name.startswith(".") or name.casefold() in _CLUTTER


@dataclass(frozen=True)
class Found:
    """One file that should be a picture: where it lies, its class number, its part."""

    path: Path
    label: int
    part: str


@dataclass(frozen=True)
class Listing:
    """`parts`: those of train, validation, test that there are, in this order, each with its folder. `files` are
    sorted by part, class and name. `skipped`: (path below the root, reason)."""

    classes: tuple[str, ...]
    parts: dict[str, Path]
    files: tuple[Found, ...]
    skipped: tuple[tuple[str, str], ...] = field(default=())


def list_folder(root: Path, *, on_error: str = "raise") -> Listing:
    """Look through an image folder.

    Raises DataError naming the folder or file: no class folders, one class only, parts that differ in their classes,
    a folder inside a class folder, a class name that cannot be printed. A link that leads outside the root, a broken
    link, something not a plain file and a loose picture raise too, or with `on_error="skip"` go to `skipped`.
    """
    walker = _Walker(root, on_error)
    folders = walker.folders(root)
    part_folders = {"train": root}
    if _is_in_parts(walker, folders):
        part_folders = _part_folders(root, folders)
    in_part = {part: walker.folders(folder) for part, folder in part_folders.items()}
    classes = tuple(folder.name for folder in in_part["train"])
    if len(classes) == 1 and (inner := walker.folders(in_part["train"][0])):
        raise DataError(
            f"{shown(part_folders['train'])}: has one folder only, and that holds {len(inner):,} more; "
            f"are those the classes? Then give {shown(in_part['train'][0])}"
        )
    _check_classes(classes, part_folders, in_part, root)
    files = [
        Found(path, classes.index(folder.name), part)
        for part, class_folders in in_part.items()
        for folder in class_folders
        for path in walker.pictures(folder)
    ]
    if part_folders["train"] != root:
        walker.loose(root)
    for folder in part_folders.values():
        walker.loose(folder)
    return Listing(classes, part_folders, tuple(files), tuple(walker.skipped))


def thinned(listing: Listing, count: int) -> Listing:
    """The listing with at most `count` of its files, drawn by part and class, always the same ones; every class keeps
    one in every part while `count` allows."""
    strata: dict[tuple[str, int], int] = {}
    codes = [strata.setdefault((file.part, file.label), len(strata)) for file in listing.files]
    rows = take_subset(np.array(codes, np.int64), count)
    return replace(listing, files=tuple(listing.files[row] for row in rows))


def _is_in_parts(walker: _Walker, folders: list[Path]) -> bool:
    """Whether these folders are train/, test/ ... and not classes: "train" may be a class beside "car" and "ship"."""
    named = [folder for folder in folders if folder.name.casefold() in _PARTS]
    only = bool(named) and len(named) == len(folders)
    return only or any(f.name.casefold() == "train" and walker.has_folders(f) for f in named)


def _part_folders(root: Path, folders: list[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        part = _PARTS.get(folder.name.casefold())
        if part is None:
            raise DataError(f"{shown(folder)}: beside train/ only test/ and val/ are expected")
        if part in found:
            raise DataError(f"{shown(folder)}: a second folder for {part}, beside {shown(found[part].name)}/")
        found[part] = folder
    if "train" not in found:
        raise DataError(f"{shown(root)}: has {shown(folders[0].name)}/ but no train/")
    return {part: found[part] for part in ("train", "validation", "test") if part in found}


def _check_classes(
    classes: tuple[str, ...], part_folders: dict[str, Path], in_part: dict[str, list[Path]], root: Path
) -> None:
    if not classes:
        raise DataError(
            f"{shown(part_folders['train'])}: has no class folders; expected <class>/picture or train/<class>/picture"
        )
    if len(classes) == 1:
        raise DataError(
            f"{shown(part_folders['train'])}: has one class only ({shown(classes[0])}); "
            "telling classes apart needs at least two"
        )
    for name in classes:
        if not name.isprintable():
            raise DataError(f"{shown(root)}: the class name {shown(name)} cannot be printed; rename the folder")
    for part, folders in in_part.items():
        names = {folder.name for folder in folders}
        if extra := sorted(names - set(classes)):
            raise DataError(f"{shown(part_folders[part] / extra[0])}: this class is missing in train")
        if missing := sorted(set(classes) - names):
            raise DataError(f"{shown(part_folders[part])}: lacks the class {missing[0]!r} of train")


class _Walker:
    """Lists folders in sorted order and collects what is left out."""

    def __init__(self, root: Path, on_error: str) -> None:
        self.root = root
        self.on_error = on_error
        self.skipped: list[tuple[str, str]] = []
        self._real_root = root.resolve()

    def folders(self, folder: Path) -> list[Path]:
        found = [path for path in self._entries(folder) if path.is_dir()]
        for path in found:
            if fault := self._fault(path):
                raise DataError(f"{shown(path)}: {fault}")
        return found

    def has_folders(self, folder: Path) -> bool:
        return any(path.is_dir() for path in self._entries(folder))

    def pictures(self, folder: Path) -> list[Path]:
        kept = []
        for path in self._entries(folder):
            if path.is_dir():
                raise DataError(f"{shown(path)}: a folder inside a class folder; expected pictures only")
            fault = self._fault(path) or (None if path.is_file() else "not a plain file")
            if fault is None:
                kept.append(path)
            else:
                self.refuse(path, fault)
        return kept

    def loose(self, folder: Path) -> None:
        for path in self._entries(folder):
            if not path.is_dir() and path.suffix.lower() in SUFFIXES:
                self.refuse(path, "a picture outside the class folders")

    def refuse(self, path: Path, reason: str) -> None:
        if self.on_error == "raise":
            raise DataError(f"{shown(path)}: {reason}; {LEAVE_OUT}")
        self.skipped.append((shown(path.relative_to(self.root)), reason))

    def _entries(self, folder: Path) -> list[Path]:
        try:
            entries = sorted(folder.iterdir(), key=lambda path: path.name)
        except OSError as error:
            raise DataError(f"{shown(folder)}: cannot be listed ({in_words(error)})") from error
        return [path for path in entries if not is_clutter(path.name)]

    def _fault(self, path: Path) -> str | None:
        if not path.is_symlink():
            return None
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return "a broken link"
        return None if real.is_relative_to(self._real_root) else "a link that leads outside the folder"
