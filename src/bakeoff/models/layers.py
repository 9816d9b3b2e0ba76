"""A network is data: a tuple of layer descriptions.

Everything else reads this one description: the parameter table (`count`), the budget solver, the forward pass
(`forward`), the stacked form that trains many models at once (`train.packed`) and, later, export. Shapes:
C channels, H, W, D features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bakeoff.models.foreign.pixels import Pixels

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


@dataclass(frozen=True)
class LocalNorm:
    """Each value divided by (k + alpha / size x the sum of squares over `size` neighbouring channels) ^ beta
    (Krizhevsky et al. 2012, section 3.3, whose alpha is alpha / size here)."""

    size: int = 5
    alpha: float = 5e-4
    beta: float = 0.75
    k: float = 2.0


@dataclass(frozen=True)
class Resize:
    """[C, H, W] -> [C, side, side], bilinear"""

    side: int


@dataclass(frozen=True)
class Backbone:
    """A network of another library, without its last layer: [C, H, W], 0..1 -> [features]. It resizes the pictures to
    `side` and standardises them as it was trained with.

    `name`: "timm/tf_efficientnet_lite0". `weights`: "imagenet"; "none" for fresh ones; "start" for ImageNet's with
    those over them that a training starts from. `train`: head trains none of its weights, all trains them all, the name
    of one of its layers trains that and what follows.
    """

    name: str
    side: int
    features: int
    weights: str
    train: str


@dataclass(frozen=True)
class Imported:
    """A network from an ONNX file of somebody else's: [C, H, W], 0..1 -> [features]. What it is given, `models.foreign`
    says.

    `file`: a reference to a kept file (`data.kept`). `layout`, `pixels`, `channels`, `size` (H, W): of the pictures
    that it takes. `output`: which of its outputs, None for the one called logits or the first. `gives`: what that is;
    features are what its last layer with weights takes. `columns`: which values of the output stand for our classes,
    in their order; empty for all. `train`: none and head leave it as it is, in onnxruntime; all trains it.
    """

    file: str
    layout: Literal["nchw", "nhwc"]
    pixels: Pixels
    channels: int
    size: tuple[int, int]
    output: str | None
    gives: Literal["logits", "probabilities", "features"]
    columns: tuple[int, ...]
    features: int
    train: Literal["none", "head", "all"]


@dataclass(frozen=True)
class Features:
    """[features, 1, 1] -> [features]: stands in place of a backbone whose output is kept (see `train.features`)"""

    of: Backbone | Imported


@dataclass(frozen=True)
class Residual:
    """body(x) + shortcut(x) (He et al. 2016); an empty shortcut hands on x itself."""

    body: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()


Layer = (
    Flatten | Dense | Conv | BatchNorm | Activation | Dropout | Pool | GlobalPool
    | LocalNorm | Resize | Backbone | Imported | Features | Residual
)  # fmt: skip

Place = int | str
"""Where a layer stands: its number; within a residual "5.body.2" or "5.shortcut.0"."""


@dataclass(frozen=True)
class Network:
    """`layers` in order, for pictures of shape `input_shape` (C, H, W) and `classes` outputs (logits).

    The weights of the layer at place i are named `"{i}.weight"`, `"{i}.bias"`, and for a batch norm also
    `"{i}.running_mean"`, `"{i}.running_var"`: the names that run folders store. Those of a backbone are its library's
    names after `"{i}."`, those of an imported network its file's.
    """

    input_shape: tuple[int, int, int]
    classes: int
    layers: tuple[Layer, ...] = field(default=())

    def walk(self) -> Iterator[tuple[Place, Layer]]:
        """Every layer with its place, in the order of computation; a residual comes after what is in it."""
        return walk(self.layers)


def walk(layers: Sequence[Layer], inside: str = "") -> Iterator[tuple[Place, Layer]]:
    """See `Network.walk`. `inside`: what the places begin with."""
    for i, layer in enumerate(layers):
        place: Place = f"{inside}{i}" if inside else i
        if isinstance(layer, Residual):
            yield from walk(layer.body, f"{place}.body.")
            yield from walk(layer.shortcut, f"{place}.shortcut.")
        yield place, layer
