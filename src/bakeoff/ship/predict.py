"""Answers to pictures from files, in a stream: the next ones are read while the model looks at these.

N pictures, C channels, H, W, K classes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from bakeoff.cores import cores
from bakeoff.data.pictures import quiet, read_pixels
from bakeoff.data.stream import refuse_special, shown
from bakeoff.errors import DataError, UsageError
from bakeoff.judge.metrics import softmax
from bakeoff.ship.card import Card
from bakeoff.ship.formats import Answers
from bakeoff.ship.onnx_file import OnnxModel
from bakeoff.ship.safetensors_file import read_safetensors
from bakeoff.ship.trained import Trained

PIECE = 32
"""Pictures that a thread reads in one go."""
READERS = 4
"""Threads that read, at most: each may hold a decoded photo of 64 megapixels."""


@dataclass(frozen=True)
class Guess:
    label: str
    confidence: float
    """0..1, calibrated as the model's card says"""


@dataclass(frozen=True)
class Answer:
    """`guesses`: likeliest first; none with an `error`, which says why the picture could not be read. `unlike`: whether
    it looks unlike the training pictures (see `familiar`); None where that cannot be said."""

    file: str
    guesses: tuple[Guess, ...]
    unlike: bool | None = None
    error: str | None = None


@dataclass(frozen=True)
class Model:
    """What answers, and its card."""

    card: Card
    answers: Answers


def of_trained(model: Trained) -> Model:
    return Model(model.card, lambda pictures: (model.logits(pictures), None))


def of_file(path: Path) -> Model:
    """An exported .onnx or .safetensors file. Raises UsageError for one that is missing or that `bakeoff export` did
    not write, DataError for a pipe."""
    refuse_special(path)
    if not path.exists():
        raise UsageError(f"{shown(path)}: no such file")
    if path.suffix.lower() == ".safetensors":
        return of_trained(read_safetensors(path))
    model = OnnxModel(path)
    return Model(Card.from_metadata(model.metadata, shown(path)), model)


def predict_files(model: Model, paths: Iterable[Path], *, top: int = 1) -> Iterator[Answer]:
    """One answer a path, in their order. Pictures are brought to the model's size and channels as those of a folder are
    for training (`read_pixels`). Memory holds two batches, however many paths there are.

    Raises UsageError for a model whose pictures have neither one nor three channels, or that does not answer as its
    card says.
    """
    channels = model.card.input_shape[0]
    if channels not in (1, 3):
        raise UsageError(f"this model takes pictures of {channels} channels; files have 1 (grey) or 3 (colour)")
    readers = min(READERS, cores())
    waiting: deque[list[Future[list[_Read]]]] = deque()
    with quiet(), ThreadPoolExecutor(readers) as pool:
        source = iter(paths)
        try:
            while batch := list(islice(source, model.card.batch)):
                pieces = [batch[i : i + PIECE] for i in range(0, len(batch), PIECE)]
                waiting.append([pool.submit(_read, piece, model.card.input_shape) for piece in pieces])
                if len(waiting) > 1:
                    yield from _answered(model, waiting.popleft(), top)
            while waiting:
                yield from _answered(model, waiting.popleft(), top)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, eq=False)
class _Read:
    """`pixels`: uint8 [C, H, W], or None and an error"""

    file: str
    pixels: np.ndarray | None
    error: str | None


def _read(paths: list[Path], shape: tuple[int, int, int]) -> list[_Read]:
    found = []
    for path in paths:
        name = shown(path)
        try:
            found.append(_Read(name, read_pixels(path, size=shape[1:], channels=shape[0]), None))
        except DataError as error:
            found.append(_Read(name, None, str(error).removeprefix(f"{name}: ")))
    return found


def _answered(model: Model, futures: list[Future[list[_Read]]], top: int) -> Iterator[Answer]:
    read = [one for future in futures for one in future.result()]
    pictures = [one.pixels for one in read if one.pixels is not None]
    answers = iter(_look(model, np.stack(pictures), top) if pictures else ())
    for one in read:
        if one.pixels is None:
            yield Answer(one.file, (), error=one.error)
        else:
            guesses, unlike = next(answers)
            yield Answer(one.file, guesses, unlike)


def _look(model: Model, pictures: np.ndarray, top: int) -> Iterator[tuple[tuple[Guess, ...], bool | None]]:
    """(guesses, unlike) of each of uint8 [N, C, H, W]"""
    card = model.card
    logits, _ = model.answers(pictures)
    if logits.shape != (len(pictures), len(card.classes)):
        raise UsageError(f"the model gives {list(logits.shape)} logits, its card names {len(card.classes)} classes")
    told = softmax(logits / card.temperature)
    unlike = card.familiar.unlike(pictures).tolist() if card.familiar else [None] * len(pictures)
    order = np.argsort(-told, axis=1, kind="stable")[:, :top]
    for row, chosen, odd in zip(told, order, unlike, strict=True):
        yield tuple(Guess(card.classes[k], float(row[k])) for k in chosen), odd
