"""safetensors: every tensor under the names of a run folder, the card in the header; bakeoff rebuilds the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.torch import save_file

from bakeoff.errors import BakeoffError, UsageError
from bakeoff.ship.card import Card
from bakeoff.ship.trained import Trained, rebuilt


def write_safetensors(model: Trained, path: Path) -> None:
    """The statistics of the input are among the tensors, as `input.scale`, `input.mean` and `input.std`."""
    statistics = {f"input.{name}": tensor for name, tensor in model.normalise.statistics.items()}
    tensors = {name: tensor.contiguous() for name, tensor in {**model.tensors, **statistics}.items()}
    save_file(tensors, path, metadata=model.card.to_metadata())


def read_safetensors(path: Path) -> Trained:
    """Raises UsageError for a file that is not one of ours."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata, stored = file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:  # safetensors raises bare types of its own
        raise UsageError(f"{path}: not a safetensors file ({' '.join(str(error).split())[:200]})") from error
    card = Card.from_metadata(metadata, str(path))
    try:
        model = rebuilt(card, stored)
        model.logits(np.zeros((1, *card.input_shape), np.uint8))
    except (BakeoffError, LookupError, ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{path}: its tensors are not those of the model that its card names ({reason})") from error
    return model


class SafetensorsModel:
    """Such a file in PyTorch, rebuilt by bakeoff."""

    def __init__(self, path: Path) -> None:
        self._model = read_safetensors(path)

    def __call__(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(logits float32 [N, K], None), of uint8 [N, C, H, W]."""
        return self._model.logits(pictures), None
