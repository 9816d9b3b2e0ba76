"""How alike two pictures are, whatever their place, mirror image, brightness and compression.

Two measures, both in a basis that the dataset itself gives. Whitening (dividing each principal component by its
standard deviation) turns down what all its pictures share, such as the outline of trousers on black, and turns up what
tells them apart; a plain correlation calls hundreds of different trousers equal.

- *Spectrum*: amplitudes of the low frequencies, which neither a shift nor a mirror image changes. The cosines of all
  pairs are one matrix product.
- *Likeness* of a pair: laid over each other by their cross-correlation, the mean of two cosines over what both show:
  whitened pixels and whitened spectrum. Where one is blind the other sees.

N pictures, P pairs, h, w pixels, F values, D components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

SIDE = 32
"""Pixels a side that pictures are compared at; smaller ones as they are."""
FREQUENCIES = 9
"""Of each direction, the constant included."""
TAPER = 0.6
"""Share of a side over which a picture fades out before its spectrum is taken: a shift brings something else in at the
borders."""
REACH = 6
"""A copy may be shifted by up to 1 / `REACH` of its side."""
SPECTRUM, PIXELS = 64, 100
"""Components kept."""
_CHUNK = 2048


def small_grey(images: np.ndarray) -> np.ndarray:
    """float32 [N, h, w], at most `SIDE` a side, of uint8 [N, C, H, W]."""
    height, width = images.shape[2:]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    grey = np.empty((len(images), *size), np.float32)
    for start in range(0, len(images), _CHUNK):
        part = torch.from_numpy(np.ascontiguousarray(images[start : start + _CHUNK])).float().mean(1, keepdim=True)
        part = torch.nn.functional.interpolate(part, size, mode="area") if scale < 1 else part
        grey[start : start + _CHUNK] = part[:, 0].numpy()
    return grey


@dataclass(frozen=True, eq=False)
class Basis:
    """Whitened principal components: (value - `mean`) @ `weights` has unit variance in each of D directions."""

    mean: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, components: int) -> Basis:
        """From float32 [N, F]. Few pictures give few components, or what a copy does not share would be one."""
        mean = values.mean(0)
        centred = (values - mean).astype(np.float64)
        variances, directions = np.linalg.eigh(centred.T @ centred / len(values))
        kept = np.argsort(-variances)[: max(1, min(components, len(values) // 8))]
        kept = kept[variances[kept] > 1e-6 * max(variances.max(), 1e-12)]
        return cls(mean, (directions[:, kept] / np.sqrt(variances[kept])).astype(np.float32))

    def directions(self, values: np.ndarray) -> np.ndarray:
        """float32 [N, D], each of length 1, or 0 for what has no direction."""
        whitened = (values - self.mean) @ self.weights
        return whitened / np.linalg.norm(whitened, axis=1, keepdims=True).clip(1e-9)


def spectra(grey: np.ndarray, taper: float = TAPER) -> np.ndarray:
    """float32 [N, F]: square roots of |f(u, v)| + |f(-u, v)| and of their difference, relative to all of them. Zeros
    for a picture without contrast."""
    n, h, w = grey.shape
    fade = np.outer(_taper(h, taper), _taper(w, taper)).astype(np.float32)
    centred = (grey - (grey * fade).sum((1, 2), keepdims=True) / fade.sum()) * fade
    u, v = (np.arange(min(FREQUENCIES, side // 2 + 1)) for side in (h, w))
    across = (centred.reshape(n * h, w) @ _waves(v, w)).reshape(n, h, len(v)).transpose(0, 2, 1).reshape(-1, h)
    up, down = (np.abs(across @ _waves(sign * u, h)).reshape(n, len(v), len(u)) for sign in (1, -1))
    values = np.concatenate([(up + down).reshape(n, -1), np.abs(up - down)[:, 1:, 1:].reshape(n, -1)], 1)
    return np.sqrt(values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-3))


def _waves(frequencies: np.ndarray, side: int) -> np.ndarray:
    """complex64 [side, frequencies]"""
    return np.exp(-2j * np.pi / side * np.outer(np.arange(side), frequencies)).astype(np.complex64)


def _taper(side: int, share: float) -> np.ndarray:
    """A Tukey window without its zeros at the ends."""
    if share == 0:
        return np.ones(side)
    place = np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)) / (share * (side + 1) / 2)
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(place, 1))


@dataclass(frozen=True, eq=False)
class Likeness:
    """The measures of one dataset. `grey` float32 [N, h, w]; `directions` float32 [N, D] of the spectra."""

    grey: np.ndarray
    directions: np.ndarray
    spectrum: Basis
    pixels: Basis

    @classmethod
    def of(cls, images: np.ndarray, *, sample: int = 10_000) -> Likeness:
        """`images`: uint8 [N, C, H, W]; the bases are of at most `sample` of them, evenly spaced."""
        grey = small_grey(images)
        values = np.concatenate([spectra(grey[i : i + _CHUNK]) for i in range(0, len(grey), _CHUNK)])
        chosen = np.unique(np.linspace(0, len(grey) - 1, min(sample, len(grey))).astype(int))
        whole = _standard(grey[chosen], np.ones((1, *grey.shape[1:]), np.float32))
        pixels = Basis.of(whole, PIXELS)
        spectrum = Basis.of(spectra(whole.reshape(-1, *grey.shape[1:]), 0), SPECTRUM)
        directions = Basis.of(values[chosen], SPECTRUM).directions(values)
        return cls(grey, directions, spectrum, Basis(np.zeros_like(pixels.mean), pixels.weights))

    def of_pairs(self, pairs: np.ndarray, least: float = -1.0) -> np.ndarray:
        """float32 [P], -1 to 1, of int [P, 2] row numbers; some that are below `least` are given as -1."""
        chunks = [self._of_pairs(pairs[i : i + _CHUNK], least) for i in range(0, len(pairs), _CHUNK)]
        return np.concatenate(chunks) if chunks else np.zeros(0, np.float32)

    def _of_pairs(self, pairs: np.ndarray, least: float) -> np.ndarray:
        under = self.grey[pairs[:, 1]]
        over, both = overlay(self.grey[pairs[:, 0]], under)
        one, other = _standard(over, both), _standard(under, both)
        found = _cosine(self.pixels, one, other)
        near = found >= 2 * least - 1  # whatever the spectra say, the mean of both is below otherwise
        if near.any():
            shape = (-1, *under.shape[1:])
            found[near] += _cosine(self.spectrum, *(spectra(part[near].reshape(shape), 0) for part in (one, other)))
        return np.where(near, found / 2, -1).astype(np.float32)


def _cosine(basis: Basis, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (basis.directions(one) * basis.directions(other)).sum(1)


def overlay(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(`first` shifted, mirrored where that fits better, onto `second`; 1 where both show something): float32
    [P, h, w]. By the largest circular cross-correlation over shifts of up to 1 / `REACH` of a side."""
    p, h, w = first.shape
    spectrum = np.fft.rfft2(second - second.mean((1, 2), keepdims=True))
    far = [np.minimum(np.arange(side), side - np.arange(side)) > max(1, side // REACH) for side in (h, w)]
    peaks, places = [], []
    for one in (first, first[:, :, ::-1]):
        product = np.conj(np.fft.rfft2(one - one.mean((1, 2), keepdims=True))) * spectrum
        surface = np.fft.irfft2(product, s=(h, w))
        surface[:, far[0][:, None] | far[1]] = -np.inf
        places.append(surface.reshape(p, -1).argmax(1))
        peaks.append(np.take_along_axis(surface.reshape(p, -1), places[-1][:, None], 1)[:, 0])
    mirrored = peaks[1] > peaks[0]
    down, right = np.divmod(np.where(mirrored, places[1], places[0]), w)
    rows = np.arange(h) - np.where(down > h // 2, down - h, down)[:, None]
    columns = np.arange(w) - np.where(right > w // 2, right - w, right)[:, None]
    both = ((rows >= 0) & (rows < h))[:, :, None] & ((columns >= 0) & (columns < w))[:, None]
    turned = np.where(mirrored[:, None, None], first[:, :, ::-1], first)
    shifted = turned[np.arange(p)[:, None, None], rows.clip(0, h - 1)[:, :, None], columns.clip(0, w - 1)[:, None]]
    return shifted, both.astype(np.float32)


def _standard(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """float32 [P, h x w]: mean 0 and variance 1 within `mask`, 0 outside it."""
    count = mask.sum((1, 2), keepdims=True).clip(1)
    centred = (grey - (grey * mask).sum((1, 2), keepdims=True) / count) * mask
    spread = np.sqrt((centred**2).sum((1, 2), keepdims=True) / count)
    return (centred / spread.clip(1)).reshape(len(grey), -1)
