"""Forward passes in evaluation mode. Shapes: M models, N examples, K classes."""

from __future__ import annotations

import torch

from bakeoff.data import Normaliser
from bakeoff.train.forms import Form
from bakeoff.train.losses import LOSSES

CHUNK = 500
"""Pictures a forward pass: small enough that the activations of a small net stay in cache."""


def predict(form: Form, images: torch.Tensor, normalise: Normaliser | None = None) -> torch.Tensor:
    """Logits float32 [M, N, K] for images [N, C, H, W]: uint8 with `normalise`, else already normalised."""
    parts = []
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        parts.append(form.forward((normalise(chunk) if normalise else chunk).unsqueeze(0)))
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
