"""A finished run as something that answers: pictures in, logits out. Shapes: N pictures, C, H, W, K classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from bakeoff.data import Dataset, Normaliser, Split
from bakeoff.errors import UsageError
from bakeoff.judge.metrics import softmax
from bakeoff.judge.temperature import fit_temperature
from bakeoff.models import build, compile_forward
from bakeoff.models.backbones import facts
from bakeoff.models.footprint import pictures_a_pass
from bakeoff.models.frozen import completed
from bakeoff.models.layers import Backbone, Imported, Network
from bakeoff.recipe import Recipe
from bakeoff.runs import Run, load_weights
from bakeoff.ship.card import Card
from bakeoff.ship.familiar import SAMPLE, measure

_LARGEST_BATCH = 256


@dataclass(frozen=True, eq=False)
class Trained:
    """`tensors`: all of them, a frozen backbone's too; float32 on the CPU."""

    network: Network
    tensors: Mapping[str, torch.Tensor]
    normalise: Normaliser
    card: Card

    def logits(self, pictures: np.ndarray) -> np.ndarray:
        """float32 [N, K] of uint8 [N, C, H, W], in batches."""
        with torch.inference_mode():
            parts = [
                self._run(self.tensors, self.normalise(torch.from_numpy(np.ascontiguousarray(batch)))).numpy()
                for batch in batches(pictures, self.card.batch)
            ]
        return np.concatenate(parts)

    @cached_property
    def _run(self):  # type: ignore[no-untyped-def]
        return compile_forward(self.network)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """float64 [N, K]: softmax of the logits over the temperature."""
        return softmax(logits / self.card.temperature)


def batches(pictures: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Pieces of at most `size`; one empty piece for no pictures."""
    yield from (pictures[i : i + size] for i in range(0, max(1, len(pictures)), size))


@dataclass(frozen=True)
class Origin:
    """Where a run stands in its study."""

    study: str
    study_key: str
    entry: str


def trained(run: Run, dataset: Dataset, split: Split, origin: Origin) -> Trained:
    """The model of a run, with its card. `split`: what the run was trained on; its validation pictures say what looks
    familiar, their stored logits calibrate. Raises UsageError for a training that diverged."""
    if run.summary["diverged"]:
        raise UsageError(
            f"{origin.entry} seed {run.job.seed} {run.summary['stopped']}; it has no weights worth shipping"
        )
    network = _network(run.job.model, run.job.recipe, dataset.shape, len(dataset.classes))
    stored = {name: torch.from_numpy(array) for name, array in load_weights(run).items()}
    normalise = Normaliser.from_statistics(_input_of(stored))
    own = {name: t for name, t in stored.items() if not name.startswith("input.")}
    tensors = completed(network, own, run.job.seed)
    shown = dataset.train.images.numpy()
    validated = len(run.validation_labels)
    card = Card(
        classes=dataset.classes,
        input_shape=dataset.shape,
        **_statistics(network, normalise),
        temperature=fit_temperature(run.validation_logits, run.validation_labels) if validated else 1.0,
        calibrated_on=validated,
        familiar=measure(shown[np.sort(split.train[:SAMPLE])], shown[split.validation]),
        batch=batch_size(network),
        study=origin.study,
        study_key=origin.study_key,
        entry=origin.entry,
        seed=run.job.seed,
        run_key=run.key,
        dataset=dataset.name,
        model=run.job.model,
        recipe=run.job.recipe.model_dump(mode="json"),
        flops_forward=run.summary["flops_forward"],
    )
    return Trained(network, tensors, normalise, card)


def rebuilt(card: Card, stored: Mapping[str, torch.Tensor]) -> Trained:
    """The model of a card and of all its tensors, those of the input under `input.` (see `safetensors_file`)."""
    network = _network(card.model, Recipe.model_validate(card.recipe), card.input_shape, len(card.classes))
    tensors = {name: tensor for name, tensor in stored.items() if not name.startswith("input.")}
    return Trained(network, tensors, Normaliser.from_statistics(_input_of(stored)), card)


def _network(model: dict, recipe: Recipe, shape: tuple[int, int, int], classes: int) -> Network:
    return build(model, input_shape=shape, classes=classes, **recipe.layers)


def _input_of(stored: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix("input."): t for name, t in stored.items() if name.startswith("input.")}


def _statistics(network: Network, normalise: Normaliser) -> dict:
    """The fields of a card that say what the network sees; a backbone has numbers and a size of its own."""
    first = network.layers[0]
    if isinstance(first, Backbone):
        known = facts(first.name)
        return {"scale": 1.0, "mean": known.mean, "std": known.std, "side": first.side}
    if isinstance(first, Imported):
        return {"scale": first.pixels.scale, "mean": first.pixels.mean, "std": first.pixels.std}
    mean = normalise.mean
    return {
        "scale": float(normalise.scale),
        "mean": tuple(mean.mean((1, 2)).tolist()),
        "std": tuple(normalise.std.flatten().tolist()),
        "mean_picture": mean.shape[1:] != (1, 1),
    }


def batch_size(network: Network) -> int:
    """Pictures that the model takes at a time."""
    return pictures_a_pass(network, _LARGEST_BATCH)
