"""From uint8 pixels to what the network sees, with statistics of the training split alone.

All sums are of whole numbers, so they are exact and do not depend on threads, chunks or order.
N examples, B batch, C channels, H, W.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from bakeoff.errors import DataError
from bakeoff.recipe import Input

_CHUNK_PIXELS = 1 << 24


@dataclass(frozen=True, eq=False)
class Normaliser:
    """Calling it turns pictures, uint8 [..., C, H, W], into float32 of the same shape: (pixel / 255 * scale - mean) /
    std, computed as pixel * factor + offset. Make one with `normaliser`, or from stored `statistics`."""

    scale: torch.Tensor
    """float64 [1], on the CPU"""
    mean: torch.Tensor
    """float64 [C, 1, 1] or [C, H, W], on the CPU, after scaling"""
    std: torch.Tensor
    """float64 [C, 1, 1], on the CPU, after scaling"""
    factor: torch.Tensor
    """float32 [C, 1, 1], on the device"""
    offset: torch.Tensor
    """float32, like `mean`, on the device"""

    @property
    def statistics(self) -> dict[str, torch.Tensor]:
        """`scale`, `mean` and `std`: all that is needed to make this again, fit for safetensors."""
        return {"scale": self.scale, "mean": self.mean, "std": self.std}

    @classmethod
    def from_statistics(cls, statistics: Mapping[str, torch.Tensor]) -> Normaliser:
        """The inverse of `statistics`, bit for bit."""
        scale, mean, std = (statistics[name].to("cpu", torch.float64) for name in ("scale", "mean", "std"))
        return cls(scale, mean, std, (scale / 255 / std).float(), (-mean / std).float())

    def to(self, device: torch.device | str) -> Normaliser:
        """The same, for pictures on `device`."""
        return Normaliser(self.scale, self.mean, self.std, self.factor.to(device), self.offset.to(device))

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return images.to(torch.float32, copy=True).mul_(self.factor).add_(self.offset)


def normaliser(train_images: torch.Tensor, how: Input) -> Normaliser:
    """Measure the training pictures, uint8 [N, C, H, W] (the training split only: never validation or test).

    `center`: none subtracts nothing, channel the mean of each channel, image the mean picture. `standardize` divides
    by the population standard deviation of each channel about its mean (also with `image`); a channel of one value
    everywhere is left undivided. `mean` and `std` are taken as they are. Features (float16) are handed on as they are.
    Raises DataError for no pictures, pictures that are not uint8 [N, C, H, W], and another number of channels.
    """
    if train_images.dtype == torch.float16:
        return Normaliser.from_statistics(
            {"scale": torch.tensor([255.0]), "mean": torch.zeros(1, 1, 1), "std": torch.ones(1, 1, 1)}
        )
    if train_images.dtype != torch.uint8 or train_images.ndim != 4 or train_images.numel() == 0:
        raise DataError(
            f"normalisation needs uint8 training pictures [N, C, H, W], "
            f"not {train_images.dtype} {list(train_images.shape)}"
        )
    channels = train_images.shape[1]
    unit = how.scale / 255
    mean = torch.zeros(channels, 1, 1, dtype=torch.float64)
    std = torch.ones(channels, 1, 1, dtype=torch.float64)
    if how.center == "image":
        mean = _pixel_sums(train_images).double() / len(train_images) * unit
    if how.center == "channel" or how.standardize:
        for c, (channel_mean, channel_std) in enumerate(_channel_moments(train_images)):
            if how.center == "channel":
                mean[c] = channel_mean * unit
            if how.standardize and channel_std > 0:
                std[c] = channel_std * unit
    scale = torch.tensor([how.scale], dtype=torch.float64)
    given = {name: _given(name, getattr(how, name), channels) for name in ("mean", "std") if getattr(how, name)}
    return Normaliser.from_statistics({"scale": scale, "mean": mean, "std": std} | given)


def _given(name: str, values: tuple[float, ...], channels: int) -> torch.Tensor:
    """float64 [C, 1, 1]"""
    if len(values) not in (1, channels):
        raise DataError(f"input: {name} has {len(values)} numbers, the pictures {channels} channel(s)")
    return torch.tensor(values, dtype=torch.float64).expand(channels).reshape(-1, 1, 1)


def _chunks(images: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Pieces small enough that a few int64 copies of one do not matter."""
    return images.split(max(1, _CHUNK_PIXELS // images[0].numel()))


def _pixel_sums(images: torch.Tensor) -> torch.Tensor:
    """int64 [C, H, W]: the sum over pictures, on the CPU."""
    total = torch.zeros(images.shape[1:], dtype=torch.int64)
    for chunk in _chunks(images):
        total += torch.from_numpy(chunk.cpu().numpy().sum(0, dtype=np.int64))  # 60 times as fast as torch's
    return total


def _channel_moments(images: torch.Tensor) -> list[tuple[float, float]]:
    """Mean and population standard deviation of each channel, 0..255, from its histogram of the 256 values."""
    channels = images.shape[1]
    histogram = torch.zeros(channels, 256, dtype=torch.int64)
    for chunk in _chunks(images):
        for c in range(channels):
            histogram[c] += torch.bincount(chunk[:, c].reshape(-1), minlength=256).cpu()
    moments = []
    for counts in histogram.tolist():
        n = sum(counts)
        first = sum(value * count for value, count in enumerate(counts))
        second = sum(value * value * count for value, count in enumerate(counts))
        moments.append((float(Fraction(first, n)), math.sqrt(Fraction(n * second - first * first, n * n))))
    return moments
