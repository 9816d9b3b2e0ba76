"""Datasets from arrays in memory or in a .npz file. N examples, C channels, H, W, K classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from bakeoff.data.copies import copy_groups, find_copies
from bakeoff.data.dataset import Dataset, Examples
from bakeoff.data.holdout import TEST_SHARE, hold_out
from bakeoff.data.npz import npz_keys, read_npz
from bakeoff.data.stream import shown
from bakeoff.errors import DataError, UsageError

Layout = Literal["auto", "NCHW", "NHWC"]

_SPELLINGS = (
    ("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test"),
    ("images", "labels", "val_images", "val_labels", "test_images", "test_labels"),
)


def from_arrays(
    images: Any,
    labels: Any,
    test_images: Any = None,
    test_labels: Any = None,
    *,
    validation_images: Any = None,
    validation_labels: Any = None,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
    source: str = "arrays handed over in Python",
    licence: str = "unknown",
    layout: Layout = "auto",
    test_share: float = TEST_SHARE,
    seed: int = 0,
) -> Dataset:
    """A dataset from NumPy arrays or torch tensors, copied.

    Images are uint8 0..255: [N, H, W] (grey), [N, C, H, W] or [N, H, W, C] with 1 or 3 channels; `layout` says
    which where both could be meant. Labels are integers 0..K-1, [N] or [N, 1]. Without a test set a stratified
    `test_share` of the examples is set aside by `seed`, copies of a picture together. Validation examples come after
    the others in `Dataset.train`, named by `validation_index`. Raises DataError, beginning with `name`, for
    anything else: floats, other shapes, lengths that differ, fewer than two classes, a class without examples.
    """
    parts = {
        "train": (images, labels),
        "validation": (validation_images, validation_labels),
        "test": (test_images, test_labels),
    }
    labelled = {"name": name, "source": source, "licence": licence}
    return _build(parts, classes, name, labelled, layout=layout, test_share=test_share, seed=seed)


def read_arrays(path: str | Path, *, name: str | None = None) -> Dataset:
    """A dataset from a .npz file.

    Keys: train_images, train_labels and, if there are, val_images, val_labels, test_images, test_labels; or x_train,
    y_train, x_val, y_val, x_test, y_test; or images and labels for the first two; and, if there is one, classes: K
    texts. What the arrays hold, and where a test set comes from if there is none: see `from_arrays`. Raises DataError
    naming the file; nothing pickled is ever read.
    """
    path = Path(path)
    keys = npz_keys(path)
    spelling = next((s for s in _SPELLINGS if {s[0], s[1]} <= set(keys)), None)
    if spelling is None:
        found = ", ".join(shown(key) for key in keys[:8]) or "nothing"
        raise DataError(
            f"{shown(path)}: expected the arrays train_images and train_labels (or x_train and y_train, or images and "
            f"labels), found {found}"
        )
    arrays = read_npz(path, (*spelling, "classes"))
    classes = arrays.get("classes")
    if classes is not None and (classes.dtype.kind not in "US" or classes.ndim != 1):
        raise DataError(f"{shown(path)}: classes must be a list of texts, not {classes.dtype} {list(classes.shape)}")
    x, y, x_val, y_val, x_test, y_test = (arrays.get(key) for key in spelling)
    parts = {"train": (x, y), "validation": (x_val, y_val), "test": (x_test, y_test)}
    names = None if classes is None else [_text(c) for c in classes.tolist()]
    labelled = {"name": name or shown(path.stem), "source": f"arrays in the file {shown(path)}"}
    return _build(parts, names, shown(path), labelled)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Which rows stay and which are the test set; of those that stay the validation rows, the groups of copies and the
    equal pictures, as in `Dataset`."""

    rest: np.ndarray
    held: np.ndarray
    validation_index: np.ndarray | None
    groups: np.ndarray | None
    same: np.ndarray | None


def draw_test_set(
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    name: str,
    validation_index: np.ndarray | None = None,
    *,
    share: float = TEST_SHARE,
    seed: int = 0,
) -> Drawn:
    """Set a stratified test set aside, copies of a picture (see `copies`) on one side.

    `images`: uint8 [N, C, H, W]. Rows of `validation_index`, and copies of them, stay out of the test set, which has
    its `share` of the others. Where a class is near copies of too few pictures to be divided fairly, as the frames of a
    film are, only equal pictures are kept together. Raises DataError, beginning with `name`, for a class that cannot be
    divided even so; UsageError for a share outside (0, 1).
    """
    if not 0 < share < 1:
        raise UsageError(f"test_share: {share!r} is not between 0 and 1")
    keep = None
    if validation_index is not None:
        keep = np.zeros(len(labels), bool)
        keep[validation_index] = True
    copies = find_copies(images)
    for groups in (copies.groups, copies.same):
        last = np.array_equal(groups, copies.same)
        try:
            rest, held = hold_out(labels, groups, classes, share=share, seed=seed, keep=keep, fair=not last)
            break
        except DataError as error:
            if last:
                raise DataError(f"{name}: {error}") from error
    moved = None if keep is None else np.flatnonzero(keep[rest])
    return Drawn(rest, held, moved, copy_groups(groups[rest]), copy_groups(copies.same[rest]))


