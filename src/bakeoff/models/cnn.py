"""Convolutional networks: blocks of convolutions, each ending in a pool, then dense layers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bakeoff.errors import UsageError
from bakeoff.models.arguments import (
    ActivationChoice,
    NormPlace,
    Regularisation,
    Shape,
    Widths,
    activated,
    check_positive,
    check_widths,
    dropped,
)
from bakeoff.models.count import shape_after
from bakeoff.models.layers import Conv, Dense, Flatten, Layer, Pool
from bakeoff.recipe import Frozen

PoolSize = Annotated[int, Field(ge=2, le=8)]


class CnnArguments(Frozen):
    """`cnn`: blocks of convolution, activation and pooling, then dense layers of widths `dense` and the output.
    `channels`: of each block, a list for several convolutions before one pool: [32, [64, 64]]; or `budget`: most
    weights, with `depth` blocks. `kernel`: side in pixels; `padding`: same, valid, or pixels. `pool_size`: one, or one
    a block. `separable`: convolutions a channel at a time, then across channels. `batch_norm` and `activation` are of
    the convolutions, `dense_batch_norm` and `dense_activation` (the same unless said otherwise) of dense layers."""

    channels: tuple[int | Widths, ...] | None = None
    budget: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1, le=20)
    kernel: int = Field(3, ge=1, le=31)
    padding: Literal["same", "valid"] | int = "same"
    separable: bool = False
    pool: Literal["max", "avg", "none"] = "max"
    pool_size: PoolSize | tuple[PoolSize, ...] = 2
    activation: ActivationChoice = "relu"
    batch_norm: NormPlace = "none"
    dense: Widths = ()
    dense_activation: ActivationChoice | None = None
    dense_batch_norm: NormPlace = "none"

    @model_validator(mode="after")
    def _one_way(self) -> CnnArguments:
        check_widths("channels", self.channels, self.budget, self.depth)
        check_positive("dense", self.dense)
        if self.padding == "same" and self.kernel % 2 == 0:
            raise ValueError(f"padding: same needs an odd kernel, not {self.kernel}")
        if isinstance(self.padding, int) and self.padding < 0:
            raise ValueError(f"padding: {self.padding} is negative")
        blocks = len(self.channels or ()) or self.depth
        if isinstance(self.pool_size, tuple) and len(self.pool_size) != blocks:
            raise ValueError(f"pool_size: {len(self.pool_size)} sizes for {blocks or 'an unknown number of'} blocks")
        return self

    @model_validator(mode="after")
    def _canonical(self) -> CnnArguments:
        """One form a model, so that two spellings of it share one key: the padding by its name where it has one, one
        pool size where all are equal, and the default of what is not there."""
        pixels = {"same": self.kernel // 2, "valid": 0}.get(str(self.padding), self.padding)
        named = "same" if 2 * int(pixels) == self.kernel - 1 else "valid" if pixels == 0 else pixels
        sizes = self.pool_size if isinstance(self.pool_size, tuple) else (self.pool_size,)
        size = 2 if self.pool == "none" else sizes[0] if len(set(sizes)) == 1 else sizes
        single = tuple(c[0] if isinstance(c, tuple) and len(c) == 1 else c for c in self.channels or ())
        dense = self.activation if self.dense_activation is None else self.dense_activation
        values: dict[str, Any] = {"padding": named, "pool_size": size, "channels": single or None}
        values["dense_activation"] = None if not self.dense or dense == self.activation else dense
        values["dense_batch_norm"] = self.dense_batch_norm if self.dense else "none"
        for name, value in values.items():
            object.__setattr__(self, name, value)
        return self


def cnn(a: CnnArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """Dropout comes after every hidden dense layer; without one, before the output. `conv_dropout` ends each block."""
    layers: list[Layer] = []
    width = shape[0]
    sizes = a.pool_size if isinstance(a.pool_size, tuple) else (a.pool_size,) * len(a.channels or ())
    for block, size in zip(a.channels or (), sizes, strict=True):
        for channels in block if isinstance(block, tuple) else (block,):
            layers += _convolution(a, width, channels)
            layers += activated(a.activation, a.batch_norm, channels, regularisation.batch_norm)
            width = channels
        layers += [] if a.pool == "none" else [Pool(a.pool, size, size)]
        layers += dropped(regularisation.conv_dropout)
        if min(shape_after(layers, shape)) < 1:
            raise UsageError(
                f"model cnn: pictures of {shape[1]} x {shape[2]} pixels shrink to nothing in "
                f"{len(a.channels or ())} blocks; use fewer blocks, a smaller kernel or padding: same"
            )
    layers.append(Flatten())
    (width,) = shape_after(layers, shape)
    for hidden in a.dense:
        activation = a.dense_activation or a.activation
        layers += [Dense(width, hidden)]
        layers += activated(activation, a.dense_batch_norm, hidden, regularisation.batch_norm)
        layers += dropped(regularisation.dropout)
        width = hidden
    return [*layers, *([] if a.dense else dropped(regularisation.dropout)), Dense(width, classes)]


def _convolution(a: CnnArguments, channels_in: int, channels_out: int) -> list[Layer]:
    """One convolution; or, separable, one a channel and one across channels (Chollet 2017), with one bias in all."""
    padding = {"same": a.kernel // 2, "valid": 0}[a.padding] if isinstance(a.padding, str) else a.padding
    if not a.separable:
        return [Conv(channels_in, channels_out, a.kernel, 1, padding)]
    depthwise = Conv(channels_in, channels_in, a.kernel, 1, padding, groups=channels_in, bias=False)
    return [depthwise, Conv(channels_in, channels_out, 1)]
