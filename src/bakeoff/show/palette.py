"""Colours by name. A drawing names a role ("ink", "c0"), never a value: the page maps roles to CSS variables that
follow the theme, files to the light theme's values.

Entry colours are those of Okabe & Ito (2008, "Color Universal Design"), the yellow darkened for white paper; colour
never stands alone: each entry also has its own marker and dash.
"""

from __future__ import annotations

from dataclasses import dataclass

SERIES = 8

LIGHT = {
    "paper": "#ffffff",
    "panel": "#f6f5f2",
    "ink": "#1c2126",
    "muted": "#575f69",
    "faint": "#858d96",
    "rule": "#e2e0db",
    "accent": "#0072b2",
    "error": "#d55e00",
    "c0": "#0072b2",
    "c1": "#d55e00",
    "c2": "#009e73",
    "c3": "#c0629a",
    "c4": "#d08f00",
    "c5": "#3f9fda",
    "c6": "#4a4a4a",
    "c7": "#a79200",
}

DARK = {
    "paper": "#15181b",
    "panel": "#1d2125",
    "ink": "#ebe8e2",
    "muted": "#aab0b7",
    "faint": "#7f868e",
    "rule": "#30353a",
    "accent": "#5ab4ec",
    "error": "#f0894a",
    "c0": "#4aa9e6",
    "c1": "#f0894a",
    "c2": "#35c79c",
    "c3": "#e39fc6",
    "c4": "#f0b93f",
    "c5": "#93d1f7",
    "c6": "#c9c9c9",
    "c7": "#e5d85c",
}

STEPS = 9
"""Of the ramp s0, s1, ... from poor to good: away from the paper in either theme, so that good stands out. After
ColorBrewer's YlGnBu (Harrower & Brewer 2003); in the dark the order of lightness is reversed."""

LIGHT_RAMP = {
    "s0": "#e9ebd8",
    "s1": "#d0e4c5",
    "s2": "#a3d4bb",
    "s3": "#6fc0bd",
    "s4": "#43a5c0",
    "s5": "#2d84b6",
    "s6": "#2761a3",
    "s7": "#234386",
    "s8": "#152657",
}

DARK_RAMP = {
    "s0": "#262c36",
    "s1": "#273c52",
    "s2": "#26506e",
    "s3": "#256985",
    "s4": "#2a8594",
    "s5": "#46a391",
    "s6": "#7bbf82",
    "s7": "#b9d578",
    "s8": "#f4f09b",
}

THEMES = (("day", LIGHT_RAMP), ("night", DARK_RAMP))
"""A picture that follows the theme is there twice, each shown by its CSS variable."""

_SHAPES = ("circle", "square", "triangle", "diamond", "down", "plus", "cross")
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2")


@dataclass(frozen=True)
class Style:
    """How one entry is drawn everywhere. `dash` is an SVG dash array, "" for solid."""

    color: str
    shape: str
    dash: str


def style(index: int) -> Style:
    """By rank from 0. Colours, shapes and dashes have cycles of 8, 7 and 6, so 168 entries differ."""
    return Style(f"c{index % SERIES}", _SHAPES[index % len(_SHAPES)], _DASHES[index % len(_DASHES)])


def ramp(share: float) -> str:
    """The role for 0..1 along the ramp."""
    return f"s{min(STEPS - 1, max(0, int(share * STEPS)))}"


def rgb(color: str) -> tuple[int, int, int]:
    """#d55e00 -> (213, 94, 0)"""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def css(colors: dict[str, str]) -> str:
    """The roles as CSS custom properties; `--heat` is the error colour as numbers, for cells of any opacity."""
    heat = " ".join(str(part) for part in rgb(colors["error"]))
    return "".join(f"--{name}:{value};" for name, value in colors.items()) + f"--heat:{heat};"


def ramp_css(theme: str) -> str:
    """The ramp of "day" or "night" as CSS custom properties, with those that show the pictures of that theme."""
    colors = dict(THEMES)[theme]
    shown = "".join(f"--{name}:{'inline' if name == theme else 'none'};" for name, _ in THEMES)
    return "".join(f"--{name}:{value};" for name, value in colors.items()) + shown
