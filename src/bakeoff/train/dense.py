"""The layers of the stacked form: M models at once, each layer with its own backward pass in place of autograd's tape.

At a batch of 32 pictures PyTorch spends more time on recording a step than on computing it, so layers are
differentiated by hand, in buffers that every step reuses (see also `activations` and `norm`). Dense weights lie as
[in, out] here, because that product runs 1.5 times faster than the transposed one; everywhere else they are PyTorch's
[out, in].

On a CPU the products go through NumPy's BLAS instead of `torch.bmm`: PyTorch's CPU build links MKL, which runs at
half speed on AMD processors (docs/log.md has the rates); both see the same memory, nothing is copied.

Shapes: M models, B batch, D features in, H features out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch

Masks = Callable[[int, tuple[int, ...]], torch.Tensor]
"""(layer index, shape) -> keep-mask already divided by the keep probability, float32 of that shape."""


class StackedLayer(Protocol):
    """Training: `forward`, then `backward`, which may overwrite the gradient it is given. `evaluate` keeps nothing."""

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor: ...

    def backward(self, dy: torch.Tensor) -> torch.Tensor: ...

    def evaluate(self, x: torch.Tensor) -> torch.Tensor: ...


def _array(tensor: torch.Tensor) -> Any:
    """What `_multiply` takes: a NumPy view of the same memory on a CPU, else the tensor itself."""
    return tensor.detach().numpy() if tensor.device.type == "cpu" else tensor.detach()


def _multiply(a: Any, b: Any, out: Any) -> None:
    """out = a @ b, batched over the leading dimension. `out` must not overlap the inputs."""
    (np.matmul if isinstance(a, np.ndarray) else torch.matmul)(a, b, out=out)


NARROW, FEW = 32, 64
"""Outputs below which, and examples from which, one product with the columns of all models beats one a model: their
copies side by side cost more than they save where columns are many or rows few (docs/log.md)."""


def _pays_together(x: torch.Tensor, y: torch.Tensor) -> bool:
    """Whether x [1 or M, B, D] is one for all models of y [M, B, H], and the shape one for `_side_by_side`."""
    return len(x) < len(y) and y.shape[2] < NARROW and x.shape[1] >= FEW


def _side_by_side(a: Any, b: Any, out: Any) -> None:
    """out [M, R, C] = a [R, K] @ b [M, K, C] for an `a` that all models share: one product with the columns of all."""
    models, inner, columns = b.shape
    wide = b.swapaxes(0, 1).reshape(inner, models * columns)
    out[...] = (a @ wide).reshape(len(a), models, columns).swapaxes(0, 1)


class Flattened:
    """[M, B, C, H, W] -> [M, B, C x H x W]"""

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:  # noqa: ARG002 (StackedLayer)
        self._shape = x.shape
        return self.evaluate(x)

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy.view(self._shape)

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(2)


class DenseLayer:
    """y [M, B, H] = x [M, B, D] @ weight [M, D, H] + bias [M, H]. Gradients are written straight into the buffers
    given, so no pass over memory is spent on zeroing or accumulating. `first`: nobody needs the gradient of x."""

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        weight_gradient: torch.Tensor,
        bias_gradient: torch.Tensor | None,
        *,
        first: bool,
    ) -> None:
        self._shape, self._first = weight.shape, first
        self._weight, self._weight_gradient = _array(weight), _array(weight_gradient)
        self._bias = None if bias is None else bias.detach().unsqueeze(1)
        self._bias_gradient = bias_gradient
        self._buffers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def _buffers_for(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(y, gradient of x) for this batch size: an epoch has two, the last batch being smaller."""
        if x.shape[1] not in self._buffers:
            dx = x.new_empty(0) if self._first else x.new_empty(self._shape[0], *x.shape[1:])
            self._buffers[x.shape[1]] = (x.new_empty(self._shape[0], x.shape[1], self._shape[2]), dx)
        return self._buffers[x.shape[1]]

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:  # noqa: ARG002 (StackedLayer)
        y, self._dx = self._buffers_for(x)
        self._x, self._together = _array(x), _pays_together(x, y)
        return self._into(y, self._x, self._together)

    def _into(self, y: torch.Tensor, x: Any, together: bool) -> torch.Tensor:
        if together:
            _side_by_side(x[0], self._weight, _array(y))
        else:
            _multiply(x, self._weight, _array(y))
        return y if self._bias is None else y.add_(self._bias)

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        gradient = _array(dy)
        if self._together:
            _side_by_side(self._x[0].T, gradient, self._weight_gradient)
        else:
            _multiply(self._x.swapaxes(1, 2), gradient, self._weight_gradient)
        if self._bias_gradient is not None:
            torch.sum(dy, 1, out=self._bias_gradient)
        if not self._first:
            _multiply(gradient, self._weight.swapaxes(1, 2), _array(self._dx))
        return self._dx

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        y = x.new_empty(self._shape[0], x.shape[1], self._shape[2])
        return self._into(y, _array(x), _pays_together(x, y))


class DropoutLayer:
    """`in_place`: the layer before it does not need its output again, or only its sign."""

    def __init__(self, index: int, *, in_place: bool) -> None:
        self._index, self._in_place = index, in_place

    def forward(self, x: torch.Tensor, masks: Masks) -> torch.Tensor:
        self._mask = masks(self._index, tuple(x.shape))
        return x.mul_(self._mask) if self._in_place else x * self._mask

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy.mul_(self._mask)

    def evaluate(self, x: torch.Tensor) -> torch.Tensor:
        return x
