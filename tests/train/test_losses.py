"""Pack losses against PyTorch's, a model at a time."""

import pytest
import torch
from torch.nn import functional as F

from bakeoff.train.losses import cross_entropy, squared_error

LOGITS = torch.randn(3, 20, 5, generator=torch.Generator().manual_seed(1))
LABELS = torch.randint(0, 5, (3, 20), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("smoothing", [None, torch.tensor([0.0, 0.1, 0.3])])
def test_cross_entropy(smoothing: torch.Tensor | None) -> None:
    logits = LOGITS.clone().requires_grad_()
    ours, gradient = cross_entropy(LOGITS, LABELS, smoothing)
    amounts = [0.0] * 3 if smoothing is None else smoothing.tolist()
    peers = [F.cross_entropy(logits[m], LABELS[m], label_smoothing=amounts[m]) for m in range(3)]
    torch.testing.assert_close(ours, torch.stack(peers))
    torch.testing.assert_close(gradient, torch.autograd.grad(sum(peers), logits)[0])


def test_squared_error_sums_over_classes_and_averages_over_samples() -> None:
    outputs = LOGITS.clone().requires_grad_()
    ours, gradient = squared_error(LOGITS, LABELS, None)
    peers = [F.mse_loss(outputs[m], F.one_hot(LABELS[m], 5).float(), reduction="sum") / 20 for m in range(3)]
    torch.testing.assert_close(ours, torch.stack(peers))
    torch.testing.assert_close(gradient, torch.autograd.grad(sum(peers), outputs)[0])
