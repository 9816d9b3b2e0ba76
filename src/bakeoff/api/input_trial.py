"""How the pixels were prepared that foreign weights were trained on: found by trying the customs on labelled training
pictures, never on the test set.

Shapes: N pictures, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from bakeoff.data import Dataset, Split, normaliser
from bakeoff.errors import UsageError
from bakeoff.judge.intervals import wilson
from bakeoff.judge.metrics import per_image_nll
from bakeoff.judge.words import listed, percent
from bakeoff.models import compile_forward
from bakeoff.models.foreign.pixels import NAMED
from bakeoff.models.layers import Network
from bakeoff.recipe import Input, derive_seed
from bakeoff.ship.trained import batch_size, batches

PICTURES = 2_000
CERTAIN = 3.0
"""Standard errors by which the best must be ahead of every other, in mean loss on the same pictures."""


@dataclass(frozen=True, eq=False)
class Tried:
    """`accuracy` 0..1 and `loss`, the mean negative log-probability in nats, on training pictures prepared by `input`;
    `losses` float64 [N], of each."""

    name: str
    input: Input
    accuracy: float
    loss: float
    losses: np.ndarray


def customs(channels: int, rescaled: tuple[float, float] | None = None) -> dict[str, Input]:
    """What people do to pixels, by name. `rescaled`: (scale, offset) of a network that begins by rescaling them."""
    if rescaled:
        scale, offset = rescaled
        return {
            "the file's own rescaling, of 0..255": Input(scale=255 * scale, mean=(-offset,), std=(1.0,)),
            "the file's own rescaling, of 0..1": Input(scale=scale, mean=(-offset,), std=(1.0,)),
        }
    known = {"standard": Input()}
    for name, of in NAMED.items():
        if not of.bgr and of.channels in (None, channels):
            known[name] = Input(scale=of.scale, mean=of.mean, std=of.std)
    return known


def try_inputs(
    network: Network,
    tensors: Mapping[str, torch.Tensor],
    dataset: Dataset,
    split: Split,
    inputs: Mapping[str, Input],
) -> list[Tried]:
    """Every one of `inputs` on the same 2,000 training pictures at most, the lowest loss first."""
    draw = np.random.Generator(np.random.PCG64(derive_seed(0, "pictures to try inputs on", split.digest)))
    rows = np.sort(draw.permutation(split.train)[:PICTURES])
    examples, everything = dataset.train.take(rows), dataset.train.take(split.train).images
    run, labels = compile_forward(network), examples.labels.numpy()
    found = []
    for name, how in inputs.items():
        prepare = normaliser(everything, how)
        with torch.inference_mode():
            parts = [
                run(tensors, prepare(torch.from_numpy(batch))).numpy()
                for batch in batches(examples.images.numpy(), batch_size(network))
            ]
        logits = np.concatenate(parts)
        losses = per_image_nll(logits, labels)
        found.append(Tried(name, how, float((logits.argmax(1) == labels).mean()), float(losses.mean()), losses))
    return sorted(found, key=lambda one: one.loss)


def chosen(tried: Sequence[Tried], classes: int) -> Tried:
    """The best. Raises UsageError where it is no better than guessing, or hardly better than another."""
    best, n = tried[0], len(tried[0].losses)
    if wilson(best.accuracy * n, n, 0.99).low <= 1 / classes:
        raise UsageError(
            f"none of the customs makes it better than guessing among {classes} classes: {_numbers(tried)}, on {n:,} "
            "training pictures. Other classes, another order of them, or weights of something else?"
        )
    close = [other for other in tried[1:] if _ahead(best, other) < CERTAIN]
    if close:
        raise UsageError(
            f"{listed([best.name, *(other.name for other in close)])} fit nearly as well: {_numbers(tried)}, on {n:,} "
            "training pictures. Say which it was trained with: --input"
        )
    return best


def _ahead(best: Tried, other: Tried) -> float:
    """Standard errors; infinite for what comes to the same."""
    differences = other.losses - best.losses
    spread = float(differences.std(ddof=1)) / np.sqrt(len(differences))
    return float(differences.mean()) / spread if spread > 0 else np.inf


def _numbers(tried: Sequence[Tried]) -> str:
    return ", ".join(f"{one.name} {percent(one.accuracy, 1)} (loss {one.loss:.3g})" for one in tried[:4])
