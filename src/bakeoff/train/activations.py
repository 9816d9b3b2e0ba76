"""Activations of the stacked form with their derivatives by hand: PyTorch's own kernels, in buffers that every step
reuses, without the tape that costs as much as the kernels at small batches (docs/log.md). Bits are autograd's.

Shapes: M models, B batch, H features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from bakeoff.models.forward import activate
from bakeoff.train.dense import Masks

_OPS: Any = torch.ops.aten
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
"""Klambauer et al. 2017, as PyTorch has them."""
Fill = Callable[[torch.Tensor, torch.Tensor], object]


@dataclass(frozen=True)
class _Kernels:
    """`forward(x, y)` fills y; `backward(dy, seen)` turns the gradient of y into that of x, in place. `from_x`: whether
    `seen` is x, else y."""

    forward: Fill
    backward: Fill
    from_x: bool = True


def _elu(alpha: float, scale: float) -> _Kernels:
    return _Kernels(
        lambda x, y: _OPS.elu.out(x, alpha, scale, 1.0, out=y),
        lambda dy, x: _OPS.elu_backward.grad_input(dy, alpha, scale, 1.0, False, x, grad_input=dy),
    )


_KERNELS = {
    "elu": _elu(1.0, 1.0),
    "selu": _elu(SELU_ALPHA, SELU_SCALE),
    "leaky_relu": _Kernels(
        lambda x, y: _OPS.leaky_relu.out(x, 0.01, out=y),
        lambda dy, x: _OPS.leaky_relu_backward.grad_input(dy, x, 0.01, False, grad_input=dy),
    ),
    "gelu": _Kernels(
        lambda x, y: _OPS.gelu.out(x, out=y),
        lambda dy, x: _OPS.gelu_backward.grad_input(dy, x, grad_input=dy),
    ),
    "silu": _Kernels(
        lambda x, y: _OPS.silu.out(x, out=y),
        lambda dy, x: _OPS.silu_backward.grad_input(dy, x, grad_input=dy),
    ),
    "tanh": _Kernels(
        lambda x, y: torch.tanh(x, out=y),
        lambda dy, y: _OPS.tanh_backward.grad_input(dy, y, grad_input=dy),
        from_x=False,
    ),
    "sigmoid": _Kernels(
        lambda x, y: torch.sigmoid(x, out=y),
        lambda dy, y: _OPS.sigmoid_backward.grad_input(dy, y, grad_input=dy),
        from_x=False,
    ),
}


class Relu:
    """In place: the layer before it must not need its output again."""

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:  # noqa: ARG002 (StackedLayer)
        self._y = x.relu_()
        return self._y

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        # A dropout after this may have cleared values of y: their gradient is 0 already.
        return _OPS.threshold_backward.grad_input(dy, self._y, 0, grad_input=dy)  # type: ignore[no-any-return]

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        return x.relu_()


class Smooth:
    """Any other activation, from [M, B, H] into a buffer of its own."""

    def __init__(self, kind: str) -> None:
        self._kind, self._kernels = kind, _KERNELS[kind]
        self._buffers: dict[int, torch.Tensor] = {}

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:  # noqa: ARG002 (StackedLayer)
        if x.shape[1] not in self._buffers:  # an epoch has two batch sizes, the last being smaller
            self._buffers[x.shape[1]] = torch.empty_like(x)
        y = self._buffers[x.shape[1]]
        self._kernels.forward(x, y)
        self._seen = x if self._kernels.from_x else y
        return y

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        self._kernels.backward(dy, self._seen)
        return dy

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        return activate(self._kind, x)


def forgets_its_output(kind: str) -> bool:
    """Whether its derivative needs no more than the sign of what it handed on, so that others may write over it."""
    return kind == "relu" or _KERNELS[kind].from_x
