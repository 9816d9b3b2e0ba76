"""Parallel coordinates: every candidate a line through its values and its score, the best on top.

Where a value is shared by many, their lines fan out over a band in the order of their scores, so that each band also
shows how good its candidates are.
"""

from __future__ import annotations

import numpy as np

from bakeoff.judge.search_axes import Coded
from bakeoff.judge.search_words import metric_words, score_words
from bakeoff.show.brush import canvas, paint_lines, thicken
from bakeoff.show.escape import tidy
from bakeoff.show.palette import STEPS
from bakeoff.show.panels import NARROW
from bakeoff.show.scene import Area, Levels, Line, Scene, Text, box, fit, fit_all, text_width
from bakeoff.show.score_scale import ScoreScale, score_scale
from bakeoff.show.search_view import SearchView

HEIGHT = 340
BAND = 0.62
"""The share of a value's room that its candidates fan out over."""
BOLD = 12.5
"""Bold words of 11.5 pixels are as wide as plain ones of this size."""
OFF = 26.0
"""The room at the bottom for candidates where an axis is not active."""


def plot_parallel(view: SearchView, width: float = 760) -> Scene:
    """All candidates at the comparison that they share. Under `NARROW` the axes run on, two rows."""
    scene = Scene(width, 0, f"All candidates, search {tidy(view.search.name)}", _alt(view))
    axes = list(view.axes)
    rows = [axes] if width >= NARROW else [axes[: (len(axes) + 1) // 2], axes[(len(axes) + 1) // 2 :]]
    top = _key(scene, view, width) + 54
    for part in (row for row in rows if row):
        _row(scene, view, part, top)
        top += HEIGHT + 62
    scene.height = top - 44
    return scene


def _row(scene: Scene, view: SearchView, axes: list[Coded], top: float) -> None:
    left, right = 30.0, scene.width - 58
    xs = np.linspace(left, right, len(axes) + 1)
    score = score_scale(view.result.metric, view.scores, top + HEIGHT - 4, top + 4)
    ys = np.stack([*(_fan(axis, view, top) for axis in axes), score.pixels(view.scores)])
    _lines(scene, view, xs, ys, top)
    if view.winner in view.compared:
        _winner(scene, xs, ys[:, view.compared.index(view.winner)])
    room = float(xs[1] - xs[0])
    crowded = any(text_width(tidy(axis.name), BOLD) > room - 8 for axis in axes)
    for n, (axis, x) in enumerate(zip(axes, xs, strict=False)):
        _axis(scene, axis, float(x), top, room)
        _name(scene, tidy(axis.name), float(x), top - (27 if crowded and n % 2 else 12), room * (1 + crowded))
    _score_axis(scene, score, right, top, view)


def _slot(axis: Coded) -> float:
    """Pixels that one value has."""
    return (HEIGHT - (OFF if (axis.codes < 0).any() else 0)) / len(axis.labels)


def _fan(axis: Coded, view: SearchView, top: float) -> np.ndarray:
    """float64 [N]: where each candidate crosses an axis. First values at the bottom."""
    slot, bottom = _slot(axis), top + HEIGHT - (OFF if (axis.codes < 0).any() else 0)
    rank = np.argsort(np.argsort(view.found.shown(1.0) * view.scores, kind="stable"))
    out = np.zeros(len(rank))
    for code in range(-1, len(axis.labels)):
        mine = np.flatnonzero(axis.codes == code)
        if not len(mine):
            continue
        within = (np.argsort(np.argsort(rank[mine])) + 0.5) / len(mine) - 0.5  # -0.5 poorest .. 0.5 best
        if code < 0:
            out[mine] = top + HEIGHT - 8 - within * 12
        elif axis.range:
            out[mine] = bottom - axis.places[mine] * slot
        else:
            out[mine] = bottom - (code + 0.5 + BAND * within) * slot
    return out


def _lines(scene: Scene, view: SearchView, xs: np.ndarray, ys: np.ndarray, top: float) -> None:
    left, width = float(xs[0]), float(xs[-1] - xs[0])
    picture = canvas(width + 2, HEIGHT + 2)
    for n in range(len(xs) - 1):
        steps = np.linspace(0, 1, 2 * HEIGHT + 1)
        ease = steps * steps * (3 - 2 * steps)
        at = np.broadcast_to(xs[n] - left + steps * (xs[n + 1] - xs[n]), (1, len(steps)))
        for part in np.array_split(np.arange(len(view.levels)), max(1, len(view.levels) // 2000)):
            y = ys[n][part, None] + ease * (ys[n + 1] - ys[n])[part, None] - top
            paint_lines(picture, np.broadcast_to(at, y.shape), y, view.levels[part])
    few = len(view.levels) < 3000
    scene.add(Levels(left, top, width + 2, HEIGHT + 2, thicken(picture) if few else picture))


def _name(scene: Scene, name: str, x: float, y: float, room: float) -> None:
    words = fit(name, BOLD, room - 8)
    middle = max(x, text_width(words, BOLD) / 2 + 2)  # the first name stays on the picture
    scene.add(Text(middle, y, words, 11.5, "ink", "middle", bold=True, title=name, halo=True))


def _axis(scene: Scene, axis: Coded, x: float, top: float, room: float) -> None:
    scene.add(Line(((x, top), (x, top + HEIGHT)), "ink", 1, opacity=0.5))
    slot, off = _slot(axis), OFF if (axis.codes < 0).any() else 0
    every = 1 if slot >= 13 else int(np.ceil(13 / slot))
    if axis.range:
        ends = [axis.range.value(i / len(axis.labels)) for i in range(0, len(axis.labels) + 1, 2)]
        marks = [(2.0 * i, f"{v:.2g}" if v < 1e4 else f"{v:,.0f}") for i, v in enumerate(ends)]
    else:
        marks = [(i + 0.5, label) for i, label in enumerate(axis.labels) if i % every == 0]
    short = fit_all([tidy(label) for _, label in marks], 10.5, room - 14)
    for (place, label), words in zip(marks, short, strict=True):
        y = top + HEIGHT - off - place * slot
        scene.add(Text(x + 5, y + 3.6, words, 10.5, "ink", halo=True, title=tidy(label)))
    if off:
        scene.add(Text(x + 5, top + HEIGHT - 4, "not active", 9.5, "muted", halo=True))


def _score_axis(scene: Scene, score: ScoreScale, x: float, top: float, view: SearchView) -> None:
    scene.add(Line(((x, top), (x, top + HEIGHT)), "ink", 1, opacity=0.5))
    words = "accuracy, %" if view.result.metric == "validation_accuracy" else "loss"
    scene.add(Text(x + 54, top - 12, words, 11.5, "ink", "end", bold=True))
    for pixel, label in score.ticks():
        scene.add(Line(((x, pixel), (x + 4, pixel)), "ink", 1, opacity=0.5))
        scene.add(Text(x + 8, pixel + 3.8, label, 11, "muted"))


def _winner(scene: Scene, xs: np.ndarray, ys: np.ndarray) -> None:
    points: list[tuple[float, float]] = []
    for n in range(len(xs) - 1):
        steps = np.linspace(0, 1, 17)
        ease = steps * steps * (3 - 2 * steps)
        points += [
            (float(xs[n] + t * (xs[n + 1] - xs[n])), float(ys[n] + e * (ys[n + 1] - ys[n])))
            for t, e in zip(steps, ease, strict=True)
        ]
    scene.add(Line(tuple(points), "paper", 5, opacity=0.85), Line(tuple(points), "c1", 2.4, title="the winner"))


def _key(scene: Scene, view: SearchView, width: float) -> float:
    """The steps of the ramp with the scores between them; returns the y under it."""
    room = min(42.0, (width - 40) / STEPS)
    x, y = 10.0, 8.0
    for step in range(STEPS):
        scene.add(Area((box(x + step * room, y, room, 9),), f"s{step}"))
    for step, cut in enumerate(view.cuts):
        if room > 36 or step % 2 == 1:
            words = score_words(float(cut), view.result.metric).removesuffix("%")
            scene.add(Text(x + (step + 1) * room, y + 22, words, 10, "muted", "middle"))
    after = x + STEPS * room + 14
    words = f"{metric_words(view.result.metric)} after {view.where}"
    if width >= NARROW:
        scene.add(Text(after, y + 9, fit(words, 11, width - after), 11, "muted", title=words))
        scene.add(
            Line(((after, y + 22), (after + 24, y + 22)), "c1", 2.4), Text(after + 30, y + 26, "the winner", 11, "ink")
        )
        return y + 22
    scene.add(Text(x, y + 40, fit(words, 11, width - 20), 11, "muted"))
    scene.add(Line(((x, y + 54), (x + 24, y + 54)), "c1", 2.4), Text(x + 30, y + 58, "the winner", 11, "ink"))
    return y + 56


def _alt(view: SearchView) -> str:
    names = ", ".join(tidy(axis.name) for axis in view.axes)
    best = view.result.winner
    end = f" The winner: {', '.join(f'{tidy(k)} {tidy(str(v))}' for k, v in best.point.items())}." if best else ""
    return f"{len(view.scores):,} candidates by {names or 'nothing'} and their score after {view.where}.{end}"
