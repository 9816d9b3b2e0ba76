"""The dataset as a value: uint8 pictures, labels, class names, and a fingerprint of the content.

Shapes: N examples, C channels, H height, W width.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch

from bakeoff.errors import DataError


@dataclass(frozen=True, eq=False)
class Examples:
    """`images`: uint8 [N, C, H, W]; `labels`: int64 [N], values 0..K-1."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: np.ndarray | torch.Tensor) -> Examples:
        index = torch.tensor(np.asarray(index), dtype=torch.int64)
        return Examples(self.images[index], self.labels[index])

    def digest(self) -> str:
        """SHA-256 of shape, pixels and labels, in order."""
        sha = hashlib.sha256(json.dumps(list(self.images.shape)).encode())
        # Flat views: every worker process takes this sum, and a copy of the pixels would double its memory.
        sha.update(self.images.contiguous().view(-1).numpy().data)
        sha.update(self.labels.to(torch.int64).contiguous().numpy().data)
        return sha.hexdigest()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Everything a study knows about its pictures.

    `train` holds all examples that training and validation may use; `test` is sealed. `validation_index` names
    the rows of `train` that the dataset itself sets aside (a folder with `val/`), else None. `skipped` lists
    files left out on request (`on_error: skip`) as (file, reason). `source` is one sentence on where the data
    comes from; `licence` its licence or "unknown". `superclasses`: for each class the name of the superclass it
    belongs to, or empty. `groups`: for each row of `train` the number of the group of copies it belongs to, which a
    split of ours never parts; None where there are none, or where the dataset is published and rows are taken as they
    come. `same`: likewise for equal pictures alone, which stay together where whole groups cannot. `files`: of a
    folder, each picture's path below it, training pictures first, then test pictures; else empty.
    `official`: True only if the files have the published sums, so that the name is more than what somebody calls them.
    """

    name: str
    classes: tuple[str, ...]
    train: Examples
    test: Examples
    source: str = ""
    licence: str = "unknown"
    validation_index: np.ndarray | None = None
    skipped: tuple[tuple[str, str], ...] = field(default=())
    superclasses: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    same: np.ndarray | None = None
    files: tuple[str, ...] = ()
    official: bool = False

    def __post_init__(self) -> None:
        for part, examples in (("train", self.train), ("test", self.test)):
            images, labels = examples.images, examples.labels
            # float16: features in place of pictures, see train.features.
            if images.dtype not in (torch.uint8, torch.float16) or images.ndim != 4:
                raise DataError(
                    f"{self.name}: {part} images must be uint8 [N, C, H, W], not {images.dtype} {list(images.shape)}"
                )
            if len(images) != len(labels):
                raise DataError(f"{self.name}: {len(images)} {part} images but {len(labels)} labels")
            if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(self.classes):
                raise DataError(
                    f"{self.name}: {part} labels run from {int(labels.min())} to {int(labels.max())}, "
                    f"but there are {len(self.classes)} classes"
                )
        if len(self.superclasses) not in (0, len(self.classes)):
            raise DataError(f"{self.name}: {len(self.superclasses)} superclasses for {len(self.classes)} classes")
        if self.train.images.shape[1:] != self.test.images.shape[1:]:
            raise DataError(
                f"{self.name}: train pictures are {list(self.train.images.shape[1:])}, "
                f"test pictures {list(self.test.images.shape[1:])}"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)"""
        c, h, w = self.train.images.shape[1:]
        return c, h, w

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over classes, train and test content: what a job refers to."""
        return hashlib.sha256(
            json.dumps([list(self.classes), self.train.digest(), self.test.digest()]).encode()
        ).hexdigest()

    @cached_property
    def test_fingerprint(self) -> str:
        """SHA-256 of the test set alone: two runs may be compared on it only if these agree."""
        return hashlib.sha256(json.dumps([list(self.classes), self.test.digest()]).encode()).hexdigest()
