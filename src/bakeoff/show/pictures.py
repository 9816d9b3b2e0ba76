"""The test pictures that a page carries, each once, in one sheet within a budget of bytes. C channels, H, W pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from bakeoff.show.predictions import Predictions, cells, confident_mistakes, first_pictures, fooled_all, split_by_half
from bakeoff.show.sheet import LARGEST, data_uri, encode, reduced, sheet

BUDGET = 3_200_000
"""Bytes of the sheet before base64, so that a report with 10,000 test pictures stays under 10 MB."""
HOPELESS = 25
"""Pictures of more raw bytes than so many budgets are not even tried: no photos shrink as much."""
FOOLED = 12
ERRORS, RIGHT = 60, 20
"""Pictures of an off-diagonal cell, of a diagonal cell, that go before all others."""


@dataclass(frozen=True)
class Sprite:
    """`images`: test indices in sheet order, row by row, `columns` a row; tiles are `width` x `height` pixels, shown
    `zoom` times as large. `wanted`: how many pictures should be there; the budget may have allowed fewer."""

    images: list[int]
    columns: int
    width: int
    height: int
    zoom: float
    wanted: int
    uri: str

    def place(self, image: int) -> tuple[int, int]:
        """(column, row) of a test image; ValueError if it is not in the sheet."""
        row, column = divmod(self.images.index(image), self.columns)
        return column, row


def make_sprite(images: torch.Tensor, labels: np.ndarray, everyone: list[Predictions], budget: int = BUDGET) -> Sprite:
    """`images` uint8 [N, C, H, W]. Every picture that a run gets wrong and a sample of the others, if that fits the
    budget, exactly (PNG) or with slight losses (WebP). If not, the least needed are left out."""
    wanted = by_need(labels, everyone)
    raw = min(images.shape[2] * images.shape[3], LARGEST * LARGEST) * min(images.shape[1], 3)
    count = min(len(wanted), HOPELESS * budget // raw)
    form = "PNG" if count == len(wanted) else "WEBP"
    sprite, size = _sheet(images, wanted, count, form)
    while size > budget:
        if form == "WEBP":
            count = int(count * min(0.97 * budget / size, 0.97))
        form = "WEBP"
        sprite, size = _sheet(images, wanted, count, form)
    return sprite


def by_need(labels: np.ndarray, everyone: list[Predictions]) -> np.ndarray:
    """Distinct test indices, the most needed first: those that the page shows unasked; the first pictures of every cell
    of every confusion matrix, the first of each before the second of any, large cells before small ones; then all that
    some run gets wrong, those first about which the runs disagree most."""
    unasked = [fooled_all(everyone, labels)[:FOOLED, 2], *(confident_mistakes(p, labels)[:, 2] for p in everyone)]
    rows = [np.column_stack([np.full((len(i), 2), -1), i]) for i in unasked]
    rows += [first_pictures(cells(p, view, labels), ERRORS, RIGHT) for p in everyone for view in p.views()]
    need = np.concatenate(rows).astype(int)
    need = np.concatenate([need[np.lexsort(need.T[::-1])][:, 2], split_by_half(everyone, labels)])
    return need[np.sort(np.unique(need, return_index=True)[1])]


def _sheet(images: torch.Tensor, wanted: np.ndarray, count: int, form: str) -> tuple[Sprite, int]:
    kept = np.sort(wanted[:count])
    tiles = _tiles(images[torch.from_numpy(kept)])
    n, h, w, _ = tiles.shape
    columns = max(1, min(n, math.ceil(math.sqrt(n * h / w))))
    content = encode(sheet(tiles, columns), form)
    zoom = max(1, round(56 / max(h, w)))
    return Sprite(kept.tolist(), columns, w, h, zoom, len(wanted), data_uri(content, form)), len(content)


def _tiles(images: torch.Tensor) -> np.ndarray:
    """uint8 [N, h, w, 1 or 3]; any other number of channels shows its first, large pictures are reduced."""
    images = images if images.shape[1] in (1, 3) else images[:, :1]
    if max(images.shape[2:]) > LARGEST:
        images = torch.cat([reduced(part.float()).round().to(torch.uint8) for part in images.split(64)])
    return images.permute(0, 2, 3, 1).contiguous().numpy()
