"""Learning curves: all entries over one another, and for each entry train against validation, with landmarks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from bakeoff.judge.results import EntryResult, Landmarks, Results
from bakeoff.runs.run import Run
from bakeoff.show.axes import Scale, linear, x_axis, y_axis
from bakeoff.show.courses import Axis, Course, course, seconds_at
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import count, known, percent
from bakeoff.show.palette import style
from bakeoff.show.scene import Area, Dot, Line, Scene, Text, fit, text_width

KINDS = (
    ("running", "train, running (dropout on)", "muted", "1.5 3", 1.4),
    ("train", "train, evaluated", "c1", "6 3", 1.7),
    ("validation", "validation", "c0", "", 2.2),
)
LANDMARKS = (("best_epoch", "best"), ("overfits_from", "overfits from"), ("flattens_at", "flattens"))
Runs = Mapping[str, Sequence[Run]]


def plot_overview(results: Results, runs: Runs, width: float = 760) -> Scene:
    """Validation accuracy of all entries by epoch and by seconds: two panels with one scale of accuracy."""
    narrow = width < 520
    courses = {
        axis: [course(runs.get(e.name, ()), "validation_accuracy", axis) for e in results.entries]
        for axis in ("epochs", "seconds")
    }
    scene = Scene(width, 0, "Validation accuracy while training", _overview_alt(results))
    top = _legend(scene, results, width) + 40
    panel = 230
    gap = width if narrow else (width - 48) / 2
    values = [v for c in courses["epochs"] if c for v in c.values()]
    for n, (axis, label) in enumerate((("epochs", "epochs"), ("seconds", "seconds of training a seed"))):
        x0 = 40 if narrow or n == 0 else 40 + gap + 18
        y0 = top + n * (panel + 78) if narrow else top
        right = width - 10 if narrow or n == 1 else gap
        y = linear(values, y0 + panel, y0 + 4)
        x = _along([c for c in courses[axis] if c], x0, right)
        scene.add(Text(x0 - 32, y0 - 8, "validation accuracy, %", 11.5, "muted"))
        y_axis(scene, y, x0, right)
        x_axis(scene, x, y0 + panel, lambda v: f"{v:g}", 6, label)
        for i, c in reversed(list(enumerate(courses[axis]))):
            if c:
                _draw(scene, c, x, y, style(i).color, style(i).dash, 1.9, 0.12)
                scene.add(
                    Dot(
                        x(c.x[-1]),
                        y(c.mean[-1]),
                        4,
                        style(i).color,
                        style(i).shape,
                        title=f"{tidy(results.entries[i].name)}: {percent(float(c.mean[-1]))} at the end",
                    )
                )
        scene.height = y0 + panel + 42
    return scene


def plot_entry(
    entry: EntryResult, runs: Runs, scales: dict[str, tuple[float, float]], width: float = 760, axis: Axis = "epochs"
) -> Scene:
    """Loss and accuracy of one entry. `scales` (low, high) by "loss" and "accuracy" are shared by all entries, so that
    figures compare."""
    narrow = width < 520
    mine = runs.get(entry.name, ())
    scene = Scene(width, 0, f"Learning curves of {tidy(entry.name)}", _entry_alt(entry))
    panel, gap = 170, width if narrow else (width - 48) / 2
    for n, quantity in enumerate(("loss", "accuracy")):
        x0 = 40 if narrow or n == 0 else 40 + gap + 18
        y0 = 44 + n * (panel + 96) if narrow else 44
        right = width - 10 if narrow or n == 1 else gap
        courses = {kind: course(mine, f"{kind}_{quantity}", axis) for kind, *_ in KINDS}
        y = Scale(*scales[quantity], y0 + panel, y0)
        x = _along([c for c in courses.values() if c], x0, right)
        words = "loss" if quantity == "loss" else "accuracy, %"
        scene.add(Text(x0 - 32, y0 - 30, words, 11.5, "muted"))
        y_axis(scene, y, x0, right, None if quantity == "accuracy" else lambda v: f"{v:g}", 4)
        label = "epochs" if axis == "epochs" else "seconds of training a seed"
        x_axis(scene, x, y0 + panel, lambda v: f"{v:g}", 6, label)
        for kind, _, color, dash, thick in KINDS:
            if c := courses[kind]:
                _draw(scene, c, x, y, color, dash, thick, 0.13)
        _landmarks(scene, entry.landmarks, mine, x, y, axis)
        scene.height = y0 + panel + 42
    return scene


def shared_scales(results: Results, runs: Runs) -> dict[str, tuple[float, float]]:
    """(low, high) of loss and accuracy over all entries. A loss far above that of guessing is cut off, so that one
    diverged run cannot flatten every other curve; lines then leave the panel at its top."""
    out = {}
    for quantity in ("loss", "accuracy"):
        values = [
            v
            for e in results.entries
            for kind, *_ in KINDS
            if (c := course(runs.get(e.name, ()), f"{kind}_{quantity}"))
            for v in c.values()
        ]
        if quantity == "loss":
            ceiling = 2 * math.log(max(len(results.dataset.classes), 2))
            values = [min(v, max(ceiling, float(np.median(values)) * 3)) for v in values]
        scale = linear(values, 0, 1, floor=0.0)
        out[quantity] = (scale.low, min(scale.high, 1.0) if quantity == "accuracy" else scale.high)
    return out


def _along(courses: list[Course], left: float, right: float) -> Scale:
    ends = [float(x[-1]) for c in courses for x in (c.x, *(t[0] for t in c.tails))]
    starts = [float(c.x[0]) for c in courses]
    low, high = min(starts, default=0.0), max(ends, default=1.0)
    room = (high - low or 1.0) * 0.03
    return Scale(low - room, high + room, left, right)


def _inside(values: np.ndarray, y: Scale) -> np.ndarray:
    return np.clip(values, min(y.low, y.high), max(y.low, y.high))


def _draw(scene: Scene, c: Course, x: Scale, y: Scale, color: str, dash: str, width: float, band: float) -> None:
    ok = np.isfinite(c.mean)
    if not ok.any():
        return
    xs = [x(v) for v in c.x[ok]]
    low, high = (_inside(v[ok], y) for v in (c.low, c.high))
    if (high > low).any():
        upper = [(a, y(b)) for a, b in zip(xs, high, strict=True)]
        lower = [(a, y(b)) for a, b in zip(xs, low, strict=True)]
        scene.add(Area((tuple(upper + lower[::-1]),), color, band))
    middle = tuple((a, y(b)) for a, b in zip(xs, _inside(c.mean[ok], y), strict=True))
    if len(middle) > 1:
        scene.add(Line(middle, color, width, dash))
    else:
        scene.add(Dot(*middle[0], 3, color))
    for tx, ty in c.tails:
        fine = np.isfinite(ty)
        if fine.sum() > 1:
            line = tuple((x(a), y(b)) for a, b in zip(tx[fine], _inside(ty[fine], y), strict=True))
            scene.add(Line(line, color, 0.9, dash, 0.7))


def _landmarks(scene: Scene, marks: Landmarks, runs: Sequence[Run], x: Scale, y: Scale, axis: Axis) -> None:
    """A thin upright for each landmark, its words in one of two rows over the panel so that near ones stay apart."""
    spans: list[tuple[int, float, float]] = []
    top = min(y.start, y.end)
    found = [(getattr(marks, name), words) for name, words in LANDMARKS if known(getattr(marks, name))]
    for epoch, words in sorted(found):
        at = epoch if axis == "epochs" else seconds_at(runs, epoch)
        if not known(at) or not x.low <= at <= x.high:
            continue
        text = f"{words} {count(epoch)}"
        half = text_width(text, 10.5) / 2
        centre = min(max(x(at), x.start + half), x.end - half)
        row = next(
            (r for r in range(3) if all(s[0] != r or centre + half < s[1] or centre - half > s[2] for s in spans)), 2
        )
        spans.append((row, centre - half - 4, centre + half + 4))
        level = top - 4 - 12 * row
        scene.add(Line(((x(at), level + 2), (x(at), max(y.start, y.end))), "faint", 1, "2 2"))
        scene.add(Text(centre, level, text, 10.5, "ink", "middle", halo=True))


def _legend(scene: Scene, results: Results, width: float) -> float:
    """Line samples with names in rows; returns the y under them."""
    x, y = 8.0, 14.0
    for i, entry in enumerate(results.entries):
        look, name = style(i), fit(tidy(entry.name), 12, 180)
        need = 44 + text_width(name, 12)
        if x + need > width and x > 8:
            x, y = 8.0, y + 19
        scene.add(Line(((x, y - 4), (x + 28, y - 4)), look.color, 1.9, look.dash))
        scene.add(Dot(x + 14, y - 4, 4, look.color, look.shape), Text(x + 34, y, name, 12, "ink"))
        x += need + 8
    return y


def _overview_alt(results: Results) -> str:
    ends = "; ".join(f"{tidy(e.name)} {percent(e.validation_accuracy.mean)}" for e in results.entries)
    return f"Validation accuracy by epoch and by seconds of training. At the end: {ends}."


def _entry_alt(entry: EntryResult) -> str:
    found = [
        f"{words} epoch {count(getattr(entry.landmarks, name))}"
        for name, words in LANDMARKS
        if known(getattr(entry.landmarks, name))
    ]
    ends = f"train accuracy {percent(entry.train_accuracy.mean)}, validation {percent(entry.validation_accuracy.mean)}"
    marks = f"; {', '.join(found)}" if found else ""
    return f"Loss and accuracy of {tidy(entry.name)} by training time, ending at {ends}{marks}."
