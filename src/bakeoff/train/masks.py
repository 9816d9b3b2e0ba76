"""Dropout masks that depend on (seed, layer, epoch) alone, drawn for a block of steps at a time.

A mask is float32: 0 where a value is dropped, 1 / (1 - rate) where it is kept. On a CPU the bits come from SFC64,
16 to a value, so a rate is met to 1/65,536; that is 6 times faster than `torch.bernoulli_` (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from bakeoff.recipe import derive_seed

_BLOCK_BYTES = 2**19


class DropoutMasks:
    """Masks of one epoch for M models: call with a layer index and a shape [M, B, ...], once a step and layer.

    `rates[layer]` holds the M rates of that dropout layer. A rate of 1 keeps nothing.
    """

    def __init__(
        self, rates: Mapping[int, Sequence[float]], seeds: Sequence[int], epoch: int, device: torch.device
    ) -> None:
        self.device = device
        self._sources = {
            layer: _Source(values, [derive_seed(seed, "dropout", layer, epoch) for seed in seeds], device)
            for layer, values in rates.items()
        }

    def __call__(self, layer: int, shape: tuple[int, ...]) -> torch.Tensor:
        return self._sources[layer].next(shape)


class _Source:
    """The masks of one layer: one generator a model."""

    def __init__(self, rates: Sequence[float], seeds: list[int], device: torch.device) -> None:
        self.device = device
        self.rates = rates
        column = (len(rates), 1)
        self._scale = torch.tensor([0.0 if r >= 1 else 1 / (1 - r) for r in rates], device=device).view(column)
        self._probability = torch.tensor(rates, device=device).view(column)
        self._cut = torch.tensor(
            [min(32767, round(r * 65536) - 32768) for r in rates], dtype=torch.int16, device=device
        ).view(column)
        if device.type == "cpu":
            self._bits = [np.random.SFC64(seed) for seed in seeds]
        else:
            self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self._block = np.empty((len(seeds), 0), np.int16)
        self._used = 0

    def next(self, shape: tuple[int, ...]) -> torch.Tensor:
        models, values = shape[0], int(np.prod(shape[1:]))
        if self.device.type != "cpu":
            return self._draw_on_device(values).view(shape)
        if self._used + values > self._block.shape[1]:
            self._refill(models, values)
        bits = torch.from_numpy(self._block[:, self._used : self._used + values])
        self._used += values
        return (bits >= self._cut).to(torch.float32).mul_(self._scale).view(shape)

    def _refill(self, models: int, values: int) -> None:
        """Draw the next block behind what is left of the last one: the stream must not depend on block lengths.

        Memory is reused, because touching fresh pages costs more here than drawing the bits.
        """
        rest = self._block[:, self._used :]
        # Four values to a machine word: a multiple of 64 leaves no half-used word at the end of a block.
        fresh = -(-max(values, _BLOCK_BYTES // (2 * models)) // 64) * 64
        if self._block.shape != (models, rest.shape[1] + fresh):
            block = np.empty((models, rest.shape[1] + fresh), np.int16)
            block[:, : rest.shape[1]] = rest
            self._block = block
        else:
            self._block[:, : rest.shape[1]] = rest.copy()
        for row, bits in zip(self._block, self._bits, strict=True):
            row[-fresh:] = bits.random_raw(fresh // 4).view(np.int16)
        self._used = 0

    def _draw_on_device(self, values: int) -> torch.Tensor:
        rows = [torch.rand(values, generator=g, device=self.device) for g in self._generators]
        return (torch.stack(rows) >= self._probability).to(torch.float32).mul_(self._scale)
