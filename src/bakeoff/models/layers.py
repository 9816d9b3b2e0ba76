"""A network is data: a tuple of layer descriptions.

Everything else reads this one description: the parameter table (`count`), the budget solver, the forward pass
(`forward`), the stacked form that trains many models at once (`train.packed`) and, later, export. Shapes:
C channels, H, W, D features.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ActivationName = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"]


@dataclass(frozen=True)
class Flatten:
    """[C, H, W] -> [C*H*W]"""


@dataclass(frozen=True)
class Dense:
    """[inputs] -> [outputs]; weight [outputs, inputs], bias [outputs]"""

    inputs: int
    outputs: int
    bias: bool = True


@dataclass(frozen=True)
class Conv:
    """[channels_in, H, W] -> [channels_out, H', W']; weight [channels_out, channels_in/groups, kernel, kernel]"""

    channels_in: int
    channels_out: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    bias: bool = True


@dataclass(frozen=True)
class BatchNorm:
    """Over features ([D]) or channels ([C, H, W]); weight, bias trainable, running_mean, running_var buffers.

    `momentum` is PyTorch's: running <- (1 - momentum) * running + momentum * batch.
    """

    features: int
    epsilon: float = 1e-5
    momentum: float = 0.1


@dataclass(frozen=True)
class Activation:
    kind: ActivationName


@dataclass(frozen=True)
class Dropout:
    """Zeroes each value with probability `rate` in training and divides the rest by 1 - rate."""

    rate: float


@dataclass(frozen=True)
class Pool:
    kind: Literal["max", "avg"]
    size: int
    stride: int
    padding: int = 0


@dataclass(frozen=True)
class GlobalPool:
    """[C, H, W] -> [C] by the mean"""


Layer = Flatten | Dense | Conv | BatchNorm | Activation | Dropout | Pool | GlobalPool


@dataclass(frozen=True)
class Network:
    """`layers` in order, for pictures of shape `input_shape` (C, H, W) and `classes` outputs (logits).

    The weights of layer i are named `"{i}.weight"`, `"{i}.bias"`, and for a batch norm also
    `"{i}.running_mean"`, `"{i}.running_var"`: the names that run folders store.
    """

    input_shape: tuple[int, int, int]
    classes: int
    layers: tuple[Layer, ...] = field(default=())
