"""What a network of others sees of a pixel. Shapes: B, C, H, W."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field, model_validator

from bakeoff.recipe import Frozen

LUMA = (0.299, 0.587, 0.114)
"""Grey from red, green and blue (ITU-R BT.601), as Pillow has it."""
Positive = Annotated[float, Field(gt=0)]


class Pixels(Frozen):
    """(pixel / 255 x `scale` - `mean`) / `std`, a value a channel, red first, blue first with `bgr`."""

    scale: float = Field(1.0, gt=0)
    mean: tuple[float, ...] = (0.0,)
    std: tuple[Positive, ...] = (1.0,)
    bgr: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Pixels:
        if {len(self.mean), len(self.std)} - {1, 3} or len({len(self.mean), len(self.std)} - {1}) > 1:
            raise ValueError("mean, std: expected one value, or one a channel (3)")
        return self

    @property
    def channels(self) -> int | None:
        """How many it is for; None for any number."""
        return 3 if self.bgr or max(len(self.mean), len(self.std)) == 3 else None


NAMED = {
    "unit": Pixels(),
    "byte": Pixels(scale=255),
    "signed": Pixels(mean=(0.5,), std=(0.5,)),
    "imagenet": Pixels(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    "caffe": Pixels(scale=255, mean=(103.939, 116.779, 123.68), bgr=True),
    "mnist": Pixels(mean=(0.1307,), std=(0.3081,)),
}
"""Customs: 0..1, 0..255, -1..1; torchvision's; of Keras's VGG and ResNet50; of many a tutorial. CIFAR-10's own numbers
are so close to torchvision's that nets do as well under both; where they are right, they are the data's."""


def seen(x: torch.Tensor, pixels: Pixels, channels: int, size: tuple[int, int]) -> torch.Tensor:
    """float32 [B, `channels`, *`size`] of pictures 0..1 [B, C, H, W]: resized as a pretrained backbone has it, grey
    repeated or colour turned to grey, then scaled."""
    whole = pixels.scale == 255 and x.shape[2:] == size and x.shape[1] <= channels
    if x.shape[2:] != size:
        smaller = x.shape[2] > size[0] or x.shape[3] > size[1]
        x = torch.nn.functional.interpolate(x, size, mode="bilinear", antialias=smaller)
    if x.shape[1] == 3 and channels == 1:
        x = (x * x.new_tensor(LUMA).view(3, 1, 1)).sum(1, keepdim=True)
    elif x.shape[1] != channels:
        x = x.expand(-1, channels, -1, -1)
    x = x.flip(1) if pixels.bgr else x
    mean, std = (x.new_tensor(values).view(-1, 1, 1) for values in (pixels.mean, pixels.std))
    scaled = x * pixels.scale
    return ((scaled.round() if whole else scaled) - mean) / std  # whole numbers, as the file of a picture has them
