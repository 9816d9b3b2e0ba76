"""The pictures of `weights` as a figure, with the key to their colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bakeoff.show.escape import tidy
from bakeoff.show.scene import Pixels, Scene, Text, fit, wrap
from bakeoff.show.sheet import data_uri, encode, sheet
from bakeoff.show.weights import WeightPictures, colours

GAP = 8.0


def plot_weights(name: str, p: WeightPictures, width: float = 760) -> Scene:
    """`name`: of the entry. Classes carry their names, units and filters only on hover."""
    title = f"Weights of {tidy(name)}"
    scene = Scene(width, 0, title, f"{title}. {p.words} {p.scale}")
    most = across(p)
    columns = math.ceil(len(p.names) / math.ceil(len(p.names) / most))
    named = p.kind == "class"
    h, w = p.tiles.shape[1:3]
    tile = min((width - 20 - GAP * (most - 1)) / most, 150)
    y = 18.0
    for line in wrap(f"{title}. {p.words} {p.scale}", 12, width - 20):
        scene.add(Text(10, y, line, 12, "muted"))
        y += 17
    if p.channels == 1:
        y = _key(scene, p, y)
    high = tile * h / w
    row = high + GAP + (16 if named else 0)
    for n, (label, values) in enumerate(zip(p.names, p.tiles, strict=True)):
        left, top = 10 + n % columns * (tile + GAP), y + n // columns * row
        scene.add(Pixels(left, top, tile, high, values, label))
        if named:
            words = fit(label, 11, tile + GAP - 2)
            scene.add(Text(left + tile / 2, top + high + 13, words, 11, "ink", "middle", title=label))
    scene.height = y + -(-len(p.names) // columns) * row + 4
    return scene


def across(p: WeightPictures) -> int:
    """How many stand in a row where there is room."""
    return {"class": 5 if len(p.names) <= 10 else 10, "unit": 8, "filter": 12}[p.kind]


def ramp(steps: int = 64) -> np.ndarray:
    """uint8 [1, steps, 3]: the colours from -limit to +limit."""
    return colours(np.linspace(-1, 1, steps, dtype=np.float32).reshape(1, 1, 1, steps), 1.0)[0]


@dataclass(frozen=True)
class ShownWeights:
    """The pictures for the page: one sheet of `columns`, tiles shown `width` x `height` pixels large, `across` in a row
    at most. `sheet` and `key` are data URIs; the key has the colours from -limit to +limit, "" for colour pictures.
    `places`: (column, row, name) of each."""

    sheet: str
    columns: int
    across: int
    width: int
    height: int
    key: str
    limit: str
    named: bool
    words: str
    scale: str
    places: list[tuple[int, int, str]]


def shown_weights(p: WeightPictures) -> ShownWeights:
    """Tiles are enlarged by a whole number, so that their pixels stay even."""
    h, w = p.tiles.shape[1:3]
    columns = max(1, math.ceil(math.sqrt(len(p.names) * h / w)))
    target = {"class": 112 if len(p.names) <= 10 else 64, "unit": 76, "filter": 46}[p.kind]
    zoom = max(1, round(target / max(h, w)))
    picture = data_uri(encode(sheet(p.tiles, columns)))
    return ShownWeights(
        sheet=picture,
        columns=columns,
        across=across(p),
        width=w * zoom,
        height=h * zoom,
        key=data_uri(encode(ramp())) if p.channels == 1 else "",
        limit=f"{p.limit:.2g}",
        named=p.kind == "class",
        words=p.words,
        scale=p.scale,
        places=[(n % columns, n // columns, name) for n, name in enumerate(p.names)],
    )


def _key(scene: Scene, p: WeightPictures, y: float) -> float:
    """The colours with their weights under them; returns the y below."""
    scene.add(Pixels(10, y - 8, 180, 10, ramp()))
    ends = ((10, f"−{p.limit:.2g}", "start"), (100, "0", "middle"), (190, f"+{p.limit:.2g}", "end"))
    for x, words, anchor in ends:
        scene.add(Text(x, y + 15, words, 11, "muted", anchor))  # type: ignore[arg-type]
    return y + 28
