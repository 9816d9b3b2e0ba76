"""Each needed test picture once, in one sprite sheet, within a budget of bytes. C channels, H, W pixels."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

import numpy as np
import torch

from bakeoff.show import escape
from bakeoff.show.class_order import class_order
from bakeoff.show.predictions import Predictions, cells, confident_mistakes, first_pictures, fooled_all
from bakeoff.show.sheet import LARGEST, data_uri, encode, reduced, sheet

BUDGET = 1_600_000
"""Bytes of the sheet before base64, so that a report of Fashion-MNIST stays under 3 MB."""
PREDICTION_BUDGET = 800_000
FOOLED = 12
ERRORS, RIGHT = 60, 20
"""Pictures of an off-diagonal cell, of a diagonal cell."""


@dataclass(frozen=True)
class Sprite:
    """`images`: test indices in sheet order, row by row, `columns` a row; tiles are `width` x `height` pixels, shown
    `zoom` times as large. `left_out`: pictures that a cell should show and the budget did not allow."""

    images: list[int]
    columns: int
    width: int
    height: int
    zoom: float
    left_out: int
    uri: str

    def place(self, image: int) -> tuple[int, int]:
        """(column, row) of a test image; ValueError if it is not in the sheet."""
        row, column = divmod(self.images.index(image), self.columns)
        return column, row


def make_sprite(images: torch.Tensor, labels: np.ndarray, everyone: list[Predictions], budget: int = BUDGET) -> Sprite:
    """`images` uint8 [N, C, H, W]. Every cell of every view is complete up to its cap if that fits the budget, exactly
    (PNG) or with slight losses (WebP). If not, the first picture of each cell goes before the second of any, large
    cells before small ones, and the rest is left out."""
    wanted = _by_need(labels, everyone)
    sprite, size = _sheet(images, wanted, len(wanted), "PNG")
    share = 1.0
    while size > budget:
        sprite, size = _sheet(images, wanted, int(share * len(wanted)), "WEBP")
        share *= min(0.97 * budget / size, 0.97)
    return sprite


def _by_need(labels: np.ndarray, everyone: list[Predictions]) -> np.ndarray:
    """Distinct images, the most needed first: those that the page shows unasked, then the firsts of each cell."""
    unasked = [fooled_all(everyone, labels)[:FOOLED, 2], *(confident_mistakes(p, labels)[:, 2] for p in everyone)]
    rows = [np.column_stack([np.full((len(i), 2), -1), i]) for i in unasked]
    rows += [first_pictures(cells(p, view, labels), ERRORS, RIGHT) for p in everyone for view in p.views()]
    need = np.concatenate(rows).astype(int)
    need = need[np.lexsort(need.T[::-1])]
    return need[np.sort(np.unique(need[:, 2], return_index=True)[1]), 2]


def _sheet(images: torch.Tensor, wanted: np.ndarray, count: int, form: str) -> tuple[Sprite, int]:
    kept = np.sort(wanted[:count])
    tiles = _tiles(images[torch.from_numpy(kept)])
    n, h, w, _ = tiles.shape
    columns = max(1, min(n, math.ceil(math.sqrt(n * h / w))))
    content = encode(sheet(tiles, columns), form)
    zoom = max(1, round(56 / max(h, w)))
    uri = data_uri(content, form)
    return Sprite([int(i) for i in kept], columns, w, h, zoom, len(wanted) - len(kept), uri), len(content)


def _tiles(images: torch.Tensor) -> np.ndarray:
    """uint8 [N, h, w, 1 or 3]; any other number of channels shows its first, large pictures are reduced."""
    images = images if images.shape[1] in (1, 3) else images[:, :1]
    if max(images.shape[2:]) > LARGEST:
        images = torch.cat([reduced(part.float()).round().to(torch.uint8) for part in images.split(64)])
    return images.permute(0, 2, 3, 1).contiguous().numpy()


def affordable(everyone: list[Predictions]) -> list[Predictions]:
    """All seeds if their predictions fit the page, else the first seed of each entry."""
    if sum(2 * p.predicted.size for p in everyone) <= PREDICTION_BUDGET:
        return everyone
    return [Predictions(p.name, p.seeds[:1], p.predicted[:1], p.confidence[:1]) for p in everyone]


def page_data(
    everyone: list[Predictions], labels: np.ndarray, classes: list[str], superclasses: list[str], sprite: Sprite
) -> dict:
    """What the page's script reads; see templates/report.js."""
    order, blocks = class_order(len(classes), superclasses)
    kind = "<u1" if len(classes) <= 256 else "<u2"

    def text(values: np.ndarray, dtype: str) -> str:
        return base64.b64encode(values.astype(dtype).tobytes()).decode()

    return {
        "classes": classes,
        "order": order.tolist(),
        "blocks": [[escape.tidy(b.name), b.start, b.size] for b in blocks],
        "bytes": int(kind[-1]),
        "labels": text(labels, kind),
        "entries": [
            {
                "name": p.name,
                "runs": [
                    {"seed": seed, "predicted": text(p.predicted[s], kind), "confidence": text(p.confidence[s], "<u1")}
                    for s, seed in enumerate(p.seeds)
                ],
            }
            for p in everyone
        ],
        "sprite": {"images": sprite.images, "columns": sprite.columns, "errors": ERRORS, "right": RIGHT},
    }
