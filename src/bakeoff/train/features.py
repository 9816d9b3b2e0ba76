"""Features of pictures: what a frozen backbone makes of them, computed once and kept on disk.

Each picture goes through the backbone once, or once a view of it, however many heads are trained. Pictures are done in
pieces; a piece is one file, named by what it was computed from, so that any process can do any piece at any time, and
a pass that was interrupted goes on. A file is a SHA-256, then the float16 numbers that it is of: a piece that was
damaged is computed anew, and so are those of older versions, `.npy` files without a sum. Beside each stands how many
seconds it took, as JSON. Shapes: N pictures, C channels, D features, V views.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from bakeoff.atomic import write_bytes
from bakeoff.data import Dataset, Examples, augment, data_home
from bakeoff.models import compile_forward, initialise
from bakeoff.models.frozen import frozen_backbone, head, trunk
from bakeoff.models.layers import Network
from bakeoff.models.revision import backbone_revision
from bakeoff.recipe import Augment, Recipe, canonical, derive_seed
from bakeoff.runs import hash_weights
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.passes import passes

PIECE = 1_000
"""Pictures a file: seconds of work, so that workers balance and little is lost."""
BATCH = 16
"""Pictures a forward pass: the activations of a few stay in cache (docs/log.md)."""
VERSION = 1
"""Raised whenever our code changes what comes out."""
_SUM = hashlib.sha256().digest_size


def trained_part(network: Network, recipe: Recipe) -> Network:
    """The network that the step loop trains: all of it, or what comes behind kept features."""
    return head(network) if keeps_features(network, recipe) else network


def keeps_features(network: Network, recipe: Recipe) -> bool:
    """Whether the backbone's part of this training is computed once: it is frozen, and the pictures do not change from
    epoch to epoch but for a fixed number of views."""
    return frozen_backbone(network) is not None and (not recipe.augment.changes or recipe.augment.views > 0)


@dataclass(frozen=True)
class Piece:
    """Some pictures of one part ("train", "test") in one view; view 0 is the pictures as they are."""

    part: str
    view: int
    number: int


class FeatureCache:
    """The features of one dataset through one backbone, below `home` (default: where datasets are kept)."""

    def __init__(self, dataset: Dataset, network: Network, how: Augment, home: Path | None = None) -> None:
        self.dataset = dataset
        self.how = how
        self.network = trunk(network)
        self.views = how.views if how.changes else 0
        self.home = home or data_home() / "features"
        self._tensors: dict[str, torch.Tensor] = {}

    def pieces(self) -> list[Piece]:
        """All that is needed: both parts as they are, and the training pictures once a view."""
        of = {"train": range(self.views + 1), "test": range(1)}
        return [
            Piece(part, view, number)
            for part, views in of.items()
            for view in views
            for number in range(-(-len(self._examples(part)) // PIECE))
        ]

    def missing(self) -> list[Piece]:
        return [piece for piece in self.pieces() if not self._path(piece).exists()]

    def compute(self, piece: Piece, threads: int = 1) -> None:
        """Send the piece's pictures through the backbone and keep what comes out, float16, and the seconds it took."""
        start = piece.number * PIECE
        images = self._examples(piece.part).images[start : start + PIECE]
        if piece.view:
            seed = derive_seed(0, "view", piece.view, piece.number)
            images = augment(images, self.how, torch.Generator().manual_seed(seed))
        run, weights = compile_forward(self.network), self._weights
        torch.set_num_threads(threads)
        started = time.perf_counter()
        with torch.inference_mode(), threadpool_limits(threads):
            batches = passes(lambda batch: run(weights, batch.float().div_(255)), images, BATCH)
        seconds = threads * (time.perf_counter() - started)
        numbers = torch.cat(batches).half().numpy().astype("<f2").tobytes()
        # The seconds first: a piece that is there has them, unless it is an earlier version's.
        write_bytes(self._seconds_path(piece), json.dumps(seconds).encode())
        write_bytes(self._path(piece), hashlib.sha256(numbers).digest() + numbers)

    def load(self, should_stop: Callable[[], bool] = lambda: False) -> tuple[Dataset, torch.Tensor | None]:
        """(the dataset with features float16 [N, D, 1, 1] for pictures, its training views [V, N, D, 1, 1] or None).

        What is missing or damaged is computed here and now, unless `should_stop()` turns true: Interrupted.
        """
        train, test = self._read("train", 0, should_stop), self._read("test", 0, should_stop)
        views = [self._read("train", view, should_stop) for view in range(1, self.views + 1)]
        return self._instead(train, test), torch.stack(views) if views else None

    def seconds(self) -> float | None:
        """What the whole pass took, seconds of one core summed over its pieces; None if it is not known of every one,
        as of those of earlier versions."""
        found = [read_seconds(self._seconds_path(piece)) for piece in self.pieces()]
        return None if None in found else math.fsum(one for one in found if one is not None)

    def zeros(self) -> tuple[Dataset, torch.Tensor | None]:
        """What `load` gives, in shape alone."""
        train, test = (
            torch.zeros(len(self._examples(part)), *head(self.network).input_shape, dtype=torch.float16)
            for part in ("train", "test")
        )
        return self._instead(train, test), torch.stack([train] * self.views) if self.views else None

    def seconds_a_picture(self) -> float:
        """What a pass costs on one thread, from a few pictures."""
        images = self.dataset.train.images[:BATCH].float().div_(255)
        run = compile_forward(self.network)
        torch.set_num_threads(1)
        with torch.inference_mode(), threadpool_limits(1):
            run(self._weights, images[: BATCH // 5])  # warms up
            started = time.perf_counter()
            run(self._weights, images)
            return (time.perf_counter() - started) / len(images)

    def _instead(self, train: torch.Tensor, test: torch.Tensor) -> Dataset:
        examples = Examples(train, self.dataset.train.labels), Examples(test, self.dataset.test.labels)
        return Dataset(
            self.dataset.name, self.dataset.classes, *examples, validation_index=self.dataset.validation_index
        )

    def _read(self, part: str, view: int, should_stop: Callable[[], bool]) -> torch.Tensor:
        return torch.cat([self._read_piece(p, should_stop) for p in self.pieces() if (p.part, p.view) == (part, view)])

    def _read_piece(self, piece: Piece, should_stop: Callable[[], bool]) -> torch.Tensor:
        count = min(PIECE, len(self._examples(piece.part)) - piece.number * PIECE)
        shape = count, *head(self.network).input_shape
        for _ in range(2):
            numbers = unsealed(self._path(piece))
            if len(numbers) == 2 * math.prod(shape):
                return torch.from_numpy(np.frombuffer(numbers, "<f2").astype(np.float16).reshape(shape))
            if should_stop():
                raise Interrupted
            self.compute(piece)
        raise OSError(f"{self._path(piece)}: cannot be read back")

    def _examples(self, part: str) -> Examples:
        return self.dataset.train if part == "train" else self.dataset.test

    @property
    def _weights(self) -> dict[str, torch.Tensor]:
        if not self._tensors:
            self._tensors = initialise(self.network, "torch", 0)
        return self._tensors

    @cached_property
    def _through(self) -> str:
        """What the features depend on beside the pictures."""
        weights = hash_weights({name: tensor.numpy() for name, tensor in self._weights.items()})
        (layer,) = self.network.layers
        version = VERSION + backbone_revision(layer, self.network.input_shape)
        return canonical([version, repr(self.network.layers), weights])

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {part: self._examples(part).digest() for part in ("train", "test")}

    def _path(self, piece: Piece) -> Path:
        change = self.how.model_dump(exclude={"views"}) if piece.view else None
        told = canonical([self._through, self._digests[piece.part], change, PIECE])
        key = hashlib.sha256(told.encode()).hexdigest()[:32]
        return self.home / key / f"view-{piece.view}-{piece.number:05d}.f16"

    def _seconds_path(self, piece: Piece) -> Path:
        return self._path(piece).with_suffix(".seconds")


def read_seconds(path: Path) -> float | None:
    """What is recorded beside a piece; None where nothing is, or no time."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return float(found) if isinstance(found, float) and math.isfinite(found) and found >= 0 else None


def unsealed(path: Path) -> bytes:
    """The numbers of a piece; none of one that is not there or differs from its sum."""
    try:
        content = path.read_bytes()
    except OSError:
        return b""
    told, numbers = content[:_SUM], content[_SUM:]
    return numbers if hashlib.sha256(numbers).digest() == told else b""
