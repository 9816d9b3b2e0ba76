"""What is in a dataset that a split or a label should answer for: copies on both sides, equal pictures of two classes.

Rows count training pictures first, then test pictures. N pictures, M test pictures, P pairs, G groups of equal pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bakeoff.data.copies import Copies, find_copies
from bakeoff.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Audit:
    """The copies among all pictures of a dataset, and what follows from them."""

    dataset: Dataset
    copies: Copies

    @cached_property
    def labels(self) -> np.ndarray:
        """int64 [N]"""
        return np.concatenate([self.dataset.train.labels.numpy(), self.dataset.test.labels.numpy()])

    @property
    def training(self) -> int:
        """How many rows are training pictures."""
        return len(self.dataset.train)

    @cached_property
    def _first(self) -> np.ndarray:
        """int64 [G]: the first row with these pixels; a training picture if any is."""
        return np.unique(self.copies.same, return_index=True)[1]

    @cached_property
    def in_training(self) -> np.ndarray:
        """bool [M]: the test picture's very pixels are in the training set."""
        return (self._first < self.training)[self.copies.same[self.training :]]

    @cached_property
    def near_training(self) -> np.ndarray:
        """bool [M]: not its pixels, but a near copy of it is in the training set."""
        near = np.isin(self.copies.same[self.training :], self.across[:, 0])
        return near & ~self.in_training

    @cached_property
    def across(self) -> np.ndarray:
        """int64 [P, 3]: near copies as (group of a test picture, of a training picture, place in `copies.pairs`)."""
        groups = self.copies.same[self.copies.pairs]
        tested = np.zeros(len(self._first), bool)
        tested[self.copies.same[self.training :]] = True
        trained = self._first < self.training
        found = [np.empty((0, 3), np.int64)]
        for one, other in ((0, 1), (1, 0)):
            place = np.flatnonzero(tested[groups[:, one]] & trained[groups[:, other]])
            found.append(np.column_stack([groups[place, one], groups[place, other], place]))
        return np.concatenate(found)

    @property
    def leaked(self) -> np.ndarray:
        """bool [M]: the test picture or a near copy of it is in the training set."""
        return self.in_training | self.near_training

    @cached_property
    def repeated(self) -> int:
        """Training pictures that have the pixels of an earlier one."""
        own = self.copies.same[: self.training]
        return len(own) - len(np.unique(own))

    @cached_property
    def alike(self) -> int:
        """Training pictures that have a near copy among the other training pictures."""
        trained = self.copies.same[self.copies.pairs[(self._first < self.training)[self._groups].all(1)]]
        return int(np.isin(self.copies.same[: self.training], trained).sum())

    @property
    def _groups(self) -> np.ndarray:
        return self.copies.same[self.copies.pairs]

    def test_pairs(self) -> list[tuple[int, int, float]]:
        """(row of a test picture, row of its training picture, likeness): one for each that has any, equal ones first,
        then the most alike."""
        pairs = [
            (int(row) + self.training, int(self._first[self.copies.same[row + self.training]]), 1.0)
            for row in np.flatnonzero(self.in_training)
        ]
        best: dict[int, tuple[int, float]] = {}
        for test, train, place in self.across:
            likeness = float(self.copies.likeness[place])
            if int(test) not in best or likeness > best[int(test)][1]:
                best[int(test)] = (int(self._first[train]), likeness)
        near = np.flatnonzero(self.near_training) + self.training
        found = [(int(row), *best[int(self.copies.same[row])]) for row in near]
        return pairs + sorted(found, key=lambda pair: (-pair[2], pair[0]))

    def train_pairs(self) -> list[tuple[int, int, float]]:
        """Near copies within the training set, the most alike first."""
        inside = (self.copies.pairs < self.training).all(1)
        order = np.argsort(-self.copies.likeness[inside], kind="stable")
        pairs, likeness = self.copies.pairs[inside][order], self.copies.likeness[inside][order]
        return [(int(a), int(b), float(x)) for (a, b), x in zip(pairs, likeness, strict=True)]

    @cached_property
    def conflicts(self) -> list[list[int]]:
        """Rows of equal pixels that bear different labels, a list a group."""
        same = self.copies.same
        lowest, highest = np.full(len(self._first), np.iinfo(np.int64).max), np.full(len(self._first), -1)
        np.minimum.at(lowest, same, self.labels)
        np.maximum.at(highest, same, self.labels)
        return [np.flatnonzero(same == group).tolist() for group in np.flatnonzero(lowest < highest)]


def audit(dataset: Dataset) -> Audit:
    """Look for copies among all pictures, training and test. What is found among thousands is kept for next time."""
    images = np.concatenate([dataset.train.images.numpy(), dataset.test.images.numpy()])
    return Audit(dataset, find_copies(images))
