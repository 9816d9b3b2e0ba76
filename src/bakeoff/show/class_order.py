"""The order of classes in a confusion matrix: those of one superclass side by side. K classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.judge.superclasses import group


@dataclass(frozen=True)
class Block:
    """The classes of one superclass: `size` of them from place `start` on."""

    name: str
    start: int
    size: int


def class_order(classes: int, superclasses: Sequence[str]) -> tuple[np.ndarray, list[Block]]:
    """int64 [K]: the class at each place; and the blocks in that order. The dataset's own order, and no blocks, where
    there are no superclasses."""
    if not superclasses:
        return np.arange(classes), []
    names, numbers = group(superclasses)
    sizes = np.bincount(numbers, minlength=len(names))
    starts = np.cumsum(sizes) - sizes
    blocks = [Block(*block) for block in zip(names, starts.tolist(), sizes.tolist(), strict=True)]
    return np.argsort(numbers, kind="stable"), blocks
