"""What the benchmark of searches trains: two sets of configurations as plain data, fixed by seed.

Both vary report A's axes (rate, dropout, start, activation): `same_net` on one network of 101K weights, `space_a` with
report A's widths and places of batch norm too. What cannot learn (dropout 1.0) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from bakeoff.models import Network, build, totals
from bakeoff.recipe import Recipe, derive_seed

PICTURES, VALIDATION = 54_000, 6_000
SHAPE, CLASSES = (1, 28, 28), 10

RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
DROPOUTS = (0.0, *(step / 10 for step in range(1, 10)))
ACTIVATIONS = ("relu", "selu", "elu")
INITS = ("kaiming_normal", "kaiming_uniform", "lecun_normal", "lecun_uniform")
NORMS = ("none", "before", "after")
_TUPLES = (
    (300,), (300, 150), (300, 250, 150), (300, 250, 150, 50), (300, 300, 200, 100), (300, 250, 150, 100, 50),
    (300, 290, 260, 230, 200, 170),
)  # fmt: skip
WIDTHS = tuple(sorted({widths[:depth] for widths in _TUPLES for depth in range(1, 7)}))
"""Depth cuts the tuple: the 42 pairs of report A are these 15 networks."""


@dataclass(frozen=True)
class Configuration:
    """One training: a dense network and how it learns. `batch_norm`: none, before or after the activation; `dropout`:
    after every hidden layer, 0 for none; `rate`: Adam's."""

    hidden: tuple[int, ...]
    activation: str
    init: str
    batch_norm: str
    dropout: float
    rate: float

    @classmethod
    def read(cls, told: dict[str, Any]) -> Configuration:
        """From what `dataclasses.asdict` made, JSON's lists included."""
        return cls(**{**told, "hidden": tuple(told["hidden"])})

    @property
    def model(self) -> dict[str, dict[str, Any]]:
        told = {"hidden": list(self.hidden), "activation": self.activation, "batch_norm": self.batch_norm}
        return {"mlp": told}

    def recipe(self, epochs: int, batch: int) -> Recipe:
        return Recipe(lr=self.rate, batch_size=batch, epochs=epochs, init=self.init, dropout=self.dropout)

    @property
    def network(self) -> Network:
        return build(self.model, input_shape=SHAPE, classes=CLASSES, dropout=self.dropout)

    @property
    def weights(self) -> int:
        return totals(self.network).parameters

    @property
    def flops_a_picture(self) -> float:
        """Of training: 3 forward passes, less the first layer's gradient for the picture, which nobody needs."""
        return 3 * totals(self.network).flops_forward - 2 * SHAPE[1] * SHAPE[2] * self.hidden[0]


def same_net(count: int = 64, seed: int = 0) -> list[Configuration]:
    """`count` of the 600 ways to train 784-112-106-10."""
    return _drawn(product([(112, 106)], ACTIVATIONS, INITS, ["none"], DROPOUTS, RATES), count, seed)


def space_a(count: int = 64, seed: int = 0) -> list[Configuration]:
    """`count` of the 27,000 different models of report A's space that can learn."""
    return _drawn(product(WIDTHS, ACTIVATIONS, INITS, NORMS, DROPOUTS, RATES), count, seed)


def _drawn(points: product[Any], count: int, seed: int) -> list[Configuration]:
    every = [Configuration(*point) for point in points]
    draw = np.random.Generator(np.random.PCG64(derive_seed(seed, "benchmark of searches")))
    return [every[i] for i in draw.choice(len(every), count, replace=False)]


def sample(configurations: Sequence[Configuration], count: int) -> list[int]:
    """The numbers of `count` of them, spread evenly from the smallest to the largest: what a projection is made from.

    Sorted by what a training's time depends on, cut into `count` equal parts, the middle of each taken."""

    def size(i: int) -> tuple[Any, ...]:
        c = configurations[i]
        return c.weights, c.batch_norm, c.dropout > 0, c.activation, i

    order = sorted(range(len(configurations)), key=size)
    count = min(count, len(order))
    return [order[(2 * part + 1) * len(order) // (2 * count)] for part in range(count)]
