"""A small dataset that can be learned: each class is a bright square in its own place, under noise."""

from __future__ import annotations

import numpy as np
import torch

from bakeoff.data import Dataset, Examples, make_split
from bakeoff.recipe import Job, Recipe


def learnable(n: int = 240, classes: int = 3, side: int = 8, channels: int = 1, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)

    def part(m: int) -> Examples:
        labels = np.arange(m) % classes
        images = rng.integers(0, 140, (m, channels, side, side))
        for i, label in enumerate(labels):
            images[i, :, 2 * label : 2 * label + 3, 1:5] += 80
        return Examples(torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels))

    return Dataset("squares", tuple("abcdefgh"[:classes]), part(n), part(n // 2))


DATASET = learnable()
SPLIT = make_split(DATASET.train.labels.numpy(), validation=0.2, seed=0)


def job(model: dict | None = None, seed: int = 0, **recipe: object) -> Job:
    settings = {"epochs": 3, "batch_size": 32, "lr": 3e-3} | recipe
    return Job(
        dataset=DATASET.fingerprint,
        split=SPLIT.digest,
        model=model or {"mlp": {"hidden": [16, 12]}},
        recipe=Recipe(**settings),
        seed=seed,
    )
