"""What a model of fine classes knows of the coarse ones that they form (CIFAR-100: 100 classes, 20 superclasses).

Shapes: K classes, G superclasses, S seeds, N test examples; confusion counts have the true class on rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def group(superclasses: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The G different superclasses in alphabetical order, and int64 [K]: the number of each class's own.

    `superclasses` [K]: the name of the superclass of each class, as `Dataset.superclasses`.
    """
    names, numbers = np.unique(np.array(superclasses, object).astype(str), return_inverse=True)
    return tuple(str(name) for name in names), numbers.astype(np.int64)


def inside(predicted: np.ndarray, labels: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """bool [S, N]: whether the predicted class [S, N] lies in the superclass of the true one [N]."""
    return numbers[predicted] == numbers[labels]


def merge(confusion: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """int64 [..., G, G]: the counts [..., K, K] of classes added up over superclasses, on rows and on columns."""
    member = np.eye(int(numbers.max()) + 1, dtype=np.int64)[numbers]
    return member.T @ np.asarray(confusion, np.int64) @ member
