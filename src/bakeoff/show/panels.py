"""What all figures of training share: where a panel stands, the scale along it, lines in it, the legend above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.show.axes import Scale, logarithmic, x_axis
from bakeoff.show.courses import Axis, Course
from bakeoff.show.escape import tidy
from bakeoff.show.leaving import draw_line
from bakeoff.show.palette import Style, style
from bakeoff.show.scene import Area, Dot, Line, Point, Scene, Text, fit, text_width

NARROW = 520
STRETCH = 20
"""Where the longest training is this many times the shortest, an axis of equal steps would squeeze the short ones into
a corner: it becomes logarithmic."""


def sides(width: float, column: int) -> tuple[float, float]:
    """(left, right) of the first or second of two panels side by side; under `NARROW` pixels each has the width."""
    if width < NARROW:
        return 40.0, width - 10
    half = (width - 48) / 2
    return (40.0, half) if column == 0 else (58.0 + half, width - 10)


def along(starts: Sequence[float], ends: Sequence[float], left: float, right: float, stretch: bool = True) -> Scale:
    """The scale of epochs, steps or seconds over trainings that begin at `starts` and last till `ends`; with `stretch`
    logarithmic where they differ much (`STRETCH`)."""
    positive = [v for v in starts if v > 0]
    if stretch and len(positive) == len(ends) > 1 and max(ends) > STRETCH * min(ends):
        return logarithmic([*positive, *ends], left, right, pad=1.08)
    low, high = min(starts, default=0.0), max(ends, default=1.0)
    room = (high - low or 1.0) * 0.03
    return Scale(low - room, high + room, left, right)


def span(courses: Sequence[Course]) -> tuple[list[float], list[float]]:
    """Where courses start and end, their tails too."""
    ends = [max(float(x[-1]) for x in (c.x, *(tail[0] for tail in c.tails))) for c in courses]
    return [float(c.x[0]) for c in courses], ends


def axis_words(axis: Axis, x: Scale, epochs: str = "epochs") -> str:
    words = epochs if axis == "epochs" else "seconds of training a seed"
    return f"{words}, log scale" if x.log else words


def draw_time(scene: Scene, x: Scale, bottom: float, axis: Axis) -> None:
    """The axis of epochs, at whole ones only, or of seconds."""
    wanted = 6 if scene.width > NARROW else 5
    if axis == "epochs" and not x.log:
        wanted = min(wanted, max(1, int(x.high - x.low)))
    x_axis(scene, x, bottom, plain, wanted, axis_words(axis, x))


def plain(value: float) -> str:
    return f"{value:g}"


@dataclass(frozen=True)
class Panel:
    """A part of a scene with its two scales. A line leaves it at the top; see `leaving`."""

    scene: Scene
    x: Scale
    y: Scale

    def _points(self, xs: np.ndarray, ys: np.ndarray) -> list[Point]:
        return [(self.x(a), self.y(b)) for a, b in zip(xs, np.maximum(ys, self.y.low), strict=True)]

    def band(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, color: str, opacity: float) -> None:
        """Between `low` and `high`, if they differ anywhere."""
        if (high > low).any():
            low, high = np.minimum(low, self.y.high), np.minimum(high, self.y.high)
            ring = (*self._points(xs, high), *reversed(self._points(xs, low)))
            self.scene.add(Area((ring,), color, opacity))

    def line(
        self, xs: np.ndarray, ys: np.ndarray, color: str, width: float, dash: str = "", opacity: float = 1.0
    ) -> None:
        """Through finite points; a single one is a dot."""
        draw_line(self.scene, self._points(xs, ys), self.y(self.y.high), Line((), color, width, dash, opacity))

    def end(self, xs: np.ndarray, ys: np.ndarray, look: Style, title: str) -> None:
        """The entry's marker at the last point, if that is inside the panel."""
        if self.y.low <= ys[-1] <= self.y.high:
            self.scene.add(Dot(self.x(xs[-1]), self.y(ys[-1]), 4, look.color, look.shape, title=title))

    def course(self, c: Course, color: str, width: float, dash: str, band: float) -> None:
        """Mean, range over seeds at opacity `band`, and the tails of seeds that trained on."""
        ok = np.isfinite(c.mean)
        if ok.any():
            self.band(c.x[ok], c.low[ok], c.high[ok], color, band)
            self.line(c.x[ok], c.mean[ok], color, width, dash)
        for xs, ys in c.tails:
            fine = np.isfinite(ys)
            if ok.any() and fine.sum() > 1:
                self.line(xs[fine], ys[fine], color, 0.9, dash, 0.7)


def legend(scene: Scene, names: Sequence[str], width: float, dashed: bool = True) -> float:
    """Line samples with the names of entries by rank, in rows; returns the y under them."""
    x, y = 8.0, 14.0
    for i, name in enumerate(names):
        look, words = style(i), fit(tidy(name), 12, 200)
        need = 44 + text_width(words, 12)
        if x + need > width and x > 8:
            x, y = 8.0, y + 19
        scene.add(Line(((x, y - 4), (x + 28, y - 4)), look.color, 1.9, look.dash if dashed else ""))
        scene.add(Dot(x + 14, y - 4, 4, look.color, look.shape), Text(x + 34, y, words, 12, "ink"))
        x += need + 8
    return y
