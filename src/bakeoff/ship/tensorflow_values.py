"""Tensors on their way from ONNX to TensorFlow, and how they lie in memory.

ONNX thinks in [N, C, H, W]; TensorFlow's convolutions on a CPU know [N, H, W, C] alone. So a value may lie channels
last while ONNX's axes go on being meant: it is turned only where an operator needs the other form, mostly never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


@dataclass(frozen=True)
class Value:
    """`tensor`: a tf.Tensor, or a NumPy array that is known beforehand. `last`: it lies [N, H, W, C]."""

    tensor: Any
    last: bool = False

    @property
    def known(self) -> bool:
        return isinstance(self.tensor, np.ndarray)

    @property
    def rank(self) -> int:
        return len(self.tensor.shape)


def turned(value: Value, last: bool) -> Any:
    """Its tensor, lying channels last or as ONNX has it."""
    if value.last == last:
        return value.tensor
    order = TO_LAST if last else TO_FIRST
    if value.known:
        return value.tensor.transpose(order)
    import tensorflow as tf

    return tf.transpose(value.tensor, order)


def together(values: list[Value]) -> tuple[list[Any], bool]:
    """(tensors that broadcast as in ONNX, whether they lie channels last)"""
    last = any(value.last for value in values)
    return [_spread(value) if last and not value.last else value.tensor for value in values], last


def _spread(value: Value) -> Any:
    """Channels last of a value with up to four axes, which stand for ONNX's last ones; scalars as they are."""
    if value.rank == 0 or (value.known and value.tensor.size == 1):
        return value.tensor.reshape(()) if value.known else value.tensor
    if value.rank == 4:
        return turned(value, last=True)
    shape = [1] * (4 - value.rank) + list(value.tensor.shape)
    if value.known:
        return value.tensor.reshape(shape).transpose(TO_LAST)
    import tensorflow as tf

    return tf.transpose(tf.reshape(value.tensor, shape), TO_LAST)
