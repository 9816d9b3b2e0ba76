"""Random changes to a whole batch at once, as a pure function of the batch and a generator.

B batch, C channels, H, W. No Python loop over the batch, so it costs little beside a training step.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from bakeoff.recipe import Augment


def augment(images: torch.Tensor, how: Augment, generator: torch.Generator) -> torch.Tensor:
    """[B, C, H, W], uint8 or float, in the same type and on the same device: cropped, then flipped, then cut out.

    The input is not changed; it is returned itself where `how` asks for nothing. What is drawn depends on
    `generator`, B, H, W and `how`, never on the pixels. Draws are made on the generator's device, so the same seed
    gives other draws on a CPU than on a GPU.
    """
    if how.crop:
        images = random_crop(images, how.crop, generator)
    if how.flip:
        images = random_flip(images, generator)
    if how.cutout:
        images = cutout(images, how.cutout, generator)
    return images


def random_crop(images: torch.Tensor, padding: int, generator: torch.Generator) -> torch.Tensor:
    """Pad each side with `padding` zeros and cut the old size out at a place drawn for each picture, all
    (2 padding + 1)^2 equally likely (He et al. 2016, arXiv:1512.03385, section 4.2)."""
    b, _, h, w = images.shape
    top = _draw(2 * padding + 1, b, images, generator)
    left = _draw(2 * padding + 1, b, images, generator)
    padded = F.pad(images, (padding, padding, padding, padding))
    windows = padded.unfold(2, h, 1).unfold(3, w, 1)  # a view [B, C, 2p + 1, 2p + 1, H, W]
    return windows[torch.arange(b, device=images.device), :, top, left]


def random_flip(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Mirror each picture left-right with probability 1/2."""
    mirrored = _draw(2, len(images), images, generator).bool()
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def cutout(images: torch.Tensor, side: int, generator: torch.Generator) -> torch.Tensor:
    """Zero one square of `side` pixels in each picture (DeVries & Taylor 2017, arXiv:1708.04552, section 3.2).

    Its centre is drawn among the H x W pixels, so part of it may lie outside. It covers rows centre - side // 2
    up to, not including, centre - side // 2 + side; columns alike.
    """
    b, _, h, w = images.shape
    rows = _inside(_draw(h, b, images, generator), side, h)
    columns = _inside(_draw(w, b, images, generator), side, w)
    return images.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)


def _inside(centre: torch.Tensor, side: int, length: int) -> torch.Tensor:
    """bool [B, length]: the pixels that the square covers along one axis."""
    place = torch.arange(length, device=centre.device) - (centre - side // 2)[:, None]
    return (place >= 0) & (place < side)


def _draw(high: int, count: int, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """int64 [count], uniform in 0..high-1, on the device of `images`."""
    return torch.randint(high, (count,), generator=generator, device=generator.device).to(images.device)
