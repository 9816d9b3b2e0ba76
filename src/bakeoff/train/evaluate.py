"""Forward passes in evaluation mode. Shapes: M models, N examples, K classes."""

from __future__ import annotations

import torch

from bakeoff.data import Normaliser
from bakeoff.errors import TrainError
from bakeoff.models import Network
from bakeoff.models.footprint import pictures_a_pass
from bakeoff.train.forms import Form
from bakeoff.train.losses import LOSSES
from bakeoff.train.memory import is_out_of_memory

CHUNK = 500
"""Pictures a forward pass, at most: small enough that the activations of a small net stay in cache."""


def pass_size(network: Network, device: torch.device) -> int:
    """Pictures a forward pass. A large network takes fewer on a CPU: 500 through a backbone at 224 px want 11 GB, and
    three times as long as a few (docs/log.md). A GPU has the memory, and would wait for its orders."""
    return CHUNK if device.type == "cuda" else pictures_a_pass(network, CHUNK)


def predict(form: Form, images: torch.Tensor, normalise: Normaliser | None = None) -> torch.Tensor:
    """Logits float32 [M, N, K] for images [N, C, H, W]: uint8 with `normalise`, else already normalised. Where
    memory does not hold a pass of `pass_size`, half as many are taken. Raises TrainError where it holds not one."""
    parts, start, size = list[torch.Tensor](), 0, min(pass_size(form.network, images.device), len(images))
    while start < len(images):
        chunk = images[start : start + size]
        try:
            parts.append(form.forward((normalise(chunk) if normalise else chunk).unsqueeze(0)))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if size == 1:
                raise TrainError("out of memory where one picture is looked at; choose a smaller model") from None
            size = -(-size // 2)
        else:
            start += size
    return torch.cat(parts, 1)


def score(logits_MNK: torch.Tensor, labels_N: torch.Tensor, loss: str) -> tuple[list[float], list[float]]:
    """(mean loss, accuracy), a value a model; (NaN, NaN) without examples. The loss is without label smoothing."""
    models = len(logits_MNK)
    if not len(labels_N):
        return [float("nan")] * models, [float("nan")] * models
    labels_MN = labels_N.expand(models, -1)
    losses, _ = LOSSES[loss](logits_MNK, labels_MN, None)
    accuracy = (logits_MNK.argmax(-1) == labels_MN).double().mean(1)
    return losses.tolist(), accuracy.tolist()
