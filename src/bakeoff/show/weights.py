"""What the first layer of a network learned: the weights of each unit in the shape of the pixels that it looks at.

Shapes: U units (classes, filters), C channels (1 or 3), h, w pixels, D = C h w.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from bakeoff.errors import BakeoffError
from bakeoff.judge.results import EntryResult, Results
from bakeoff.models.layers import BatchNorm, Conv, Dense, Dropout, Flatten, Network, Place, Resize
from bakeoff.runs.run import Run
from bakeoff.runs.store import load_weights
from bakeoff.show.escape import tidy
from bakeoff.show.median import median_run, seed_words
from bakeoff.show.network import network_of
from bakeoff.show.palette import LIGHT, rgb
from bakeoff.show.sheet import reduced

Kind = Literal["class", "filter", "unit"]
MOST: dict[Kind, int] = {"class": 100, "filter": 96, "unit": 24}
"""How many are shown; of more, those with the largest weights."""
WITHIN = 0.995
"""Full colour stands for the weight that this share of them does not exceed, so that a few cannot fade all others."""
ZERO = "#f7f7f7"


@dataclass(frozen=True, eq=False)
class WeightPictures:
    """`tiles` uint8 [U, h, w, 3] with a name each; `total`: units of the layer; `side`: (h, w) of its own pixels,
    `channels` of its weights; `limit`: the weight at full colour; `seed`: whose they are, in words."""

    kind: Kind
    names: tuple[str, ...]
    tiles: np.ndarray
    total: int
    side: tuple[int, int]
    channels: int
    limit: float
    seed: str

    @property
    def words(self) -> str:
        """What the pictures are, and whose."""
        h, w = self.side
        part = f"The {len(self.names)} of {self.total:,}" if len(self.names) < self.total else f"All {self.total}"
        chosen = " with the largest weights (Euclidean norm), largest first" if len(self.names) < self.total else ""
        what = {
            "class": f"{part} classes{chosen}: the weight of every pixel in the score of the class",
            "unit": f"{part} units of the first layer{chosen}: the weight of every pixel",
            "filter": f"{part} filters of the first convolution{chosen}, {w} × {h} pixels each",
        }[self.kind]
        shown = self.tiles.shape[1:3]
        small = f", reduced to {shown[1]} × {shown[0]} pixels" if shown != self.side else ""
        return f"{what}{small}. Weights of {self.seed}."

    @property
    def scale(self) -> str:
        """What the colours mean."""
        beyond = f"which {100 * (1 - WITHIN):g}% of these weights exceed"
        if self.channels == 1:
            return f"Blue is negative, white 0, orange positive; full colour at ±{self.limit:.2g}, {beyond}."
        return (
            "Red, green and blue are the weights of the three channels: mid grey is 0, a channel is darkest at "
            f"−{self.limit:.2g} and brightest at +{self.limit:.2g}, {beyond}."
        )


def weight_pictures(entry: EntryResult, runs: Sequence[Run], results: Results) -> WeightPictures | None:
    """Of the median seed; None where the first layer does not look at pixels in one or three channels, or the run
    keeps no weights that can be read."""
    run = median_run(entry, runs)
    try:
        found = first_layer(network_of(entry, results.dataset))
        stored = load_weights(run).get(f"{found[0]}.weight") if run and found else None
    except (BakeoffError, ValueError, KeyError, TypeError):  # as in prose.build_of
        return None
    if run is None or found is None or stored is None:
        return None
    kind, shape = found[1:]
    if stored.size != len(stored) * math.prod(shape) or shape[0] not in (1, 3):
        return None
    weights = np.nan_to_num(stored.reshape(-1, *shape).astype(np.float32))
    norms = np.sqrt((weights.astype(float) ** 2).sum((1, 2, 3)))
    whole = len(weights) <= MOST[kind]
    picked = np.arange(len(weights)) if whole else np.argsort(-norms, kind="stable")[: MOST[kind]]
    limit = float(np.quantile(np.abs(weights[picked]), WITHIN)) or 1.0
    names = tuple(tidy(results.dataset.classes[i]) if kind == "class" else f"{kind} {i + 1}" for i in picked)
    tiles = colours(weights[picked], limit)
    return WeightPictures(kind, names, tiles, len(weights), shape[1:], shape[0], limit, seed_words(entry, run))


def first_layer(network: Network) -> tuple[Place, Kind, tuple[int, int, int]] | None:
    """Where the first layer with a weight for each pixel stands, what its units are, and the shape (C, h, w) of the
    weights of one; None if something else comes before."""
    shape = network.input_shape
    for place, layer in network.walk():
        match layer:
            case Dense() if layer.inputs == math.prod(shape):
                return place, "class" if layer is network.layers[-1] else "unit", shape
            case Conv() if layer.kernel > 1:
                return place, "filter", (layer.channels_in // layer.groups, layer.kernel, layer.kernel)
            case Resize():
                shape = (shape[0], layer.side, layer.side)
            case Flatten() | BatchNorm() | Dropout():
                continue
            case _:
                return None
    return None


def colours(weights: np.ndarray, limit: float) -> np.ndarray:
    """uint8 [U, h, w, 3] of weights [U, 1 or 3, h, w]: one channel from blue over white to orange, three as red, green
    and blue about mid grey; full colour at -limit and +limit."""
    small = reduced(torch.from_numpy(weights)).numpy()
    t = np.clip(small / limit, -1, 1).transpose(0, 2, 3, 1).astype(float)
    if t.shape[3] == 3:
        return np.rint(127.5 * (1 + t)).astype(np.uint8)
    ends = np.where(t < 0, rgb(LIGHT["c0"]), rgb(LIGHT["c1"]))
    return np.rint(rgb(ZERO) + np.abs(t) * (ends - rgb(ZERO))).astype(np.uint8)
