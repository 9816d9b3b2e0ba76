"""A part set aside for testing or validation: stratified, and no copy of a picture on the other side.

Copies (see `copies`) come as groups that are never parted. N examples, K classes, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bakeoff.data.apportion import apportion
from bakeoff.errors import DataError
from bakeoff.recipe import derive_seed

TEST_SHARE = 0.2


def hold_out(
    labels: np.ndarray,
    groups: np.ndarray,
    classes: Sequence[str],
    *,
    share: float = TEST_SHARE,
    seed: int = 0,
    keep: np.ndarray | None = None,
    part: str = "test",
) -> tuple[np.ndarray, np.ndarray]:
    """(rest, held out): int64 row numbers, ascending, together all N rows.

    `labels`, `groups`: int64 [N]; a group is never parted. `keep`: bool [N], examples that must stay in the rest,
    with their groups. About `share` of each class is held out (groups that would exceed a class's part are passed
    over), at least one example and never the last one. A function of the arguments and `seed`. `part`: what it is
    drawn as, "test" or "validation". Raises DataError naming the class that cannot be divided.
    """
    k = len(classes)
    counts = np.bincount(labels, minlength=k)
    if counts.min() < 2:
        few = int(counts.argmin())
        raise DataError(f"class {classes[few]!r} has {counts[few]} picture(s); drawing a {part} set needs at least 2")
    total = int(np.clip(round(share * len(labels)), k, len(labels) - k))
    target = apportion(counts, total, lowest=1, leave=1)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    if keep is not None:
        members = [rows for rows in members if not keep[rows].any()]
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, f"{part} split")))
    held, taken = [], np.zeros(k, np.int64)
    passed = []
    for number in draw.permutation(len(members)):
        need = np.bincount(labels[members[number]], minlength=k)
        if np.all(taken + need <= target):
            held.append(members[number])
            taken += need
        else:
            passed.append((members[number], need))
    _serve_empty_classes(held, taken, passed, counts, classes, part)
    rows = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), rows), rows


def _serve_empty_classes(
    held: list[np.ndarray],
    taken: np.ndarray,
    passed: list[tuple[np.ndarray, np.ndarray]],
    counts: np.ndarray,
    classes: Sequence[str],
    part: str,
) -> None:
    """Hold out, for each class that has nothing held out, its smallest group that leaves every class something."""
    for c in range(len(classes)):
        if taken[c] > 0:
            continue
        fitting = [(rows, need) for rows, need in passed if need[c] > 0 and np.all(taken + need < counts)]
        if not fitting:
            raise DataError(
                f"class {classes[c]!r}: its pictures are copies of too few different ones to draw a {part} set from"
            )
        rows, need = min(fitting, key=lambda group: len(group[0]))
        held.append(rows)
        taken += need
