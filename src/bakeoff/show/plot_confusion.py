"""The confusion matrix of an entry as a figure: true class on rows, shares of the row, errors in colour."""

from __future__ import annotations

import numpy as np

from bakeoff.judge.results import DatasetResult, EntryResult
from bakeoff.show.class_order import class_order
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import percent
from bakeoff.show.scene import Anchor, Area, Line, Point, Scene, Text, box, fit

LEVELS = 12
MAX_NUMBERS = 20
"""Up to so many classes the cells carry numbers."""
MAX_NAMES = 120
"""Up to so many the rows and columns carry names ..."""
SMALL = 30
"""... and from so many on those of the superclasses, where there are some."""
KEY = 240.0
"""Pixels of the colour scale that a matrix without numbers has below it."""


def row_shares(confusion: list[list[int]] | np.ndarray) -> np.ndarray:
    """float64 [K, K]: counts divided by their row's sum; rows without examples are zero."""
    counts = np.asarray(confusion, float)
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _largest_error(shares: np.ndarray) -> float:
    return float((shares - np.diag(np.diag(shares))).max())


def shade(share: float, top: float) -> float:
    """The opacity 0..1 of an error cell, growing slower than the share so that small errors stay visible.
    templates/matrix.js shades alike."""
    return 0.0 if share <= 0 else 0.04 + 0.86 * min(share / top, 1) ** 0.65


def plot_confusion(entry: EntryResult, dataset: DatasetResult, width: float = 760) -> Scene:
    """All seeds together. The diagonal is grey and quiet: what stands out is error. Classes of one superclass stand
    side by side, with lines between the blocks."""
    k = len(dataset.classes)
    order, blocks = class_order(k, dataset.superclasses)
    classes = [dataset.classes[i] for i in order]
    shares = row_shares(np.array(entry.confusion)[np.ix_(order, order)])
    coarse = bool(blocks) and k >= SMALL
    named = k <= MAX_NAMES or coarse
    left, top, right = (196.0, 150.0, 80.0) if coarse else (150.0, 104.0, 60.0) if named else (40.0, 40.0, 12.0)
    cell = min((width - left - right) / k, 60)
    title = f"Confusions of {tidy(entry.name)}"
    below = 14 if k <= MAX_NUMBERS else 58
    scene = Scene(left + cell * k + right, top + cell * k + below, title, _alt(entry, dataset.classes))
    words = f"{tidy(entry.name)}: true class on rows, % of the row"
    words += ", classes by superclass" if blocks else ""
    scene.add(Text(10, 18, fit(words, 12.5, scene.width - 20), 12.5, "muted"))
    _cells(scene, shares, left, top, cell)
    if k <= MAX_NUMBERS:
        _numbers(scene, shares, left, top, cell)
    if coarse:
        _names(scene, [(b.name, b.start + b.size / 2, b.size * cell) for b in blocks], left, top, cell)
    elif named:
        _names(scene, [(name, i + 0.5, cell) for i, name in enumerate(classes)], left, top, cell)
    edge = cell * k
    for at in (0, *(b.start for b in blocks[1:])):
        color = "faint" if at else "rule"
        scene.add(
            Line(((left, top + at * cell), (left + edge, top + at * cell)), color, 1, opacity=0.7),
            Line(((left + at * cell, top), (left + at * cell, top + edge)), color, 1, opacity=0.7),
        )
    if k > MAX_NUMBERS and _largest_error(shares) > 0:
        _key(scene, _largest_error(shares), left, top + edge + 18)
    return scene


def _cells(scene: Scene, shares: np.ndarray, left: float, top: float, cell: float) -> None:
    """Errors in a few levels of one colour, a node each; the diagonal in grey."""
    errors = shares.copy()
    np.fill_diagonal(errors, 0)
    gap = 1 if cell > 6 else 0
    levels: dict[int, list[tuple[Point, ...]]] = {}
    for i, j in np.argwhere(errors > 0):
        level = round(LEVELS * shade(errors[i, j], errors.max()))
        levels.setdefault(level, []).append(box(left + j * cell, top + i * cell, cell - gap, cell - gap))
    for level, rings in sorted(levels.items()):
        scene.add(Area(tuple(rings), "error", max(level, 1) / LEVELS))
    diagonal = tuple(box(left + i * cell, top + i * cell, cell - gap, cell - gap) for i in range(len(shares)))
    scene.add(Area(diagonal, "faint", 0.16))


def _numbers(scene: Scene, shares: np.ndarray, left: float, top: float, cell: float) -> None:
    size = min(12, cell * 0.36)
    strongest = max(_largest_error(shares), 1e-9)
    for (i, j), share in np.ndenumerate(shares):
        if share >= 0.005:
            at = (left + j * cell + cell / 2 - 0.5, top + i * cell + cell / 2 + size * 0.36)
            digits = 1 if share < 0.0995 and i != j else 0
            strong = i != j and shade(share, strongest) > 0.62
            color = "paper" if strong else "muted" if i == j else "ink"
            scene.add(Text(*at, percent(share, digits)[:-1], size, color, "middle"))


def _key(scene: Scene, strongest: float, left: float, top: float) -> None:
    """The colours of `_cells` along the shares of 0 to the strongest error, which they do not follow evenly."""
    width, steps = min(KEY, scene.width - left - 12), 6 * LEVELS
    levels: dict[int, list[tuple[Point, ...]]] = {}
    for i in range(steps):
        level = max(1, round(LEVELS * shade(i + 0.5, steps)))
        levels.setdefault(level, []).append(box(left + i * width / steps, top, width / steps, 10))
    for level, rings in sorted(levels.items()):
        scene.add(Area(tuple(rings), "error", level / LEVELS))
    marks: tuple[tuple[float, Anchor], ...] = ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    for part, anchor in marks:
        at = left + part * width
        scene.add(Line(((at, top), (at, top + 14)), "faint", 1))
        scene.add(Text(at, top + 26, percent(part * strongest, 1 if part else 0), 11.5, "muted", anchor))


def _names(scene: Scene, names: list[tuple[str, float, float]], left: float, top: float, cell: float) -> None:
    """`names`: (name, its place in cells, the pixels it may take)."""
    for name, place, room in names:
        size = min(12, max(5, room * 0.8))
        middle = place * cell
        words = fit(tidy(name), size, left - 18)
        scene.add(Text(left - 7, top + middle + size * 0.35, words, size, "ink", "end", title=tidy(name)))
        short = fit(tidy(name), size, (top - 26) / 0.766)  # sin 50°
        scene.add(Text(left + middle + size * 0.35, top - 6, short, size, "ink", rotate=-50, title=tidy(name)))


def _alt(entry: EntryResult, classes: list[str]) -> str:
    shares = row_shares(entry.confusion)
    np.fill_diagonal(shares, 0)
    worst = [np.unravel_index(flat, shares.shape) for flat in np.argsort(-shares, axis=None, kind="stable")[:3]]
    told = [
        f"{tidy(classes[i])} taken for {tidy(classes[j])} {percent(float(shares[i, j]), 1)}"
        for i, j in worst
        if shares[i, j] > 0
    ]
    return f"Confusion matrix of {tidy(entry.name)}. " + (f"Largest: {'; '.join(told)}." if told else "No errors.")