def _build(
    parts: dict[str, tuple[Any, Any]],
    classes: Sequence[str] | None,
    where: str,
    labelled: dict[str, str],
    *,
    layout: Layout = "auto",
    test_share: float = TEST_SHARE,
    seed: int = 0,
) -> Dataset:
    """`parts`: (images, labels) of train, validation and test, None where there are none. `where` begins every
    message; `labelled`: name, source and licence of the dataset."""
    if layout not in ("auto", "NCHW", "NHWC"):
        raise UsageError(f"layout: {layout!r} is unknown; choose from auto, NCHW, NHWC")
    given = {
        part: _pair(x, y, f"{where}: {part}", layout)
        for part, (x, y) in parts.items()
        if part == "train" or x is not None or y is not None
    }
    names = _classes(given, classes, where)
    x, y = given["train"]
    for part in given:
        if given[part][0].shape[1:] != x.shape[1:]:
            other = list(given[part][0].shape[1:])
            raise DataError(f"{where}: train pictures are {list(x.shape[1:])}, {part} pictures {other}")
    validation_index = groups = same = None
    if "validation" in given:
        validation_index = np.arange(len(y), len(y) + len(given["validation"][1]))
        x, y = (np.concatenate(pair) for pair in zip(given["train"], given["validation"], strict=True))
    if "test" in given:
        test_x, test_y = given["test"]
    else:
        drawn = draw_test_set(x, y, names, where, validation_index, share=test_share, seed=seed)
        (test_x, test_y), (x, y) = ((x[rows], y[rows]) for rows in (drawn.held, drawn.rest))
        validation_index, groups, same = drawn.validation_index, drawn.groups, drawn.same
    return Dataset(
        classes=names,
        train=_examples(x, y),
        test=_examples(test_x, test_y),
        validation_index=validation_index,
        name=labelled["name"],
        source=labelled.get("source", ""),
        licence=labelled.get("licence", "unknown"),
        groups=groups,
        same=same,
    )


def _pair(images: Any, labels: Any, where: str, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """(uint8 [N, C, H, W], int64 [N])"""
    if images is None or labels is None:
        raise DataError(f"{where} {'images' if images is None else 'labels'} are missing")
    x, y = as_pictures(images, f"{where} images", layout), _labels(labels, f"{where} labels")
    if len(x) != len(y):
        raise DataError(f"{where}: {len(x)} images but {len(y)} labels")
    return x, y


def _examples(images: np.ndarray, labels: np.ndarray) -> Examples:
    return Examples(torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(labels))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def _array(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def as_pictures(value: Any, where: str, layout: Layout = "auto") -> np.ndarray:
    """uint8 [N, C, H, W], a fresh copy. Raises DataError, beginning with `where`, for what `from_arrays` refuses."""
    array = _array(value)
    if array.dtype.kind == "f":
        raise DataError(
            f"{where}: {array.dtype} values; give the raw uint8 pixels 0..255 "
            "(for floats 0..1: (images * 255).round().astype('uint8'))"
        )
    if array.dtype != np.uint8:
        raise DataError(f"{where}: {array.dtype} values; expected uint8 pixels 0..255")
    if array.ndim not in (3, 4) or 0 in array.shape:
        raise DataError(f"{where}: shape {list(array.shape)}; expected [N, H, W], [N, C, H, W] or [N, H, W, C]")
    if array.ndim == 3:
        return array[:, None].copy()
    first, last = array.shape[1] in (1, 3), array.shape[3] in (1, 3)
    if layout == "auto" and first and last:
        raise DataError(f"{where}: shape {list(array.shape)} could be NCHW or NHWC; say which with layout=")
    last = layout == "NHWC" if layout != "auto" else last
    channels = array.shape[3 if last else 1]
    if channels not in (1, 3):
        raise DataError(
            f"{where}: shape {list(array.shape)}; expected 1 or 3 channels, in [N, C, H, W] or [N, H, W, C]"
        )
    return np.array(array.transpose(0, 3, 1, 2) if last else array, order="C")


def _labels(value: Any, where: str) -> np.ndarray:
    """int64 [N], a fresh copy."""
    array = _array(value)
    if array.dtype.kind not in "iu":
        raise DataError(f"{where}: {array.dtype} values; expected whole numbers 0..K-1")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{where}: shape {list(array.shape)}; expected [N] (one-hot labels: take argmax(1) first)")
    return array.astype(np.int64)


def _classes(
    given: dict[str, tuple[np.ndarray, np.ndarray]], classes: Sequence[str] | None, name: str
) -> tuple[str, ...]:
    """Class names; every label within them, every class with examples in train and in a given test set."""
    low = min(int(y.min()) for _, y in given.values())
    high = max(int(y.max()) for _, y in given.values())
    k = high + 1 if classes is None else len(classes)
    if low < 0 or high >= k:
        raise DataError(f"{name}: labels run from {low} to {high}; expected 0..{k - 1}, the first class is 0")
    if k < 2:
        raise DataError(f"{name}: has one class only; telling classes apart needs at least two")
    for part in [p for p in ("train", "test") if p in given]:
        present = np.unique(given[part][1])
        if len(present) < k:
            missing = int(np.argmin(np.append(present, -1) == np.arange(len(present) + 1)))
            label = missing if classes is None else f"{missing} ({classes[missing]})"
            raise DataError(f"{name}: class {label} has no {part} examples")
    names = tuple(str(c) for c in classes) if classes is not None else tuple(str(c) for c in range(k))
    if len(set(names)) != k:
        raise DataError(f"{name}: two classes have the same name")
    return names
