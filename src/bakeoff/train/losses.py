"""Training losses of a pack: one mean loss a model. Shapes: M models, B batch, K classes."""

from __future__ import annotations

import torch
from torch.nn import functional as F


def cross_entropy(logits_MBK: torch.Tensor, labels_MB: torch.Tensor, smoothing_M: torch.Tensor | None) -> torch.Tensor:
    """[M] mean cross-entropy; with label smoothing (Szegedy et al. 2016, section 7) the target is
    (1 - s) on the true class plus s / K on every class."""
    log_p = F.log_softmax(logits_MBK, -1)
    loss = -log_p.gather(-1, labels_MB.unsqueeze(-1)).squeeze(-1)
    if smoothing_M is not None:
        s = smoothing_M.unsqueeze(1)
        loss = (1 - s) * loss - s * log_p.mean(-1)
    return loss.mean(1)


def squared_error(outputs_MBK: torch.Tensor, labels_MB: torch.Tensor, smoothing_M: torch.Tensor | None) -> torch.Tensor:
    """[M] squared distance to the one-hot target: summed over classes, mean over samples."""
    target = F.one_hot(labels_MB, outputs_MBK.shape[-1]).to(outputs_MBK.dtype)
    if smoothing_M is not None:
        s = smoothing_M.view(-1, 1, 1)
        target = (1 - s) * target + s / outputs_MBK.shape[-1]
    return (outputs_MBK - target).square().sum(-1).mean(1)


LOSSES = {"cross_entropy": cross_entropy, "squared_error": squared_error}
