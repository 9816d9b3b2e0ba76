"""Training losses of a pack: a mean loss a model, and its gradient. Shapes: M models, B batch, K classes.

The gradient is written out rather than taped: the loss is one formula, and a tape costs more than its arithmetic.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F


@torch.no_grad()
def cross_entropy(
    logits_MBK: torch.Tensor, labels_MB: torch.Tensor, smoothing_M: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean cross-entropy [M], its gradient [M, B, K]); with label smoothing (Szegedy et al. 2016, section 7) the
    target is (1 - s) on the true class plus s / K on every class."""
    _, batch, classes = logits_MBK.shape
    true = labels_MB.unsqueeze(-1)
    log_p = F.log_softmax(logits_MBK, -1)
    loss = -log_p.gather(-1, true).squeeze(-1)
    gradient = log_p.exp()
    if smoothing_M is None:
        gradient.scatter_add_(-1, true, gradient.new_full(true.shape, -1.0))
    else:
        s = smoothing_M.unsqueeze(1)
        loss = (1 - s) * loss - s * log_p.mean(-1)
        gradient.scatter_add_(-1, true, (s - 1).unsqueeze(1).expand(true.shape)).sub_(s.unsqueeze(1) / classes)
    return loss.mean(1), gradient.div_(batch)


@torch.no_grad()
def squared_error(
    outputs_MBK: torch.Tensor, labels_MB: torch.Tensor, smoothing_M: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """(squared distance to the one-hot target [M], summed over classes, mean over samples; its gradient [M, B, K])"""
    target = F.one_hot(labels_MB, outputs_MBK.shape[-1]).to(outputs_MBK.dtype)
    if smoothing_M is not None:
        s = smoothing_M.view(-1, 1, 1)
        target = (1 - s) * target + s / outputs_MBK.shape[-1]
    error = outputs_MBK - target
    return error.square().sum(-1).mean(1), error.mul_(2 / outputs_MBK.shape[1])


LOSSES = {"cross_entropy": cross_entropy, "squared_error": squared_error}
