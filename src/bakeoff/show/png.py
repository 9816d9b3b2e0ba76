"""A Scene as PNG, painted by matplotlib's Agg in the light theme."""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from bakeoff.show.palette import LIGHT, LIGHT_RAMP, rgb
from bakeoff.show.scene import Area, Dot, Levels, Line, Pixels, Point, Scene, Text, marker

COLORS = LIGHT | LIGHT_RAMP
DPI = 100
SCALE = 2
"""Pixels of the file a pixel of the scene."""
FONTS = ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"]


def png(scene: Scene) -> bytes:
    """The file's bytes, `SCALE` times the scene's size, the alternative text in its description."""
    figure = Figure(figsize=(scene.width / DPI, scene.height / DPI), dpi=DPI * SCALE, facecolor=LIGHT["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    for order, mark in enumerate(scene.marks):
        _paint(axes, mark, order)
    out = io.BytesIO()
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    fonts.setLevel(logging.ERROR)  # it warns once a font of the list that this machine lacks, which is expected
    try:
        with warnings.catch_warnings():  # of letters that its font lacks: a class may have any name
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure.savefig(out, format="png", metadata={"Title": _latin(scene.title), "Description": _latin(scene.alt)})
    finally:
        fonts.setLevel(level)
    return out.getvalue()


def _latin(text: str) -> str:
    """PNG text chunks are Latin-1."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def _outline(rings: tuple[tuple[Point, ...], ...]) -> Outline:
    return Outline.make_compound_path(*(Outline([*ring, ring[0]], closed=True) for ring in rings))


def _levels(mark: Levels) -> np.ndarray:
    """uint8 [h, w, 4] on white paper."""
    colors = [(0, 0, 0, 0), *((*rgb(color), 255) for color in LIGHT_RAMP.values())]
    return np.array(colors, np.uint8)[mark.values]


def _paint(axes, mark, order: int) -> None:
    if isinstance(mark, Pixels):
        extent = (mark.x, mark.x + mark.width, mark.y + mark.height, mark.y)
        axes.imshow(mark.values, extent=extent, interpolation="nearest", aspect="auto", zorder=order)
        return
    if isinstance(mark, Levels):
        extent = (mark.x, mark.x + mark.width, mark.y + mark.height, mark.y)
        axes.imshow(_levels(mark), extent=extent, interpolation="antialiased", aspect="auto", zorder=order)
        return
    color = COLORS[mark.color]
    if isinstance(mark, Line):
        xs, ys = zip(*mark.points, strict=True)
        dash = (0, tuple(float(d) / mark.width for d in mark.dash.split())) if mark.dash else "solid"
        axes.plot(
            xs, ys, color=color, lw=_points(mark.width), ls=dash, alpha=mark.opacity, zorder=order, dash_capstyle="butt"
        )
    elif isinstance(mark, Area):
        if mark.rings:
            axes.add_patch(PathPatch(_outline(mark.rings), fc=color, lw=0, alpha=mark.opacity, zorder=order))
    elif isinstance(mark, Dot):
        look: dict[str, Any] = {
            "fc": LIGHT["paper"] if mark.hollow else color,
            "ec": color if mark.hollow else LIGHT["paper"],
        }
        look |= {"lw": _points(1.4 if mark.hollow else 0.8), "alpha": mark.opacity, "zorder": order}
        if mark.shape == "circle":
            axes.add_patch(Circle((mark.x, mark.y), mark.size, **look))
        else:
            axes.add_patch(PathPatch(_outline((marker(mark.shape, mark.x, mark.y, mark.size),)), **look))
    elif isinstance(mark, Text):
        align = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
        halo = [withStroke(linewidth=_points(3), foreground=LIGHT["paper"])] if mark.halo else None
        axes.text(
            mark.x,
            mark.y,
            mark.text,
            color=color,
            size=_points(mark.size),
            ha=align,
            va="baseline",
            rotation=-mark.rotate,
            rotation_mode="anchor",
            weight="bold" if mark.bold else "normal",
            family=FONTS,
            parse_math=False,
            path_effects=halo,
            zorder=order,
        )
