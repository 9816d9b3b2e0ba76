"""Forward passes in evaluation mode. Shapes: M models, N examples, K classes."""

from __future__ import annotations

import torch

from bakeoff.data import Normaliser
from bakeoff.models import Network
from bakeoff.models.footprint import pictures_a_pass
from bakeoff.train.forms import Form
from bakeoff.train.losses import LOSSES
from bakeoff.train.passes import passes

CHUNK = 500
"""Pictures a forward pass, at most: small enough that the activations of a small net stay in cache."""


def pass_size(network: Network, device: torch.device) -> int:
    """Pictures a forward pass. A large network takes fewer on a CPU: 500 through a backbone at 224 px want 11 GB, and
    three times as long as a few (docs/log.md). A GPU has the memory, and would wait for its orders."""
    return CHUNK if device.type == "cuda" else pictures_a_pass(network, CHUNK)


def predict(form: Form, images: torch.Tensor, normalise: Normaliser | None = None) -> torch.Tensor:
    """Logits float32 [M, N, K] for images [N, C, H, W]: uint8 with `normalise`, else already normalised. Where
    memory does not hold a pass of `pass_size`, half as many are taken. Raises TrainError where it holds not one."""

    def logits(chunk: torch.Tensor) -> torch.Tensor:
        return form.forward((normalise(chunk) if normalise else chunk).unsqueeze(0))

    return torch.cat(passes(logits, images, pass_size(form.network, images.device)), 1)


def score(logits_MNK: torch.Tensor, labels_N: torch.Tensor, loss: str) -> tuple[list[float], list[float]]:
    """(mean loss, accuracy), a value a model; (NaN, NaN) without examples. The loss is without label smoothing."""
    models = len(logits_MNK)
    if not len(labels_N):
        return [float("nan")] * models, [float("nan")] * models
    labels_MN = labels_N.expand(models, -1)
    losses, _ = LOSSES[loss](logits_MNK, labels_MN, None)
    accuracy = (logits_MNK.argmax(-1) == labels_MN).double().mean(1)
    return losses.tolist(), accuracy.tolist()
