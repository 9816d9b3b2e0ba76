"""Small pictures as one large one, and pictures as text that a page can carry. h, w pixels of a tile."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image

from bakeoff.show.palette import rgb

LARGEST = 64
"""Pixels a side: larger tiles are shown smaller."""
QUALITY = 80
"""Of pictures with slight losses, 0..100 as WebP counts it."""


def reduced(images: torch.Tensor) -> torch.Tensor:
    """float32 [N, C, h, w], at most `LARGEST` pixels a side, each the mean of those it stands for."""
    h, w = images.shape[2:]
    scale = LARGEST / max(h, w)
    if scale >= 1:
        return images
    return torch.nn.functional.interpolate(images, (max(1, round(h * scale)), max(1, round(w * scale))), mode="area")


def sheet(tiles: np.ndarray, columns: int) -> np.ndarray:
    """uint8 [rows x h, columns x w, C] of tiles uint8 [N, h, w, C], row by row; what is left of the last row is 0."""
    n, h, w, c = tiles.shape
    rows = max(1, -(-n // columns))
    whole = np.zeros((rows * columns, h, w, c), np.uint8)
    whole[:n] = tiles
    return whole.reshape(rows, columns, h, w, c).swapaxes(1, 2).reshape(rows * h, columns * w, c)


def encode(picture: np.ndarray, form: str = "PNG") -> bytes:
    """The file's bytes of uint8 [h, w, 1 or 3]: exact as PNG, with slight losses as WEBP."""
    out = io.BytesIO()
    options = {"optimize": True} if form == "PNG" else {"quality": QUALITY, "method": 4}
    Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(out, form, **options)
    return out.getvalue()


def encode_levels(values: np.ndarray, ramp: Mapping[str, str]) -> bytes:
    """A PNG of uint8 [h, w]: 0 is transparent, n the n-th colour of `ramp`."""
    picture = Image.fromarray(values)
    picture.putpalette(bytes([0, 0, 0, *(part for color in ramp.values() for part in rgb(color))]))
    out = io.BytesIO()
    picture.save(out, "PNG", transparency=0)
    return out.getvalue()


def data_uri(content: bytes, form: str = "PNG") -> str:
    return f"data:image/{form.lower()};base64,{base64.b64encode(content).decode()}"
