"""Thousands of lines in one small picture: painted into levels of the ramp, the best on top.

Shapes: N lines, P points of a line, [h, w] pixels.
"""

from __future__ import annotations

import numpy as np

FINE = 2
"""Pixels of a picture a pixel of the figure."""
MANY = 6


def canvas(width: float, height: float) -> np.ndarray:
    """uint8 [h, w] of nothing."""
    return np.zeros((max(1, round(height * FINE)), max(1, round(width * FINE))), np.uint8)


def paint_lines(picture: np.ndarray, xs: np.ndarray, ys: np.ndarray, levels: np.ndarray) -> None:
    """Lines through `xs`, `ys` [N, P] in pixels of the figure, each in its level [N], higher over lower. Points must
    stand less than half a pixel apart for a line without gaps."""
    order = np.argsort(levels, kind="stable")
    for part in np.array_split(order, max(1, order.size * xs.shape[1] // 4_000_000)):
        rows, columns = _inside(picture, xs[part], ys[part])
        # Of equal places NumPy keeps what is assigned last: the highest level, as they are sorted.
        picture[rows, columns] = np.maximum(picture[rows, columns], levels[part][:, None])


def _inside(picture: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.clip((ys * FINE).astype(np.int32), 0, picture.shape[0] - 1)
    columns = np.clip((xs * FINE).astype(np.int32), 0, picture.shape[1] - 1)
    return rows, columns


def thicken(picture: np.ndarray) -> np.ndarray:
    """Every line a pixel wider, the higher level over the lower."""
    out = picture.copy()
    out[1:] = np.maximum(out[1:], picture[:-1])
    out[:, 1:] = np.maximum(out[:, 1:], picture[:, :-1])
    return out


def count_lines(counts: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> None:
    """Add 1 wherever a point of a line falls; `counts` int64 [h, w]."""
    rows, columns = _inside(counts, xs, ys)
    counts += np.bincount((rows * counts.shape[1] + columns).ravel(), minlength=counts.size).reshape(counts.shape)


def density_levels(counts: np.ndarray, steps: int) -> np.ndarray:
    """uint8 levels 1..steps of counts on a log scale; 0 where there is none. Full colour is for at least `MANY`."""
    top = np.log1p(max(int(counts.max(initial=1)), MANY))
    return np.where(counts > 0, 1 + np.minimum(steps - 1, np.log1p(counts) / top * steps), 0).astype(np.uint8)
