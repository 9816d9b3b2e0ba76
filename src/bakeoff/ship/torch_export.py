"""torch-export: PyTorch's own format (.pt2), which loads without bakeoff: `torch.export.load(path).module()`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from bakeoff.ship.module import Shipped, example
from bakeoff.ship.trained import Trained

CARD = "card.json"
_NOTES = ("stack_trace", "nn_module_stack", "source_fn_stack")


def write_torch(model: Trained, path: Path) -> None:
    """The card lies in it as an extra file, `card.json`. Nothing in it is a pickle."""
    program = torch.export.export(
        Shipped(model).eval(), (example(model),), dynamic_shapes=({0: torch.export.Dim("batch")},)
    )
    # Example inputs would be pickled, and notes on the nodes name paths of this machine.
    program._example_inputs = None  # type: ignore[assignment]
    for node in program.graph.nodes:
        for note in _NOTES:
            node.meta.pop(note, None)
    torch.export.save(program, path, extra_files={CARD: json.dumps(model.card.model_dump(mode="json"))})


class TorchModel:
    """A .pt2 file in PyTorch."""

    def __init__(self, path: Path) -> None:
        self._module = torch.export.load(path).module()

    def __call__(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(logits, probabilities), float32 [N, K], of uint8 [N, C, H, W]."""
        with torch.inference_mode():
            probabilities, logits = self._module(torch.from_numpy(np.ascontiguousarray(pictures)))
        return logits.numpy(), probabilities.numpy()
