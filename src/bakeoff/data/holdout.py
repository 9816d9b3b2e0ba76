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

_Group = tuple[np.ndarray, np.ndarray]
"""(its rows, how many of each class: int64 [K])"""


def hold_out(
    labels: np.ndarray,
    groups: np.ndarray,
    classes: Sequence[str],
    *,
    share: float = TEST_SHARE,
    seed: int = 0,
    keep: np.ndarray | None = None,
    part: str = "test",
    fair: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """(rest, held out): int64 row numbers, ascending, together all N rows.

    `labels`, `groups`: int64 [N]; a group is never parted. `keep`: bool [N], examples that must stay in the rest,
    with their groups, and do not count. About `share` of each class is held out (groups that would exceed a class's
    part are passed over, unless it has less than half of it without them), at least one example and never the last one.
    A function of the arguments and `seed`. `part`: what it is drawn as, "test" or "validation".
    Raises DataError naming the class that cannot be divided, or with `fair` cannot be divided fairly: its groups are so
    large that less than half or more than twice its part is held out.
    """
    k = len(classes)
    free = np.ones(len(labels), bool) if keep is None else ~keep
    counts = np.bincount(labels[free], minlength=k)
    if counts.min() < 2:
        few, where = int(counts.argmin()), "" if keep is None else " outside the validation set"
        raise DataError(
            f"class {classes[few]!r} has {counts[few]} picture(s){where}; drawing a {part} set needs at least 2"
        )
    target = apportion(counts, int(np.clip(round(share * counts.sum()), k, counts.sum() - k)), lowest=1, leave=1)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    members = [rows for rows in members if free[rows].all()]
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, f"{part} split")))
    held, taken = [], np.zeros(k, np.int64)
    passed: list[_Group] = []
    for number in draw.permutation(len(members)):
        need = np.bincount(labels[members[number]], minlength=k)
        if np.all(taken + need <= target):
            held.append(members[number])
            taken += need
        else:
            passed.append((members[number], need))
    _serve(held, taken, passed, counts, target)
    _check(taken, target, classes, part, fair)
    rows = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), rows), rows


def _serve(
    held: list[np.ndarray], taken: np.ndarray, passed: list[_Group], counts: np.ndarray, target: np.ndarray
) -> None:
    """Hold out, for each class with less than half its part, the group that brings it nearest to its part, of those
    that leave every class something; again until it has half."""
    for c in np.flatnonzero(2 * taken < target):
        choice = [group for group in passed if group[1][c]]
        while 2 * taken[c] < target[c]:
            fitting = [group for group in choice if np.all(taken + group[1] < counts)]
            if not fitting:
                break
            missing = target[c] - taken[c]
            best = min(fitting, key=lambda group: (abs(group[1][c] - missing), len(group[0])))
            held.append(best[0])
            taken += best[1]
            choice = [group for group in choice if group is not best]
            passed[:] = [group for group in passed if group is not best]


def _check(taken: np.ndarray, target: np.ndarray, classes: Sequence[str], part: str, fair: bool) -> None:
    # One more than twice: a part of one picture knows no halves.
    good = (2 * taken >= target) & (taken <= 2 * target + 1) if fair else taken > 0
    if not good.all():
        name = classes[int(good.argmin())]
        raise DataError(f"class {name!r}: its pictures are copies of too few different ones to draw a {part} set from")
