"""Mean score by any two hyper-parameters: a figure of the two that matter most, and the data for a reader's own choice.

Shapes: N candidates, A and B values of two axes.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from bakeoff.judge.effects import main_axes
from bakeoff.judge.search_axes import Coded
from bakeoff.judge.search_words import metric_words
from bakeoff.show.escape import tidy
from bakeoff.show.palette import STEPS, ramp
from bakeoff.show.panels import NARROW
from bakeoff.show.scene import Area, Scene, Text, box, fit, fit_all
from bakeoff.show.search_view import SearchView

MOST = 24
"""Values of an axis that a figure shows; the page's own map scrolls."""


def pair(view: SearchView) -> tuple[Coded, Coded] | None:
    """(across, down): the two most important axes; None where there are not two."""
    by_name = {axis.name: axis for axis in view.axes}
    names = [name for name in main_axes(view.result.effects) if name in by_name]
    return (by_name[names[0]], by_name[names[1]]) if len(names) == 2 else None


def cell_means(view: SearchView, across: Coded, down: Coded) -> tuple[np.ndarray, np.ndarray]:
    """float64 [B, A] means in the metric's unit, NaN where no candidate is, and int64 [B, A] how many are."""
    shape = len(down.labels), len(across.labels)
    both = (across.codes >= 0) & (down.codes >= 0)
    flat = down.codes[both].astype(int) * shape[1] + across.codes[both]
    count = np.bincount(flat, minlength=shape[0] * shape[1])
    total = np.bincount(flat, view.scores[both], minlength=len(count))
    with np.errstate(invalid="ignore"):
        return (total / np.where(count, count, np.nan)).reshape(shape), count.reshape(shape)


def plot_heat(view: SearchView, across: Coded, down: Coded, width: float = 760) -> Scene:
    """Cells coloured and numbered by mean score, how many candidates under it."""
    means, counts = cell_means(view, across, down)
    means, counts = means[:MOST, :MOST], counts[:MOST, :MOST]
    rows, columns = means.shape
    left = 112.0 if width >= NARROW else 66.0
    cell = min((width - left - 10) / columns, 140.0)
    high = max(26.0, min(cell * 0.62, 42.0))
    scene = Scene(width, 0, f"Mean score by {tidy(across.name)} and {tidy(down.name)}", _alt(view, across, down))
    words = f"mean {metric_words(view.result.metric)} after {view.where}"
    scene.add(Text(8, 14, fit(words, 11.5, width - 16), 11.5, "muted"))
    scene.add(
        Text(left + columns * cell / 2, 38, fit(tidy(across.name), 12, columns * cell), 12, "ink", "middle", bold=True)
    )
    scene.add(Text(8, 56, fit(tidy(down.name), 12, left - 12), 12, "ink", bold=True))
    labels = [tidy(label) for label in across.labels[:columns]]
    for a, short in enumerate(fit_all(labels, 10.5, cell - 3)):
        scene.add(Text(left + (a + 0.5) * cell, 56, short, 10.5, "muted", "middle", title=labels[a]))
    finite = means[np.isfinite(means)]
    low, top = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    labels = [tidy(label) for label in down.labels[:rows]]
    for b, short in enumerate(fit_all(labels, 10.5, left - 16)):
        y = 64 + (rows - 1 - b) * high
        scene.add(Text(left - 8, y + high / 2 + 4, short, 10.5, "muted", "end", title=labels[b]))
        for a in range(columns):
            _cell(scene, view, (left + a * cell, y, cell, high), means[b, a], int(counts[b, a]), (low, top))
    scene.height = 64 + rows * high + 8
    return scene


def _cell(scene: Scene, view: SearchView, frame, mean: float, count: int, ends: tuple[float, float]) -> None:
    x, y, width, height = frame
    if not count:
        scene.add(Area((box(x + 1, y + 1, width - 2, height - 2),), "panel"))
        return
    low, high = ends
    share = (mean - low) / (high - low) if high > low else 0.5
    share = share if view.found.shown(1.0) > 0 else 1 - share
    role = ramp(share)
    scene.add(Area((box(x + 1, y + 1, width - 2, height - 2),), role))
    if width > 26:
        ink = "paper" if int(role[1:]) > STEPS // 2 else "ink"
        words = f"{100 * mean:.1f}" if view.result.metric == "validation_accuracy" else f"{mean:.3f}"
        scene.add(Text(x + width / 2, y + height / 2 + 1, words, 11 if width > 38 else 9, ink, "middle"))
        scene.add(
            Text(x + width / 2, y + height / 2 + 12, f"n={count:,}" if width > 38 else f"{count}", 8.5, ink, "middle")
        )


def _alt(view: SearchView, across: Coded, down: Coded) -> str:
    means, _ = cell_means(view, across, down)
    if not np.isfinite(means).any():
        return "No cell has a score."
    sign = view.found.shown(1.0)
    b, a = np.unravel_index(int(np.nanargmax(sign * means)), means.shape)
    return (
        f"Mean score by {tidy(across.name)} and {tidy(down.name)}; the best cell is {tidy(across.labels[a])} and "
        f"{tidy(down.labels[b])}."
    )


def heat_data(view: SearchView) -> dict[str, Any]:
    """For the page's own map: a byte a candidate and axis (255: not active), two bytes a score, little-endian, from
    `low` to `high`."""
    low, high = (float(view.scores.min()), float(view.scores.max())) if len(view.scores) else (0.0, 1.0)
    steps = np.rint((view.scores - low) / ((high - low) or 1.0) * 65535).astype("<u2")
    axes = [
        {
            "name": tidy(axis.name),
            "labels": [tidy(label) for label in axis.labels[:255]],
            "codes": _text(np.where((axis.codes < 0) | (axis.codes > 254), 255, axis.codes).astype(np.uint8)),
        }
        for axis in view.axes
    ]
    chosen = [axis.name for axis in pair(view) or ()]
    first = [i for name in chosen for i, axis in enumerate(view.axes) if axis.name == name]
    return {
        "axes": axes,
        "first": first,
        "scores": _text(steps),
        "low": low,
        "high": high,
        "accuracy": view.result.metric == "validation_accuracy",
    }


def _text(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
