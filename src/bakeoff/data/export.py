"""A dataset as folders of PNG pictures, the layout that every other tool reads: DIR/train/<class>/00001.png."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from bakeoff.data.dataset import Dataset, Examples
from bakeoff.data.stream import in_words, shown
from bakeoff.errors import DataError

NOTE = ".bakeoff.json"


def export_pictures(dataset: Dataset, folder: Path) -> bool:
    """Write train/, test/ and what the dataset itself sets aside, val/, below `folder`, which appears whole or not at
    all. False if these very pictures are there already. Raises DataError if something else is, if some of them are
    gone, or if a class has no pictures in a part, which no reader of folders takes."""
    note = {"name": dataset.name, "fingerprint": dataset.fingerprint, "source": dataset.source}
    if folder.exists():
        if _note(folder) == note:
            _check_whole(dataset, folder)
            return False
        raise DataError(f"{shown(folder)}: exists and holds something else; give another folder")
    _check_full(dataset)
    made = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        names = _folder_names(dataset.classes)
        for part, examples in _parts(dataset).items():
            _write_part(made / part, examples, names)
        (made / NOTE).write_text(json.dumps(note), encoding="utf-8")
        made.chmod(0o755)
        made.rename(folder)
    except OSError as error:
        raise DataError(f"{shown(folder)}: cannot be written ({in_words(error)})") from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return True


def _parts(dataset: Dataset) -> dict[str, Examples]:
    if dataset.validation_index is None:
        return {"train": dataset.train, "test": dataset.test}
    rest = np.setdiff1d(np.arange(len(dataset.train)), dataset.validation_index)
    aside = dataset.train.take(dataset.validation_index)
    return {"train": dataset.train.take(rest), "val": aside, "test": dataset.test}


def _check_full(dataset: Dataset) -> None:
    for part, examples in _parts(dataset).items():
        missing = np.setdiff1d(np.arange(len(dataset.classes)), examples.labels.numpy())
        if len(missing):
            name = dataset.classes[missing[0]]
            raise DataError(f"{dataset.name}: class {name!r} has no pictures for {part}/; a folder needs some of each")


def _check_whole(dataset: Dataset, folder: Path) -> None:
    for part, examples in _parts(dataset).items():
        there = sum(1 for _ in (folder / part).glob("*/*.png"))
        if there != len(examples):
            raise DataError(
                f"{shown(folder / part)}: {there:,} of {len(examples):,} pictures are there; delete {shown(folder)} to "
                "write them anew, or give another folder"
            )


def _note(folder: Path) -> object:
    try:
        return json.loads((folder / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _folder_names(classes: tuple[str, ...]) -> list[str]:
    """Class names that every file system takes, still different from one another and in the same order."""
    safe = [
        "".join(c if c.isalnum() or c in " -_.+()" else "_" for c in name).strip(" .") or "class" for name in classes
    ]
    ordered = safe == sorted(safe) and len({name.casefold() for name in safe}) == len(safe)
    width = len(str(len(safe) - 1))
    # Folders are read in the order of their names, and that order numbers the classes.
    return safe if ordered else [f"{i:0{width}d} {name}" for i, name in enumerate(safe)]


def _write_part(folder: Path, examples: Examples, names: list[str]) -> None:
    for name in names:
        (folder / name).mkdir(parents=True)
    images = np.ascontiguousarray(examples.images.numpy().transpose(0, 2, 3, 1))
    width = len(str(len(images)))
    for i, (image, label) in enumerate(zip(images, examples.labels.tolist(), strict=True)):
        # Speed over size: level 1 writes twice as fast as the default.
        Image.fromarray(image.squeeze()).save(folder / names[label] / f"{i:0{width}d}.png", compress_level=1)
