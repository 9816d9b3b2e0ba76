"""Dropout masks that depend on (seed, layer, epoch) alone, drawn for a block of steps at a time.

A mask is float32: 0 where a value is dropped, 1 / (1 - rate) where it is kept. On a CPU the bits come from SFC64,
16 to a value, so a rate is met to 1/65,536; that is 6 times faster than `torch.bernoulli_` (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from bakeoff.models.layers import Place
from bakeoff.recipe import derive_seed

_BLOCK_BYTES = 2**19


class DropoutMasks:
    """Masks of one epoch for M models: call with a layer's place and a shape [M, B, ...], once a step and layer; what
    it returns is valid until the next call for that layer, and is [1, B, ...] if all models have one seed and one rate.

    `rates[layer]` holds the M rates of that dropout layer. A rate of 1 keeps nothing.
    """

    def __init__(
        self, rates: Mapping[Place, Sequence[float]], seeds: Sequence[int], epoch: int, device: torch.device
    ) -> None:
        self.device = device
        self._seeds, self._epoch, self._handed_out = list(seeds), epoch, 0
        self._sources = {}
        for layer, values in rates.items():
            drawn = [derive_seed(seed, "dropout", layer, epoch) for seed in seeds]
            if len(set(zip(drawn, values, strict=True))) == 1:  # then one mask does for all
                drawn, values = drawn[:1], values[:1]
            self._sources[layer] = _Source(values, drawn, device)

    def seed(self, layer: Place) -> int:
        """A fresh seed for the first model, for dropout that a library draws by itself."""
        self._handed_out += 1
        return derive_seed(self._seeds[0], "library", layer, self._epoch, self._handed_out)

    def __call__(self, layer: Place, shape: tuple[int, ...]) -> torch.Tensor:
        return self._sources[layer].next(shape)


class _Source:
    """The masks of one layer: one generator a model."""

    def __init__(self, rates: Sequence[float], seeds: list[int], device: torch.device) -> None:
        self.device = device
        self._scales = [0.0 if r >= 1 else 1 / (1 - r) for r in rates]
        if device.type == "cpu":
            self._cuts = [min(32767, round(r * 65536) - 32768) for r in rates]
            self._bits = [np.random.SFC64(seed) for seed in seeds]
        else:
            self._rates = torch.tensor(rates, device=device).unsqueeze(1)
            self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self._block = torch.empty(len(seeds), 0)
        self._used = 0

    def next(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Factors [M, ...] for values [M or 1, ...], or [1, ...] where all models have the same."""
        values, shape = int(np.prod(shape[1:])), (len(self._scales), *shape[1:])
        if self.device.type != "cpu":
            return self._draw_on_device(values).view(shape)
        if self._used + values > self._block.shape[1]:
            self._refill(values)
        mask = self._block[:, self._used : self._used + values]
        self._used += values
        return mask.view(shape)

    def _refill(self, values: int) -> None:
        """Draw the next block behind what is left of the last one: the stream must not depend on block lengths.

        Memory is reused, because touching fresh pages costs more here than drawing the bits; NumPy compares and
        scales four times as fast as PyTorch.
        """
        models = len(self._bits)
        rest = self._block[:, self._used :].clone()
        # Four values to a machine word: a multiple of 64 leaves no half-used word at the end of a block.
        fresh = -(-max(values, _BLOCK_BYTES // (4 * models)) // 64) * 64
        if self._block.shape[1] != rest.shape[1] + fresh:
            self._block = torch.empty(models, rest.shape[1] + fresh)
        self._block[:, : rest.shape[1]] = rest
        for row, bits, cut, scale in zip(self._block.numpy(), self._bits, self._cuts, self._scales, strict=True):
            drawn = bits.random_raw(fresh // 4).view(np.int16)
            np.multiply(drawn >= cut, np.float32(scale), out=row[-fresh:])
        self._used = 0

    def _draw_on_device(self, values: int) -> torch.Tensor:
        rows = [torch.rand(values, generator=g, device=self.device) for g in self._generators]
        scale = torch.tensor(self._scales, device=self.device).unsqueeze(1)
        return (torch.stack(rows) >= self._rates).to(torch.float32).mul_(scale)
