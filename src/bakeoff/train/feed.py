"""Batches from tensors that stay on the device: no loader, no workers, no per-item code.

Randomness is a function of (seed, purpose, epoch): who trains beside a model, on which worker, or after which
interruption cannot change what it sees. Shapes: M models, N examples, B batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import torch

from bakeoff.data import Dataset, Normaliser, Split, augment, normaliser
from bakeoff.models.layers import Backbone, Features, Imported, Network
from bakeoff.recipe import Input, Recipe, derive_seed

UNIT = Input(center="none", standardize=False)
"""Pixels 0..1."""
RESIDENT_BYTES = 2 * 2**30
"""Training pictures are normalised once and kept as float32 up to this size; above it, batch by batch."""


def input_of(network: Network, recipe: Recipe) -> Input:
    """What the network sees: a backbone or an imported network gets pixels 0..1 and scales them itself, its kept
    features are taken as they are; else the recipe decides."""
    own = any(isinstance(layer, Backbone | Imported | Features) for layer in network.layers)
    return UNIT if own else recipe.input


@dataclass(frozen=True)
class Batch:
    images: torch.Tensor
    """float32 [M, B, C, H, W], normalised; [1, B, ...] where all models see the same"""
    labels: torch.Tensor
    """int64 [M, B]"""


class Feed:
    """The training split on a device, handed out in the order of each model's own seed."""

    def __init__(
        self,
        dataset: Dataset,
        split: Split,
        recipe: Recipe,
        device: torch.device,
        how: Input | None = None,
        views: torch.Tensor | None = None,
    ) -> None:
        """`how`: the network's input, the recipe's unless it has one of its own (see `input_of`). `views`: changed
        copies of all training pictures, [V, N, C, H, W], that take turns by epoch in place of the pictures."""
        train = dataset.train.take(split.train)
        self.recipe = recipe
        self.device = device
        self.normalise: Normaliser = normaliser(train.images, how or recipe.input).to(device)
        self.labels = train.labels.to(device)
        self._batch = recipe.examples_a_step(len(train))
        self._augments = recipe.augment.changes and views is None
        self._views = 1 if views is None else len(views)
        images = train.images if views is None else views[:, torch.tensor(split.train)].flatten(0, 1)
        resident = not self._augments and images.numel() * 4 <= RESIDENT_BYTES
        pixels = images.to(device)
        self._pixels = None if resident else pixels
        self._floats = self._normalise_all(pixels) if resident else None

    def serving(self, recipe: Recipe) -> Feed:
        """The same pictures in this recipe's batches, and its changes if this feed makes any."""
        other = copy(self)
        other.recipe, other._batch = recipe, recipe.examples_a_step(len(self))
        return other

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def steps(self) -> int:
        """Optimiser steps an epoch; the last, smaller batch counts."""
        return -(-len(self) // self._batch)

    def _normalise_all(self, images: torch.Tensor) -> torch.Tensor:
        out = torch.empty(images.shape, dtype=torch.float32, device=self.device)
        for start in range(0, len(images), 8192):
            out[start : start + 8192] = self.normalise(images[start : start + 8192])
        return out

    def order(self, seed: int, epoch: int) -> np.ndarray:
        """int64 [N]: the order in which a model of this seed sees the training split in this epoch."""
        return np.random.Generator(np.random.PCG64(derive_seed(seed, "order", epoch))).permutation(len(self))

    def epoch(self, seeds: Sequence[int], epoch: int) -> Iterator[Batch]:
        """All batches of one epoch (1-based) for models of these seeds."""
        models = len(seeds)
        if len(set(seeds)) == 1:  # one order and one augmentation: one batch for all
            seeds = seeds[:1]
        orders = {seed: torch.from_numpy(self.order(seed, epoch)) for seed in set(seeds)}
        index = torch.stack([orders[seed] for seed in seeds]).to(self.device)
        labels = self.labels[index].expand(models, -1)
        index = index + (epoch - 1) % self._views * len(self)
        generators = [self._generator(seed, epoch) for seed in seeds] if self._augments else []
        for start in range(0, len(self), self._batch):
            now = slice(start, start + self._batch)
            yield Batch(self._images(index[:, now], generators), labels[:, now])

    def _generator(self, seed: int, epoch: int) -> torch.Generator:
        return torch.Generator(self.device).manual_seed(derive_seed(seed, "augment", epoch))

    def _images(self, rows: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        flat = rows.reshape(-1)
        if self._floats is not None:
            floats = self._floats.index_select(0, flat)
        else:
            assert self._pixels is not None
            pixels = self._pixels.index_select(0, flat)
            if generators:
                parts = pixels.view(*rows.shape, *pixels.shape[1:])
                changed = [augment(part, self.recipe.augment, g) for part, g in zip(parts, generators, strict=True)]
                pixels = torch.cat(changed)
            floats = self.normalise(pixels)
        return floats.view(*rows.shape, *floats.shape[1:])
