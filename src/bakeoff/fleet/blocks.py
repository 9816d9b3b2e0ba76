"""Step losses in blocks: a few honest means instead of every step, for pictures of a training under way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

POINTS = 200
"""Blocks of a whole training; a panel is a few hundred pixels wide."""


class Block(NamedTuple):
    """The mean training loss of the optimiser steps `first`..`last`, numbered from 1."""

    first: int
    last: int
    loss: float


def blocks_of(losses: np.ndarray, first: int = 1, points: int = POINTS) -> tuple[Block, ...]:
    """`losses` [S] of the steps from `first` on, in at most `points` blocks (at least one) of nearly equal length."""
    steps = np.arange(first, first + len(losses))
    return tuple(_grouped(steps, steps, np.asarray(losses, float), max(points, 1)))


def merge(blocks: Sequence[Block], points: int = POINTS) -> list[Block]:
    """At most `points` blocks: neighbours become one, a step counting as much as any other."""
    if len(blocks) <= points:
        return list(blocks)
    first, last, loss = np.array(blocks).T
    return _grouped(first, last, loss, points)


def _grouped(first: np.ndarray, last: np.ndarray, loss: np.ndarray, points: int) -> list[Block]:
    count = min(points, len(loss))
    if not count:
        return []
    starts = np.arange(count) * len(loss) // count
    ends = np.append(starts[1:], len(loss)) - 1
    steps = last - first + 1
    mean = np.add.reduceat(loss * steps, starts) / np.add.reduceat(steps, starts)
    return [Block(int(a), int(b), float(m)) for a, b, m in zip(first[starts], last[ends], mean, strict=True)]
