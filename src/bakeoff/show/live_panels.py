"""Curves of a study under way: accuracy and loss, training beside validation on one scale, every training a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bakeoff.fleet import merge
from bakeoff.runs import EpochRow
from bakeoff.show.axes import Scale, linear, x_axis, y_axis
from bakeoff.show.escape import tidy
from bakeoff.show.leaving import draw_line, note_beyond
from bakeoff.show.live_board import Board, Training, number
from bakeoff.show.numbers import decimal, percent, short_count
from bakeoff.show.palette import style
from bakeoff.show.scene import Dot, Line, Scene, Text, fit, text_width

LiveAxis = Literal["epochs", "steps"]
Quantity = Literal["accuracy", "loss"]
Part = Literal["train", "validation"]

POINTS_A_PANEL = 4_000
"""Points of all lines of a panel together: it bounds the page, whatever the number of trainings."""
EPOCH_POINTS, STEP_POINTS = 80, 200
WIDTH, HEIGHT = 388.0, 196.0
LEFT, TOP, RIGHT, BOTTOM = 36.0, 30.0, 8.0, 40.0


@dataclass(frozen=True)
class Curve:
    """One training's line: `x` and `y` of one length, all finite; `index` is its entry's place, `title` its end in
    words."""

    x: np.ndarray
    y: np.ndarray
    index: int
    title: str


@dataclass(frozen=True)
class Panel:
    """Curves of one quantity over one part of the data, and the scale of values that both parts share. `nothing`: what
    stands in place of curves where there is none."""

    title: str
    curves: list[Curve]
    low: float
    high: float
    quantity: Quantity
    nothing: str


def panels(board: Board, axis: LiveAxis) -> list[Panel]:
    """Accuracy on training and validation data, then loss on both."""
    begun = any(training.rows for training in board.trainings)
    out = []
    for quantity in ("accuracy", "loss"):
        both = {part: _curves(board, quantity, part, axis) for part in ("train", "validation")}  # type: ignore[arg-type]
        low, high = _range([c.y for curves in both.values() for c in curves], quantity)  # type: ignore[arg-type]
        unit = ", %" if quantity == "accuracy" else ""
        for part, curves in both.items():
            words = "training" if part == "train" else "validation"
            step_by_step = part == "train" and quantity == "loss" and axis == "steps"
            title = "training loss, step by step" if step_by_step else f"{words} {quantity}{unit}"
            nothing = f"no {words} {quantity}" if begun else "no epoch has ended yet"
            out.append(Panel(title, curves, low, high, quantity, nothing))  # type: ignore[arg-type]
    return out


def draw_panel(board: Board, panel: Panel, axis: LiveAxis) -> Scene:
    """One panel as a drawing of its own."""
    scene = Scene(WIDTH, HEIGHT + TOP + BOTTOM, panel.title, _alt(panel, axis))
    _paint(scene, panel, _along(board, axis), axis, 0, 0)
    return scene


def draw_picture(board: Board, title: str) -> Scene:
    """All four panels by epoch with a legend: the last state as a figure."""
    every = panels(board, "epochs")
    scene = Scene(2 * WIDTH + 24, 0, title, " ".join(_alt(panel, "epochs") for panel in every))
    top = _legend(scene, [entry.name for entry in board.entries]) + 22
    reach = _along(board, "epochs")
    for n, panel in enumerate(every):
        _paint(scene, panel, reach, "epochs", (n % 2) * (WIDTH + 24), top + (n // 2) * (HEIGHT + TOP + BOTTOM + 14))
    scene.height = top + 2 * (HEIGHT + TOP + BOTTOM) + 18
    return scene


def _curves(board: Board, quantity: Quantity, part: Part, axis: LiveAxis) -> list[Curve]:
    lines = sum(len(entry.trainings) for entry in board.entries) or 1
    limit = max(2, POINTS_A_PANEL // lines)
    out = []
    for index, entry in enumerate(board.entries):
        for training in entry.trainings:
            if axis == "steps" and part == "train" and quantity == "loss":
                blocks = merge(training.blocks, min(STEP_POINTS, limit))
                points = [((b.first + b.last) / 2, b.loss) for b in blocks]
            else:
                column, place = f"{part}_{quantity}", "epoch" if axis == "epochs" else "step"
                rows = _thin(training.rows, min(EPOCH_POINTS, limit))
                points = [(row[place], number(row[column])) for row in rows]  # type: ignore[literal-required]
            x, y = np.array(points, float).reshape(-1, 2).T
            known = np.isfinite(y)
            if known.any():
                title = _title(entry.name, training, quantity, y[known][-1])
                out.append(Curve(x[known], y[known], index, title))
    return out


def _thin(rows: Sequence[EpochRow], points: int) -> list[EpochRow]:
    """At most `points` of the rows, the first and the last among them."""
    keep = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), points)).round().astype(int))
    return [rows[i] for i in keep]


def _title(name: str, training: Training, quantity: Quantity, value: float) -> str:
    shown = percent(value) if quantity == "accuracy" else decimal(value)
    return f"{tidy(name)} seed {training.job.seed}: {shown} after epoch {training.rows[-1]['epoch']}"


def _range(curves: list[np.ndarray], quantity: Quantity) -> tuple[float, float]:
    """(low, high) of a panel's scale. A loss far above that of most curves is cut off, so that a diverged training
    cannot flatten every other curve; its line leaves the panel at the top."""
    values = np.concatenate(curves) if curves else np.array([0.0, 1.0])
    high = float(values.max())
    if quantity == "loss" and curves:
        tops = sorted(float(curve.max()) for curve in curves)
        high = min(high, 1.5 * tops[(len(tops) - 1) // 2])
    scale = linear([min(float(values.min()), high), high], 0, 1, floor=0.0)
    return scale.low, min(scale.high, 1.0) if quantity == "accuracy" else scale.high


def _along(board: Board, axis: LiveAxis) -> float:
    """The right end of the horizontal scale: a little past what is trained while training goes on, so that there is
    room to grow, never past what is planned."""
    place: Literal["epoch", "step"] = "epoch" if axis == "epochs" else "step"
    started = [t for t in board.trainings if t.rows]
    seen = max((t.rows[-1][place] for t in started), default=0)
    if board.ending or not seen:
        return float(seen or 1)
    planned = max(t.job.recipe.epochs * t.rows[-1][place] / max(1, t.rows[-1]["epoch"]) for t in started)
    return max(float(seen), min(planned, 1.3 * seen + (4 if axis == "epochs" else 0)))


def _paint(scene: Scene, panel: Panel, reach: float, axis: LiveAxis, left: float, top: float) -> None:
    y = Scale(panel.low, panel.high, top + TOP + HEIGHT, top + TOP)
    x = Scale(0.0, reach * 1.01, left + LEFT, left + WIDTH - RIGHT)
    scene.add(Text(left + 4, top + 14, panel.title, 12.5, "ink", bold=True))
    y_axis(scene, y, x.start, x.end, None if panel.quantity == "accuracy" else lambda v: f"{v:g}", 4)
    ticks = (lambda v: f"{v:g}") if axis == "epochs" else short_count
    x_axis(scene, x, y.start, ticks, 6, "epochs" if axis == "epochs" else "optimiser steps")
    if not panel.curves:
        scene.add(Text((x.start + x.end) / 2, (y.start + y.end) / 2, panel.nothing, 12, "muted", "middle", halo=True))
    crowd = max((sum(c.index == k for c in panel.curves) for k in {c.index for c in panel.curves}), default=1)
    for curve in reversed(panel.curves):
        look = style(curve.index)
        points = [(x(a), y(b)) for a, b in zip(curve.x.tolist(), curve.y.tolist(), strict=True)]
        line = Line((), look.color, 1.9 if crowd == 1 else 1.3, look.dash, 1.0 if crowd < 3 else 0.8)
        inside = curve.y[-1] <= panel.high
        if len(points) > 1 or not inside:
            draw_line(scene, points, y.end, line)
        if inside:
            scene.add(Dot(*points[-1], 3.4, look.color, look.shape, title=curve.title))
    note_beyond(scene, [curve.y for curve in panel.curves], y, x.end)


def _legend(scene: Scene, names: list[str]) -> float:
    """Line samples with names in rows; returns the y under them."""
    x, y = 4.0, 18.0
    for index, name in enumerate(names):
        look, words = style(index), fit(tidy(name), 12, 200)
        need = 42 + text_width(words, 12)
        if x + need > scene.width and x > 4:
            x, y = 4.0, y + 19
        scene.add(Line(((x, y - 4), (x + 28, y - 4)), look.color, 1.9, look.dash))
        scene.add(Dot(x + 14, y - 4, 3.4, look.color, look.shape), Text(x + 34, y, words, 12, "ink"))
        x += need + 10
    return y


def sample(index: int) -> Scene:
    """The line and marker of an entry, for a legend."""
    look = style(index)
    scene = Scene(30, 12, "", "")
    scene.add(Line(((0, 6), (30, 6)), look.color, 1.9, look.dash), Dot(15, 6, 3.4, look.color, look.shape))
    return scene


def _alt(panel: Panel, axis: LiveAxis) -> str:
    ends = "; ".join(curve.title for curve in panel.curves[:12])
    more = f"; and {len(panel.curves) - 12} more" if len(panel.curves) > 12 else ""
    by = "epoch" if axis == "epochs" else "optimiser step"
    return f"{panel.title} by {by}. {ends}{more}." if ends else f"{panel.title} by {by}: nothing yet."
