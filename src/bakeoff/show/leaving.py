"""Lines that leave a panel at its top end where they cross it; an arrow head says so, and a note how far they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bakeoff.show.axes import Scale
from bakeoff.show.scene import Dot, Line, Point, Scene, Text

HEAD = 4.0
"""Half the width of an arrow head, in pixels."""
APART = 16.0
"""Arrow heads of one line are at least so far from each other: a line may cross the top at every step."""


def draw_line(scene: Scene, points: Sequence[Point], top: float, look: Line) -> None:
    """A line like `look` through `points`, pixels, without what is above `top`; a single point is a dot."""
    for part in below(points, top):
        if len(part) > 1:
            scene.add(replace(look, points=part))
        elif len(points) == 1:
            scene.add(Dot(*part[0], 3, look.color))
    last = -APART
    for x in _exits(points, top):
        if x - last >= APART:
            head = ((x - HEAD, top + HEAD + 1), (x, top + 1), (x + HEAD, top + HEAD + 1))
            scene.add(Line(head, look.color, 1.6))
            last = x


def note_beyond(scene: Scene, values: Iterable[np.ndarray], y: Scale, right: float) -> None:
    """How far the highest of some lines goes, in words under the panel's top that end at `right`; nothing if none
    leaves it."""
    highest = max((float(v[np.isfinite(v)].max()) for v in values if np.isfinite(v).any()), default=y.low)
    if highest > y.high:
        words = f"^ goes on above, to {f'{highest:.3g}' if highest < 1000 else f'{highest:,.0f}'}"
        scene.add(Text(right, y(y.high) + 18, words, 10.5, "muted", "end", halo=True))


def below(points: Sequence[Point], top: float) -> list[tuple[Point, ...]]:
    """The parts of a line that are not above `top` (smaller y are higher), cut where it crosses."""
    parts: list[tuple[Point, ...]] = []
    part: list[Point] = []
    for n, point in enumerate(points):
        inside = point[1] >= top
        if n and inside != (points[n - 1][1] >= top):
            part.append(_crossing(points[n - 1], point, top))
        if inside:
            part.append(point)
        elif part:
            parts.append(tuple(part))
            part = []
    return [*parts, tuple(part)] if part else parts


def _exits(points: Sequence[Point], top: float) -> list[float]:
    """Where a line begins or ends above the top, or goes there."""
    found = [points[0][0]] if points and points[0][1] < top else []
    for one, other in pairwise(points):
        if one[1] >= top > other[1]:
            found.append(_crossing(one, other, top)[0])
    if len(points) > 1 and points[-1][1] < top:
        found.append(points[-1][0])
    return found


def _crossing(one: Point, other: Point, top: float) -> Point:
    share = (top - one[1]) / (other[1] - one[1])
    return one[0] + share * (other[0] - one[0]), top
