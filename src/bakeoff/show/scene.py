"""A drawing as a value: marks in pixels, y downwards, colours by role. Each plot is written once as a function that
gives a Scene; `svg` and `png` turn it into files and into the page's inline pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

_NARROW = set("iljtfrI.,:;'|!()[] ·")
_WIDE = set("mwMW@%—")


@dataclass(frozen=True)
class Line:
    points: tuple[Point, ...]
    color: str = "ink"
    width: float = 1.5
    dash: str = ""
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Area:
    """One shape of one colour; many rings make one node of a whole heat map level."""

    rings: tuple[tuple[Point, ...], ...]
    color: str = "ink"
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Dot:
    """A marker; `size` is its half width. Hollow ones are filled with paper."""

    x: float
    y: float
    size: float = 4.0
    color: str = "ink"
    shape: str = "circle"
    hollow: bool = False
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Text:
    """`y` is the baseline; `rotate` in degrees about (x, y). `halo` keeps it readable over lines."""

    x: float
    y: float
    text: str
    size: float = 12.0
    color: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False
    rotate: float = 0.0
    halo: bool = False
    title: str = ""


@dataclass(frozen=True, eq=False)
class Pixels:
    """A picture, uint8 [h, w, 3], that fills a box; each of its pixels keeps hard edges. Its colours are its own: no
    theme changes them."""

    x: float
    y: float
    width: float
    height: float
    values: np.ndarray
    title: str = ""


@dataclass(frozen=True, eq=False)
class Levels:
    """A picture in steps of the ramp, uint8 [h, w], that fills a box and follows the theme: 0 is nothing, n is colour
    "s{n - 1}". For layers of more marks than a file should hold."""

    x: float
    y: float
    width: float
    height: float
    values: np.ndarray


Mark = Line | Area | Dot | Text | Pixels | Levels


@dataclass
class Scene:
    """`title` names the figure; `alt` says what it shows to those who cannot see it."""

    width: float
    height: float
    title: str
    alt: str
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        self.marks.extend(marks)

    def extend(self, marks: Iterable[Mark]) -> None:
        self.marks.extend(marks)


def box(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    """The ring of a rectangle."""
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def text_width(text: str, size: float) -> float:
    """A generous estimate in pixels: readers' fonts differ, so a label must fit in a wide one."""
    ems = sum(
        0.33 if c in _NARROW else 0.92 if c in _WIDE else 0.7 if c.isupper() else 0.58 if c.isascii() else 1.0
        for c in text
    )
    return ems * size


def fit(text: str, size: float, width: float) -> str:
    """`text` shortened with an ellipsis until it fits into `width` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def fit_all(texts: Sequence[str], size: float, width: float) -> list[str]:
    """Each as `fit` has it; with the ends of texts in place of their beginnings if that tells more of them apart."""
    starts = [fit(text, size, width) for text in texts]
    ends = [fit(text[::-1], size, width)[::-1] for text in texts]
    return ends if len(set(ends)) > len(set(starts)) else starts


def wrap(text: str, size: float, width: float) -> list[str]:
    """`text` in lines of at most `width` pixels, broken at spaces; a longer word is shortened."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(fit(word, size, width))
    return lines


def marker(shape: str, x: float, y: float, r: float) -> tuple[Point, ...]:
    """The ring of a marker that is not a circle, of about a circle's area."""
    if shape == "square":
        return box(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r)
    if shape == "diamond":
        return ((x, y - 1.25 * r), (x + 1.25 * r, y), (x, y + 1.25 * r), (x - 1.25 * r, y))
    if shape in ("triangle", "down"):
        s = -1 if shape == "triangle" else 1
        return ((x - 1.15 * r, y - 0.8 * r * s), (x + 1.15 * r, y - 0.8 * r * s), (x, y + 1.25 * r * s))
    a, b = 1.2 * r, 0.42 * r
    ring = ((-b, -a), (b, -a), (b, -b), (a, -b), (a, b), (b, b), (b, a), (-b, a), (-b, b), (-a, b), (-a, -b), (-b, -b))
    if shape == "cross":
        return tuple((x + 0.7071 * (u - v), y + 0.7071 * (u + v)) for u, v in ring)
    return tuple((x + u, y + v) for u, v in ring)
