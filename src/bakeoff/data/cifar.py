"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their official layouts, binary and python, from a folder or an archive.

Only files whose sums are the published ones make a dataset called `cifar10` or `cifar100`; any other copy is read too,
but its name says what it is. Record of the binary layout: 1 label byte (CIFAR-100: coarse, then fine), 3072 pixel
bytes, red plane first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bakeoff.data.cifar_files import Files, find_files
from bakeoff.data.dataset import Dataset, Examples
from bakeoff.data.stream import shown
from bakeoff.data.unpickle import unpickle
from bakeoff.errors import DataError, UsageError

PIXELS = 3 * 32 * 32
TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
TAKEN = {"fashionmnist"} | {kind + part for kind in TITLES for part in ("", "fine", "coarse")}
"""Names of the official datasets, letters and digits alone: no copy may be called so."""


@dataclass(frozen=True)
class Layout:
    """The names in one kind of copy. `labels`: what label bytes or keys there are, in order, with the file or key of
    their names."""

    train: tuple[str, ...]
    test: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    name_keys: tuple[str, ...]

    def files(self) -> tuple[str, ...]:
        return (*self.train, self.test, *self.names)


_BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))
LAYOUTS = {
    "cifar10": (
        Layout(tuple(f"{b}.bin" for b in _BATCHES), "test_batch.bin", ("batches.meta.txt",), ("labels",), ()),
        Layout(_BATCHES, "test_batch", ("batches.meta",), ("labels",), ("label_names",)),
    ),
    "cifar100": (
        Layout(
            ("train.bin",), "test.bin", ("coarse_label_names.txt", "fine_label_names.txt"),
            ("coarse_labels", "fine_labels"), (),
        ),
        Layout(
            ("train",), "test", ("meta",), ("coarse_labels", "fine_labels"),
            ("coarse_label_names", "fine_label_names"),
        ),
    ),
}  # fmt: skip


def load_cifar(kind: str, place: Path, *, coarse: bool = False, called: str | None = None) -> Dataset:
    """`kind`: cifar10 or cifar100. `place`: a folder with the files, or one that holds it, or the archive, or one that
    holds the archive. `coarse`: the 20 superclasses of CIFAR-100 as classes. `called`: the name of a copy that is not
    the official one. Raises DataError naming the file that is missing or bad."""
    files = find_files(kind, place, [layout.files() for layout in LAYOUTS[kind]])
    layout = next(layout for layout in LAYOUTS[kind] if set(files.contents) == set(layout.files()))
    binary = layout.test.endswith(".bin")
    parts = [
        [(_binary if binary else _python)(files, name, layout) for name in names]
        for names in (layout.train, (layout.test,))
    ]
    names = _text_names(files, layout) if binary else _pickled_names(files, layout)
    train, test = (_join(part) for part in parts)
    wanted = -1 if not coarse else 0
    dataset_name = _name(kind, files, coarse=coarse, called=called)
    return Dataset(
        dataset_name,
        names[wanted],
        Examples(train[0], train[1][wanted]),
        Examples(test[0], test[1][wanted]),
        source=_source(kind, files),
        licence="unknown; for research, cite Krizhevsky 2009" if files.official else "unknown",
        official=bool(files.official),
        superclasses=() if len(names) < 2 or coarse else _superclasses(train[1], names),
    )


def _binary(files: Files, name: str, layout: Layout) -> tuple[np.ndarray, list[np.ndarray]]:
    content, where = files.contents[name], files.where(name)
    width = len(layout.labels) + PIXELS
    if not content or len(content) % width:
        raise DataError(f"{where}: {len(content):,} bytes are not a whole number of records of {width:,} bytes")
    records = np.frombuffer(content, np.uint8).reshape(-1, width)
    labels = [records[:, i].astype(np.int64) for i in range(len(layout.labels))]
    return records[:, len(layout.labels) :].reshape(-1, 3, 32, 32), labels


def _python(files: Files, name: str, layout: Layout) -> tuple[np.ndarray, list[np.ndarray]]:
    where = files.where(name)
    batch = unpickle(files.contents[name], where)
    data = batch.get("data")
    if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != PIXELS or not len(data):
        raise DataError(f"{where}: expected data of [N, {PIXELS}] bytes")
    labels = []
    for key in layout.labels:
        values = batch.get(key)
        if not isinstance(values, list) or len(values) != len(data) or any(type(v) is not int for v in values):
            raise DataError(f"{where}: expected {key}, a whole number for each of {len(data):,} pictures")
        labels.append(np.array(values, np.int64))
    return data.reshape(-1, 3, 32, 32), labels


def _text_names(files: Files, layout: Layout) -> list[tuple[str, ...]]:
    return [_class_names(files.contents[name].splitlines(), files.where(name)) for name in layout.names]


def _pickled_names(files: Files, layout: Layout) -> list[tuple[str, ...]]:
    where = files.where(layout.names[0])
    meta = unpickle(files.contents[layout.names[0]], where)
    return [_class_names(meta.get(key), f"{where}: {key}") for key in layout.name_keys]


def _class_names(lines: object, where: str) -> tuple[str, ...]:
    if not isinstance(lines, list) or not all(isinstance(line, bytes | str) for line in lines):
        raise DataError(f"{where}: expected a list of class names")
    texts = [line.decode("utf-8", "replace") if isinstance(line, bytes) else line for line in lines]
    names = tuple(shown(text.strip()) for text in texts if text.strip())
    if len(set(names)) != len(names) or len(names) < 2:
        raise DataError(f"{where}: expected two or more different class names, found {len(names)}")
    return names


def _join(parts: Sequence[tuple[np.ndarray, list[np.ndarray]]]) -> tuple[torch.Tensor, list[torch.Tensor]]:
    images = np.concatenate([images for images, _ in parts])
    labels = [torch.from_numpy(np.concatenate(column)) for column in zip(*(part[1] for part in parts), strict=True)]
    return torch.from_numpy(images), labels


def _superclasses(labels: Sequence[torch.Tensor], names: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The superclass of each fine class, by name; () if some class has pictures in two."""
    coarse, fine = labels[0].numpy(), labels[-1].numpy()
    if fine.max() >= len(names[-1]) or coarse.max() >= len(names[0]):
        return ()  # Dataset says which label is out of range
    pairs = np.unique(np.stack([fine, coarse], 1), axis=0)
    if not np.array_equal(pairs[:, 0], np.arange(len(names[-1]))):
        return ()
    return tuple(names[0][c] for c in pairs[:, 1])


def _name(kind: str, files: Files, *, coarse: bool, called: str | None) -> str:
    name = f"{kind}-coarse" if coarse else kind
    if files.official:
        return name
    if called is None:
        return f"{name}-unverified"
    plain = "".join(c for c in unicodedata.normalize("NFKC", called).casefold() if c.isalnum())
    if not plain or plain in TAKEN:
        why = "is the name of an official dataset" if plain else "has no letter or digit"
        raise UsageError(f"data: {files.place} {_unproven(kind, files)}; it cannot be called {called!r}, which {why}")
    return f"{called}-coarse" if coarse and not called.endswith("-coarse") else called


def _source(kind: str, files: Files) -> str:
    if files.official:
        return f"{TITLES[kind]} (Krizhevsky 2009), {files.place}, sums as published"
    return f"Files in the layout of {TITLES[kind]}; {files.place} {_unproven(kind, files)}"


def _unproven(kind: str, files: Files) -> str:
    if files.official is None:
        return f"could not be verified, because sums are published of {TITLES[kind]}'s archive alone"
    return f"has other sums than the official {TITLES[kind]}"
