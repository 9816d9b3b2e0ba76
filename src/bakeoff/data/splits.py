"""Which examples a model learns from and which it is validated on: drawn once, stored, and named by a hash.

Every draw comes from a PCG64 generator that is a function of (seed, purpose) alone. N examples, K classes.
"""

from __future__ import annotations

import hashlib
import io
import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from bakeoff.atomic import write_bytes
from bakeoff.data.apportion import apportion
from bakeoff.data.holdout import hold_out
from bakeoff.data.npz import read_npz
from bakeoff.data.stream import shown
from bakeoff.errors import DataError, UsageError
from bakeoff.recipe import derive_seed


@dataclass(frozen=True, eq=False)
class Split:
    """`train` and `validation`: int64 row numbers into `Dataset.train`, ascending, read-only, without a common
    row. `validation` may be empty. Raises DataError for anything else."""

    train: np.ndarray
    validation: np.ndarray

    def __post_init__(self) -> None:
        for part in ("train", "validation"):
            rows = np.array(getattr(self, part))
            if rows.ndim != 1 or not (rows.dtype.kind in "iu" or rows.size == 0):
                raise DataError(f"split: {part} must be a list of row numbers, not {rows.dtype} {list(rows.shape)}")
            rows = np.sort(rows.astype(np.int64))
            if rows.size and (rows[0] < 0 or np.any(rows[1:] == rows[:-1])):
                raise DataError(f"split: {part} has a negative or repeated row number")
            rows.setflags(write=False)
            object.__setattr__(self, part, rows)
        if not len(self.train):
            raise DataError("split: no example is left to train on")
        common = np.intersect1d(self.train, self.validation)
        if len(common):
            raise DataError(f"split: row {common[0]} is in train and in validation")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of both index sets, 64 hex digits: what a job refers to."""
        sha = hashlib.sha256()
        for name, rows in (("train", self.train), ("validation", self.validation)):
            sha.update(f"{name} {len(rows)}\n".encode())
            sha.update(rows.astype("<i8").tobytes())
        return sha.hexdigest()


def make_split(
    labels: np.ndarray,
    *,
    validation: float | int,
    seed: int = 0,
    given: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    same: np.ndarray | None = None,
) -> Split:
    """Set a stratified validation part aside.

    `labels`: integers [N]. `validation`: a share in [0, 1) of N (halves round up) or, as an int, a number of
    examples; 0 sets nothing aside. Each class gives in proportion to its size by largest remainder, at least one
    example, and keeps at least one. `given` names the rows that the dataset itself sets aside
    (`Dataset.validation_index`); then nothing is drawn and `validation` and `seed` do not matter. `groups`, `same`:
    int64 [N], copies that are not parted and, of those, equal pictures (`Dataset.groups`, `Dataset.same`); the number
    set aside may then differ a little. Where a class is copies of too few pictures to be divided fairly, only equal
    ones are kept together, and where it cannot be divided so, none.
    Raises UsageError for a `validation` outside its range, DataError for a class with too few members, or with none
    beside the given rows.
    """
    labels = np.asarray(labels)
    if given is not None:
        given = np.asarray(given, np.int64)
        if len(given) and (given.min() < 0 or given.max() >= len(labels)):
            raise DataError(f"split: the given validation rows must lie in 0..{len(labels) - 1}")
        rest = np.setdiff1d(np.arange(len(labels)), given)
        if len(rest) and len(lost := np.setdiff1d(labels, labels[rest])):
            raise DataError(f"class {lost[0]}: all its examples are set aside for validation; none is left to train on")
        return Split(rest, given)
    total = _total(validation, len(labels))
    if total == 0:
        return Split(np.arange(len(labels)), np.empty(0, np.int64))
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < 2:
        raise DataError(f"class {classes[counts.argmin()]} has 1 example; a validation split needs at least 2 a class")
    k = len(classes)
    if not k <= total <= len(labels) - k:
        raise DataError(
            f"validation: {total:,} of {len(labels):,} examples cannot be stratified over {k} classes; "
            f"choose between {k} and {len(labels) - k:,}"
        )
    codes, names, share = np.searchsorted(classes, labels), [str(c) for c in classes], total / len(labels)
    for together in (groups, same):
        if together is not None:
            with suppress(DataError):
                fair = together is groups
                return Split(*hold_out(codes, together, names, share=share, seed=seed, part="validation", fair=fair))
    shares = apportion(counts, total, lowest=1, leave=1)
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, "validation split")))
    taken = [draw.permutation(np.flatnonzero(labels == c))[:share] for c, share in zip(classes, shares, strict=True)]
    held = np.concatenate(taken)
    return Split(np.setdiff1d(np.arange(len(labels)), held), held)


def _total(validation: float | int, n: int) -> int:
    """How many examples `validation` asks for."""
    if isinstance(validation, Integral) and not isinstance(validation, bool) and 0 <= validation < n:
        return int(validation)
    if isinstance(validation, Real) and not isinstance(validation, Integral) and 0 <= validation < 1:
        total = math.floor(float(validation) * n + 0.5)
        if total == 0 and validation > 0:
            raise UsageError(f"validation: {validation} of {n:,} examples is not even one; write 0 for none")
        return total
    raise UsageError(
        f"validation: {validation!r} is neither a share from 0 to below 1 (0.1) nor a number of examples below {n:,}"
    )


def folds(
    labels: np.ndarray, k: int, seed: int = 0, groups: np.ndarray | None = None, same: np.ndarray | None = None
) -> list[Split]:
    """`k` stratified folds: each example is in exactly one `validation`; sizes differ by at most one, over all and
    within each class. `groups`: int64 [N], copies that are kept in one fold, the largest groups dealt first; sizes then
    differ by as much as a group. Where a fold would lack a class, in training or validation, only equal pictures,
    `same`, are kept together, and where one still would, none. Raises UsageError for k < 2, DataError for a class with
    fewer than k members."""
    labels = np.asarray(labels)
    if not isinstance(k, Integral) or isinstance(k, bool) or k < 2:
        raise UsageError(f"folds: {k!r} is not a number of at least 2")
    classes, counts = np.unique(labels, return_counts=True)
    if not len(labels) or counts.min() < k:
        few = (
            f"class {classes[counts.argmin()]} has {counts.min()} examples" if len(labels) else "there are no examples"
        )
        raise DataError(f"folds: {few}; {k} folds need at least {k} a class")
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, "folds")))
    # Dealt like cards, class after class without a break: that keeps both kinds of sizes within one.
    dealt = np.concatenate([draw.permutation(np.flatnonzero(labels == c)) for c in classes])
    for together in (groups, same):
        if together is not None:
            fold_of = _deal_groups(labels, np.asarray(together), dealt, k)
            # A class that every fold validates is one that every fold trains on.
            if all(len(np.unique(labels[fold_of == fold])) == len(classes) for fold in range(k)):
                return [Split(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]
    return [Split(np.setdiff1d(dealt, dealt[fold::k]), dealt[fold::k]) for fold in range(k)]


def _deal_groups(labels: np.ndarray, groups: np.ndarray, dealt: np.ndarray, k: int) -> np.ndarray:
    """int64 [N]: the fold of each row. Groups go, the largest first and else in the order of `dealt`, where their first
    row's class has the fewest rows so far, of those to the smallest fold."""
    members: dict[int, list[int]] = {}
    for row in dealt.tolist():
        members.setdefault(int(groups[row]), []).append(row)
    codes = np.unique(labels, return_inverse=True)[1]
    counts = np.zeros((k, int(codes.max()) + 1), np.int64)
    fold_of = np.empty(len(labels), np.int64)
    for rows in sorted(members.values(), key=len, reverse=True):
        fold = int(np.lexsort((counts.sum(1), counts[:, codes[rows[0]]]))[0])
        np.add.at(counts[fold], codes[rows], 1)
        fold_of[rows] = fold
    return fold_of


