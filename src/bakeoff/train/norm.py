"""Batch norm of M models at once, differentiated by hand.

The variance is that of the centred values in a second pass: `torch.var_mean` over the batch is twenty times slower than
a sum (docs/log.md). Shapes: M models, B batch, H features.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bakeoff.models.layers import BatchNorm
from bakeoff.train.dense import Masks


class BatchNormLayer:
    """Ioffe & Szegedy 2015, statistics a model; the running variance is the unbiased one, as in PyTorch.

    `affine`: weight and bias [M, H]; `gradients`: theirs, written in place; `running`: mean and variance [M, H].
    """

    def __init__(
        self,
        layer: BatchNorm,
        affine: Sequence[torch.Tensor],
        gradients: Sequence[torch.Tensor],
        running: Sequence[torch.Tensor],
    ) -> None:
        self._epsilon, self._momentum = layer.epsilon, layer.momentum
        self._weight, self._bias = (tensor.detach() for tensor in affine)
        self._weight_gradient, self._bias_gradient = gradients
        self._mean, self._variance = running

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:  # noqa: ARG002 (StackedLayer)
        n = x.shape[1]
        mean = x.sum(1).div_(n)
        normal = x - mean.unsqueeze(1)
        variance = normal.square().sum(1).div_(n)
        self._mean.lerp_(mean.expand_as(self._mean), self._momentum)
        self._variance.lerp_((variance * (n / max(1, n - 1))).expand_as(self._variance), self._momentum)
        self._scale = torch.rsqrt(variance + self._epsilon)
        self._normal = normal.mul_(self._scale.unsqueeze(1))
        return torch.addcmul(self._bias.unsqueeze(1), self._normal, self._weight.unsqueeze(1))

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        n = dy.shape[1]
        torch.sum(dy, 1, out=self._bias_gradient)
        torch.sum(dy * self._normal, 1, out=self._weight_gradient)
        dx = dy.sub_((self._bias_gradient / n).unsqueeze(1))
        dx.addcmul_(self._normal, (self._weight_gradient / n).unsqueeze(1), value=-1)
        return dx.mul_((self._weight * self._scale).unsqueeze(1))

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        scale = torch.rsqrt(self._variance + self._epsilon) * self._weight
        return torch.addcmul((self._bias - self._mean * scale).unsqueeze(1), x, scale.unsqueeze(1))
