"""Residual networks (He et al. 2016), in the variants that people mean by the word."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bakeoff.errors import UsageError
from bakeoff.models.arguments import (
    ActivationName,
    Regularisation,
    Shape,
    Widths,
    check_positive,
    dropped,
    normed,
)
from bakeoff.models.count import shape_after
from bakeoff.models.layers import Activation, Conv, Dense, GlobalPool, Layer, Pool, Residual
from bakeoff.recipe import Frozen


class ResidualArguments(Frozen):
    """`residual`: a convolution (the stem), stages of residual units, the mean over the picture, dense layers. `widths`
    and `blocks`: channels and number of units of each stage; every stage but the first halves the picture. `unit`:
    basic is two 3 x 3 convolutions; bottleneck is 1 x 1 to a quarter of the width, 3 x 3, 1 x 1 back.
    `pre_activation`: batch norm and activation before each convolution instead of after it (He et al. 2016b). `bias`:
    of the convolutions in units. `stem_pool`: a 3 x 3 max pool of stride 2 after the stem."""

    widths: Widths = Field((64, 128, 256, 512), min_length=1)
    blocks: Widths = Field((2, 2, 2, 2), min_length=1)
    unit: Literal["basic", "bottleneck"] = "basic"
    pre_activation: bool = False
    final_norm: bool | None = None
    bias: bool = False
    stem: int = Field(64, ge=1)
    stem_kernel: int = Field(3, ge=1, le=31)
    stem_stride: int = Field(1, ge=1, le=8)
    stem_pool: bool = False
    activation: ActivationName = "relu"
    dense: Widths = ()

    @model_validator(mode="after")
    def _fits(self) -> ResidualArguments:
        for name in ("widths", "blocks", "dense"):
            check_positive(name, getattr(self, name))
        if len(self.widths) != len(self.blocks):
            raise ValueError(
                f"widths has {len(self.widths)} stages, blocks {len(self.blocks)}; one number a stage each"
            )
        if self.unit == "bottleneck" and any(width % 4 for width in self.widths):
            raise ValueError(f"widths: a bottleneck needs multiples of 4, not {list(self.widths)}")
        if self.stem_kernel % 2 == 0:
            raise ValueError(f"stem_kernel: expected an odd number, not {self.stem_kernel}")
        return self

    @model_validator(mode="after")
    def _canonical(self) -> ResidualArguments:
        """A last batch norm and activation belong to pre-activation units, which end without one."""
        if self.final_norm is None:
            object.__setattr__(self, "final_norm", self.pre_activation)
        return self


def residual(a: ResidualArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """`conv_dropout` follows the convolutions of each unit, before the sum: after it, it would fall on what all units
    before have made, once more a unit. Dropout follows each hidden dense layer, or precedes the output."""
    constants = regularisation.batch_norm
    layers: list[Layer] = [Conv(shape[0], a.stem, a.stem_kernel, a.stem_stride, a.stem_kernel // 2, bias=False)]
    layers += [normed(a.stem, constants), Activation(a.activation)]
    layers += [Pool("max", 3, 2, 1)] if a.stem_pool else []
    width = a.stem
    for stage, (channels, count) in enumerate(zip(a.widths, a.blocks, strict=True)):
        for number in range(count):
            stride = 2 if stage and not number else 1
            layers += _unit(a, width, channels, stride, regularisation)
            width = channels
    layers += [normed(width, constants), Activation(a.activation)] if a.final_norm else []
    if min(shape_after(layers, shape)) < 1:
        raise UsageError(f"model residual: pictures of {shape[1]} x {shape[2]} pixels are too small for its stages")
    layers.append(GlobalPool())
    for hidden in a.dense:
        layers += [Dense(width, hidden), Activation(a.activation), *dropped(regularisation.dropout)]
        width = hidden
    return [*layers, *([] if a.dense else dropped(regularisation.dropout)), Dense(width, classes)]


def _unit(a: ResidualArguments, width: int, channels: int, stride: int, regularisation: Regularisation) -> list[Layer]:
    """One residual unit; its shortcut is a 1 x 1 convolution with a batch norm where width or size change."""
    constants, quarter = regularisation.batch_norm, channels // 4
    shapes = [(width, channels, 3, stride), (channels, channels, 3, 1)]
    if a.unit == "bottleneck":
        shapes = [(width, quarter, 1, 1), (quarter, quarter, 3, stride), (quarter, channels, 1, 1)]
    body: list[Layer] = []
    for number, (channels_in, channels_out, kernel, step) in enumerate(shapes):
        convolution = Conv(channels_in, channels_out, kernel, step, kernel // 2, bias=a.bias)
        if a.pre_activation:
            body += [normed(channels_in, constants), Activation(a.activation), convolution]
        else:
            last = number == len(shapes) - 1
            body += [convolution, normed(channels_out, constants), *([] if last else [Activation(a.activation)])]
    body += dropped(regularisation.conv_dropout)
    shortcut: list[Layer] = []
    if width != channels or stride != 1:
        shortcut = [Conv(width, channels, 1, stride, bias=a.bias), normed(channels, constants)]
    after: list[Layer] = [] if a.pre_activation else [Activation(a.activation)]
    return [Residual(tuple(body), tuple(shortcut)), *after]