def take_subset(labels: np.ndarray, count: int, *, seed: int = 0, within: np.ndarray | None = None) -> np.ndarray:
    """int64 [min(count, n)], ascending: a stratified draw of row numbers, for shortened (`--quick`) studies.

    `within`: the rows to draw from (a split's `train`), default all. Class sizes keep their proportions by largest
    remainder; every class keeps at least one example while `count` allows. Raises UsageError for count < 1.
    """
    if count < 1:
        raise UsageError(f"a subset of {count} examples is empty; ask for at least 1")
    rows = np.arange(len(labels)) if within is None else np.sort(np.asarray(within, np.int64))
    if count >= len(rows):
        return rows
    here = np.asarray(labels)[rows]
    classes, counts = np.unique(here, return_counts=True)
    shares = apportion(counts, count, lowest=1 if count >= len(classes) else 0)
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, "subset")))
    taken = [draw.permutation(np.flatnonzero(here == c))[:share] for c, share in zip(classes, shares, strict=True)]
    return rows[np.sort(np.concatenate(taken))]


def save_split(path: str | Path, split: Split) -> None:
    """Write `split` as .npz, whole or not at all: beside, fsync, rename, fsync the folder. Raises WriteError."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, train=split.train, validation=split.validation)
    write_bytes(Path(path), buffer.getvalue())


def load_split(path: str | Path) -> Split:
    """Read what `save_split` wrote. Raises DataError naming the file if it is missing or damaged."""
    arrays = read_npz(path, ("train", "validation"))
    if set(arrays) != {"train", "validation"}:
        raise DataError(f"{shown(path)}: not a split: expected the arrays train and validation")
    try:
        return Split(arrays["train"], arrays["validation"])
    except DataError as error:
        raise DataError(f"{shown(path)}: {error}") from error
