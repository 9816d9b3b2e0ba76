"""What a file holds, as PyTorch sees it. Shapes: B pictures, C, H, W, K classes."""

from __future__ import annotations

import torch
from torch import nn

from bakeoff.models import compile_forward
from bakeoff.ship.trained import Trained


class Shipped(nn.Module):
    """The computation that leaves the house. uint8 [B, C, H, W] -> probabilities, logits, both float32 [B, K];
    `unit`: float32 pictures 0..1 -> logits alone."""

    def __init__(self, model: Trained, *, unit: bool = False) -> None:
        super().__init__()
        self._run = compile_forward(model.network, fast_layout=False)
        # Dots are not allowed in the names of buffers.
        self._names = {name: name.replace(".", "/") for name in model.tensors}
        for name, tensor in model.tensors.items():
            self.register_buffer(self._names[name], tensor)
        self.register_buffer("factor", model.normalise.factor * (255 if unit else 1))
        self.register_buffer("offset", model.normalise.offset)
        self._temperature, self._unit = model.card.temperature, unit

    def forward(self, pictures: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        x = pictures.to(torch.float32) * self.get_buffer("factor") + self.get_buffer("offset")
        logits = self._run({name: self.get_buffer(own) for name, own in self._names.items()}, x)
        return logits if self._unit else (torch.softmax(logits / self._temperature, -1), logits)


def example(model: Trained, *, unit: bool = False) -> torch.Tensor:
    """Two pictures of the shape and type that `Shipped` takes; two, because one would be taken for always one."""
    return torch.zeros((2, *model.network.input_shape), dtype=torch.float32 if unit else torch.uint8)
