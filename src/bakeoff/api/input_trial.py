"""How the pixels were prepared that foreign weights were trained on: found by trying the customs on labelled training
pictures, never on the test set.

Shapes: N pictures, K classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from bakeoff.data import Dataset, Split, normaliser
from bakeoff.errors import UsageError
from bakeoff.judge.metrics import per_image_nll
from bakeoff.judge.temperature import fit_temperature
from bakeoff.judge.words import bracket, listed, percent
from bakeoff.models import compile_forward, totals
from bakeoff.models.foreign.pixels import NAMED
from bakeoff.models.layers import Network
from bakeoff.recipe import Input, derive_seed
from bakeoff.ship.customs import SAME, Tried, check_hope, leaders
from bakeoff.ship.trained import batch_size, batches

FEWEST, MOST = 2_000, 20_000
"""Pictures that every input is tried on; of large networks the fewest."""
WORK = 2e11
"""Multiply-adds, about, that one input may take."""
CERTAIN = 3.0
"""Standard errors, in mean loss on the same pictures, by which an input is worse than the best."""


@dataclass(frozen=True, eq=False)
class TriedInput(Tried):
    """`losses` float64 [N]: minus the log-probability of the true class, each input at its own best `temperature`, so
    that logits which are only smaller do not count as worse."""

    input: Input = field(default_factory=Input)
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    temperature: float = 1.0

    @property
    def sentence(self) -> str:
        return f"{self.pixels}: {percent(self.accuracy)} {bracket(self.interval)} of {self.pictures:,}"

    @property
    def loss(self) -> float:
        """Mean, in nats."""
        return float(self.losses.mean())


def customs(channels: int, rescaled: tuple[float, float] | None = None) -> dict[str, Input]:
    """What people do to pixels, by name. `rescaled`: (scale, offset) of a network that begins by rescaling them."""
    if rescaled:
        scale, offset = rescaled
        return {
            "own-of-bytes": Input(scale=255 * scale, mean=(-offset,), std=(1.0,)),
            "own-of-unit": Input(scale=scale, mean=(-offset,), std=(1.0,)),
        }
    known = {"standard": Input()}
    for name, of in NAMED.items():
        grey = name == "mnist"
        if not of.bgr and of.channels in (None, channels) and grey <= (channels == 1):
            known[name] = Input(scale=of.scale, mean=of.mean, std=of.std)
    return known


def try_inputs(
    network: Network,
    tensors: Mapping[str, torch.Tensor],
    dataset: Dataset,
    split: Split,
    inputs: Mapping[str, Input],
) -> list[TriedInput]:
    """Every one of `inputs` on the same pictures, at most 20,000 of those that training and validation may use."""
    draw = np.random.Generator(np.random.PCG64(derive_seed(0, "pictures to try inputs on", split.digest)))
    count = min(MOST, max(FEWEST, int(WORK / max(1, totals(network).macs))))
    rows = np.sort(draw.permutation(np.concatenate([split.train, split.validation]))[:count])
    examples, everything = dataset.train.take(rows), dataset.train.take(split.train).images
    run, labels, size = compile_forward(network), examples.labels.numpy(), batch_size(network)
    found = []
    for name, how in inputs.items():
        prepare = normaliser(everything, how)
        with torch.inference_mode():
            parts = [run(tensors, prepare(torch.from_numpy(b))) for b in batches(examples.images.numpy(), size)]
        logits = torch.cat(parts).numpy()
        temperature = fit_temperature(logits, labels)
        losses = per_image_nll(logits / temperature, labels)
        found.append(TriedInput("", name, logits.argmax(1), labels, "", how, losses, temperature))
    return found


def chosen(tried: Sequence[TriedInput]) -> TriedInput:
    """The best; of those that are as good and answer alike, the one whose probabilities need the least correction.

    Raises UsageError, with the figures, where none is better than naming the commonest class, and where two that are as
    good answer differently.
    """
    first = [one for one in leaders(tried) if isinstance(one, TriedInput)]
    check_hope(first[0], tried, "--input")
    best = min(first, key=lambda one: one.loss)
    close = [one for one in first if _behind(one, best) < CERTAIN]
    others = [one.pixels for one in close if one.alike(best) < SAME]
    if others:
        figures = ", ".join(f"{one.pixels} {percent(one.accuracy, 1)} (loss {one.loss:.3g})" for one in close)
        raise UsageError(
            f"{listed([best.pixels, *others])} are about as good and do not answer alike: {figures}, on "
            f"{best.pictures:,} training pictures; say which it was trained with: --input"
        )
    return min(close, key=lambda one: abs(math.log(one.temperature)))


def _behind(one: TriedInput, best: TriedInput) -> float:
    """Standard errors; 0 for what comes to the same."""
    differences = one.losses - best.losses
    spread = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    return float(differences.mean()) / spread if spread > 0 else 0.0
