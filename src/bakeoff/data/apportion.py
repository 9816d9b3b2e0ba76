"""Share a total out over classes in proportion to their sizes, exactly."""

from __future__ import annotations

import numpy as np


def apportion(counts: np.ndarray, total: int, *, lowest: int = 0, leave: int = 0) -> np.ndarray:
    """int64 [K] that sums to `total`: each class gets its share of `counts` by largest remainder (Hamilton's
    method), at least `lowest` and at most its count less `leave`. Ties go to the lower class.

    Requires lowest * K <= total <= sum(counts - leave) and lowest <= counts - leave in every class.
    """
    counts = np.asarray(counts, np.int64)
    n = int(counts.sum())
    highest = counts - leave
    if not (np.all(lowest <= highest) and lowest * len(counts) <= total <= highest.sum()):
        raise ValueError(f"cannot share {total} over {counts.tolist()} with lowest={lowest}, leave={leave}")
    # Integers throughout: what a class is owed beyond its share, times n.
    shares = np.clip(total * counts // n, lowest, highest)
    while (gap := total - int(shares.sum())) != 0:
        owed = (total * counts - shares * n) * np.sign(gap)
        movable = shares < highest if gap > 0 else shares > lowest
        candidates = np.flatnonzero(movable)
        chosen = candidates[np.argsort(-owed[candidates], kind="stable")][: abs(gap)]
        shares[chosen] += np.sign(gap)
    return shares
