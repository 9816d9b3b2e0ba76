"""How a file of somebody else's takes pictures: every custom is tried on labelled training pictures, never on the test
set. Shapes: N pictures, V values that the file gives, D features, K classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from bakeoff.data import Dataset, normaliser
from bakeoff.errors import UsageError
from bakeoff.models.foreign.architecture import OnnxArguments, plain_layer
from bakeoff.models.foreign.layer import as_it_is, macs, width
from bakeoff.models.foreign.pixels import NAMED
from bakeoff.models.foreign.reading import metadata_of, read_graph
from bakeoff.models.layers import Imported
from bakeoff.recipe import Input, derive_seed
from bakeoff.ship.customs import USUAL, Tried, check_alone, check_hope, check_order, leaders

FIRST, MOST = 500, 5_000
"""Pictures that every custom is tried on, and those that are then still in question; of large networks fewer."""
WORK = 2e11
"""Multiply-adds, about, that the first trial of a custom may take, from 100 pictures on."""
CHUNK = 250
DATA = "data"
"""The custom of the dataset's own mean and deviation."""
GIVEN = "given"
LAYOUTS = ("nchw", "nhwc")
MADE_FOR = {"imagenet": 3, "caffe": 3, "mnist": 1}
"""Channels of the pictures that a custom is about; the others are about any."""


@dataclass(frozen=True)
class Found:
    """`arguments`: what to write of the architecture `onnx`; `tried`: all customs, the chosen one first."""

    arguments: dict[str, Any]
    tried: list[Tried]


@dataclass(frozen=True, eq=False)
class Probe:
    """A file beside the labelled pictures of a dataset.

    `given`: arguments of `onnx` that are settled; `train: head` means that its features are what counts, not its
    answers. `rows`: of the training pictures, those that may be used.
    """

    given: dict[str, Any]
    dataset: Dataset
    rows: np.ndarray

    @property
    def _features(self) -> bool:
        return self.given.get("train") == "head"

    def find(self) -> Found:
        """Raises UsageError, with the figures, if nothing answers better than guessing, if the classes are in another
        order, or if two customs that answer differently are as good."""
        tried = [one for layout in self._layouts() for one in self._tried(layout)]
        open_ = leaders(tried)
        if len(open_) > 1:
            again = [self._try(one.layout, one.pixels, MOST) for one in open_]
            tried = [*again, *(one for one in tried if one not in open_)]
            open_ = leaders(again, USUAL)
        best, *others = open_
        if not self._features and "columns" not in self.given:
            check_order([one for one in tried if not one.refused], self.dataset.classes)
        check_hope(best, tried)
        check_alone(best, others)
        rest = sorted((one for one in tried if one is not best), key=lambda one: (bool(one.refused), -one.accuracy))
        told = {"layout": best.layout, "pixels": self._pixels(best.pixels), **self._gives(best)}
        return Found({**self.given, **told}, [best, *rest])

    def _layouts(self) -> Sequence[str]:
        graph = read_graph(self.given["file"], self.given.get("output"))
        said = self.given.get("layout") or metadata_of(self.given["file"]).get("layout", "").lower()
        return (said,) if said in LAYOUTS else ("nchw",) if len(graph.shape) == 3 else LAYOUTS

    def _tried(self, layout: str) -> Iterator[Tried]:
        """Every custom in this layout, or why there is none."""
        graph = read_graph(self.given["file"], self.given.get("output"))
        try:
            channels = self._layer(layout, "unit").channels
        except UsageError as error:
            yield Tried(layout, "any", refused=str(error))
            return
        fitting = [name for name in NAMED if MADE_FOR.get(name, channels) == channels]
        names = [GIVEN] if "pixels" in self.given else ["byte"] if graph.kind == "uint8" else [*fitting, DATA]
        yield from (self._try(layout, name, FIRST) for name in names)

    def _pixels(self, name: str) -> Any:
        if name == GIVEN:
            return self.given["pixels"]
        if name != DATA:
            return name
        told = normaliser(self.dataset.train.images, Input()).statistics
        return {key: [round(v, 4) for v in told[key].flatten().tolist()] for key in ("mean", "std")}

    def _order(self) -> np.ndarray:
        draw = np.random.Generator(np.random.PCG64(derive_seed(0, "probe")))
        return draw.permutation(self.rows)[:MOST]

    def _layer(self, layout: str, pixels: str) -> Imported:
        told = {key: self.given[key] for key in ("file", "output", "size") if key in self.given}
        layer = plain_layer(
            OnnxArguments.model_validate({**told, "layout": layout, "pixels": self._pixels(pixels)}), self.dataset.shape
        )
        return replace(layer, gives="features") if self._features else layer

    def _try(self, layout: str, pixels: str, most: int) -> Tried:
        try:
            layer = self._layer(layout, pixels)
            affordable = max(100, WORK / max(1, macs(layer))) * most / FIRST
            rows = self._order()[: int(min(most, affordable))]
            values = self._values(layer, rows)
        except UsageError as error:
            return Tried(layout, pixels, refused=str(error))
        labels = self.dataset.train.labels.numpy()[rows]
        if self._features:
            return Tried(layout, pixels, _by_ridge(values, labels), labels[len(labels) // 2 :])
        return Tried(layout, pixels, self._answers(values), labels)

    def _values(self, layer: Imported, rows: np.ndarray) -> np.ndarray:
        """float32 [N, V]"""
        parts = torch.from_numpy(rows).split(CHUNK)
        return torch.cat([as_it_is(layer, self.dataset.train.images[some].float() / 255) for some in parts]).numpy()

    def _answers(self, values: np.ndarray) -> np.ndarray:
        chosen = values[:, list(self.given["columns"])] if "columns" in self.given else values
        return np.where(np.isfinite(chosen).all(1), np.nan_to_num(chosen).argmax(1), -1)

    def _gives(self, best: Tried) -> dict[str, str]:
        """Logits or probabilities, by what they add up to."""
        if self._features or "gives" in self.given:
            return {}
        values = self._values(self._layer(best.layout, best.pixels), self._order()[:CHUNK])
        shares = (values >= 0).all() and np.allclose(values.sum(1), 1, atol=1e-3)
        return {"gives": "probabilities"} if shares else {}


def _by_ridge(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Answers [N - N/2] to the second half of the pictures, of a linear classifier that was fitted on the first (least
    squares with a ridge)."""
    half = len(features) // 2
    centre, spread = features[:half].mean(0), features[:half].std(0) + 1e-6
    x = np.nan_to_num((features - centre) / spread).astype(np.float64)
    target = np.eye(int(labels.max()) + 1)[labels[:half]]
    gram = x[:half] @ x[:half].T + x.shape[1] * np.eye(half)
    return (x[half:] @ (x[:half].T @ np.linalg.solve(gram, target - target.mean(0)))).argmax(1)


def values_of(given: dict[str, Any], dataset: Dataset) -> int:
    """How many values a file gives a picture, in whichever layout it takes pictures at all. Raises UsageError if it
    takes them in none."""
    told, mistakes = {key: given[key] for key in ("file", "output", "size") if key in given}, dict[str, str]()
    for layout in (given["layout"],) if "layout" in given else LAYOUTS:
        try:
            return width(plain_layer(OnnxArguments.model_validate({**told, "layout": layout}), dataset.shape))
        except UsageError as error:
            mistakes[layout] = str(error)
    if len(set(mistakes.values())) == 1:
        raise UsageError(next(iter(mistakes.values())))
    raise UsageError(f"it takes none of these pictures: {'; '.join(': '.join(one) for one in mistakes.items())}")
