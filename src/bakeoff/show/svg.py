"""A Scene as SVG: inline in the page (colours follow the theme) or as a file (light theme, its own fonts and title)."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from bakeoff.show.palette import LIGHT, LIGHT_RAMP, THEMES
from bakeoff.show.scene import Area, Dot, Levels, Line, Mark, Pixels, Point, Scene, Text, marker
from bakeoff.show.sheet import data_uri, encode, encode_levels

FONTS = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

Paint = Callable[[str], str]
FILE: Paint = (LIGHT | LIGHT_RAMP).__getitem__


def inline(scene: Scene, css_class: str = "") -> str:
    """An `<svg>` element without ids, styled by the page's CSS variables; safe to stand in HTML."""
    body = "".join(_mark(mark, lambda role: f"var(--{role})") for mark in scene.marks)
    return (
        f'<svg class="{css_class}" role="img" aria-label="{escape(scene.alt)}" viewBox="0 0 {_n(scene.width)} '
        f'{_n(scene.height)}" width="{_n(scene.width)}" height="{_n(scene.height)}">{body}</svg>'
    )


def document(scene: Scene) -> str:
    """A standalone SVG file on white paper."""
    body = "".join(_mark(mark, FILE) for mark in scene.marks)
    size = f'width="{_n(scene.width)}" height="{_n(scene.height)}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="title desc" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}" {size} '
        f'font-family="{FONTS}"><title id="title">{escape(scene.title)}</title><desc id="desc">{escape(scene.alt)}'
        f'</desc><rect {size} fill="{LIGHT["paper"]}"/>{body}</svg>\n'
    )


def _n(value: float) -> str:
    """A coordinate in as few characters as a tenth of a pixel needs."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _path(points: tuple[Point, ...]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _mark(mark: Mark, paint: Paint) -> str:
    if isinstance(mark, Levels):
        return _levels(mark, paint)
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    if isinstance(mark, Pixels):
        place = _place(mark)
        look = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
        return _close(f'<image {place} href="{data_uri(encode(mark.values))}" {look}', "image", title)
    opacity = f' opacity="{mark.opacity:.2g}"' if not isinstance(mark, Text) and mark.opacity < 1 else ""
    color = paint(mark.color)
    if isinstance(mark, Line):
        dash = f' stroke-dasharray="{mark.dash}"' if mark.dash else ""
        head = f'<path d="{_path(mark.points)}" style="stroke:{color}" stroke-width="{_n(mark.width)}" fill="none"'
        return _close(f'{head}{dash}{opacity} stroke-linejoin="round"', "path", title)
    if isinstance(mark, Area):
        d = "".join(_path(ring) + "Z" for ring in mark.rings)
        return _close(f'<path d="{d}" style="fill:{color}"{opacity}', "path", title)
    if isinstance(mark, Dot):
        look = f"fill:{paint('paper')};stroke:{color}" if mark.hollow else f"fill:{color};stroke:{paint('paper')}"
        stroke = "1.4" if mark.hollow else "0.8"
        if mark.shape == "circle":
            head = f'<circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.size)}"'
            tag = "circle"
        else:
            head, tag = f'<path d="{_path(marker(mark.shape, mark.x, mark.y, mark.size))}Z"', "path"
        return _close(f'{head} style="{look}" stroke-width="{stroke}"{opacity}', tag, title)
    return _text(mark, color, paint, title)


def _place(mark: Pixels | Levels) -> str:
    return f'x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" height="{_n(mark.height)}"'


def _levels(mark: Levels, paint: Paint) -> str:
    """In a file the light picture; on the page one for each theme, of which CSS shows one."""
    if paint is FILE:
        uri = data_uri(encode_levels(mark.values, LIGHT_RAMP))
        return f'<image {_place(mark)} href="{uri}" preserveAspectRatio="none"/>'
    pictures = ((name, data_uri(encode_levels(mark.values, colors))) for name, colors in THEMES)
    return "".join(
        f'<image {_place(mark)} href="{uri}" preserveAspectRatio="none" style="display:var(--{name})"/>'
        for name, uri in pictures
    )


def _text(mark: Text, color: str, paint: Paint, title: str) -> str:
    anchor = f' text-anchor="{mark.anchor}"' if mark.anchor != "start" else ""
    bold = ' font-weight="600"' if mark.bold else ""
    turn = f' transform="rotate({_n(mark.rotate)} {_n(mark.x)} {_n(mark.y)})"' if mark.rotate else ""
    halo = f";stroke:{paint('paper')};stroke-width:3px;paint-order:stroke;stroke-linejoin:round" if mark.halo else ""
    return (
        f'<text x="{_n(mark.x)}" y="{_n(mark.y)}" font-size="{_n(mark.size)}"{anchor}{bold}{turn} '
        f'style="fill:{color}{halo}">{title}{escape(mark.text)}</text>'
    )


def _close(head: str, tag: str, title: str) -> str:
    return f"{head}>{title}</{tag}>" if title else f"{head}/>"
