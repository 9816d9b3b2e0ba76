"""What each hyper-parameter does: a small panel each, the most important first, all on one scale."""

from __future__ import annotations

from bakeoff.judge.search_results import AxisEffect, ValueEffect
from bakeoff.judge.search_words import metric_words, score_words
from bakeoff.show.axes import linear, tick_format
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import count, percent
from bakeoff.show.panels import NARROW, plain
from bakeoff.show.scene import Area, Dot, Line, Scene, Text, box, fit, fit_all
from bakeoff.show.search_view import SearchView

PANEL = 132
BELOW = 58
MOST = 12
"""Axes drawn; the tables have all."""


def plot_effects(view: SearchView, width: float = 760) -> Scene:
    """Means over candidates with their intervals, and the best candidate of each value."""
    effects = view.result.effects[:MOST]
    scene = Scene(width, 0, f"Effects of the hyper-parameters, search {tidy(view.search.name)}", _alt(view))
    columns = 2 if width >= NARROW else 1
    held = [v for e in effects for value in e.values for v in _held(value)]
    y = _legend(scene, view) + 22
    for n, effect in enumerate(effects):
        column = (width - 4) / columns
        left = 44 + (n % columns) * column
        right = left + column - 60 if columns > 1 else width - 10
        top = y + 26 + (n // columns) * (PANEL + 26 + BELOW)
        _panel(scene, view, effect, (left, right, top), held)
        scene.height = top + PANEL + BELOW - 12
    return scene


def _held(value: ValueEffect) -> list[float]:
    found = [value.mean, value.best]
    if value.interval and value.candidates > 4:
        found += [value.interval.low, value.interval.high]
    return [v for v in found if v is not None]


def _legend(scene: Scene, view: SearchView) -> float:
    words = f"{metric_words(view.result.metric)} after {view.where}"
    scene.add(Text(8, 14, fit(words, 11.5, scene.width - 16), 11.5, "muted"))
    y = 32
    scene.add(Line(((8, y - 4), (30, y - 4)), "c0", 2), Dot(19, y - 4, 4, "c0"))
    scene.add(Text(36, y, "mean and 95% interval", 11.5, "ink"))
    scene.add(Dot(186, y - 4, 4, "c1", "diamond", hollow=True), Text(196, y, "best", 11.5, "ink"))
    if scene.width >= NARROW:
        scene.add(Area((box(246, y - 6, 30, 3),), "accent"))
        scene.add(Text(284, y, "share of the variance that it explains on its own", 11.5, "ink"))
    return y


def _panel(scene: Scene, view: SearchView, effect: AxisEffect, frame: tuple[float, float, float], held) -> None:
    left, right, top = frame
    y = linear(held, top + PANEL, top, pad=0.05)
    share = "" if effect.importance is None else percent(effect.importance, 0)
    between = f" [{100 * effect.interval.low:.0f}, {100 * effect.interval.high:.0f}]" if effect.interval else ""
    scene.add(Text(left, top - 12, fit(tidy(effect.axis), 12.5, right - left - 90), 12.5, "ink", bold=True))
    scene.add(Text(right, top - 12, share + between, 11, "muted", "end", title="share of the variance explained"))
    if effect.importance:
        scene.add(Area((box(left, top - 8, (right - left), 3),), "rule"))
        scene.add(Area((box(left, top - 8, max(1.0, (right - left) * effect.importance), 3),), "accent"))
    ticks = y.ticks(4)
    form = tick_format(ticks) if view.result.metric == "validation_accuracy" else plain
    for tick in ticks:
        scene.add(Line(((left, y(tick)), (right, y(tick))), "rule", 1))
        scene.add(Text(left - 6, y(tick) + 3.8, form(tick), 10.5, "muted", "end"))
    room = (right - left) / len(effect.values)
    centres = [left + (n + 0.5) * room for n in range(len(effect.values))]
    means = [(x, y(v.mean)) for x, v in zip(centres, effect.values, strict=True) if v.mean is not None]
    if len(means) > 1:
        scene.add(Line(tuple(means), "c0", 1, opacity=0.35))
    size = 10.5 if room > 34 else 9
    labels = fit_all([_label(value, room) for value in effect.values], size, room - 5)
    for x, value, label in zip(centres, effect.values, labels, strict=True):
        _value(scene, view, value, x, y, room)
        scene.add(Text(x, top + PANEL + 14, label, size, "ink", "middle", title=tidy(value.value)))
        _under(scene, value, x, top + PANEL, room)


def _value(scene: Scene, view: SearchView, value: ValueEffect, x: float, y, room: float) -> None:
    if value.best is not None:
        words = f"best {score_words(value.best, view.result.metric)}"
        scene.add(Dot(x, y(value.best), 4, "c1", "diamond", hollow=True, title=words))
    if value.mean is None:
        return
    if value.interval:
        low, high = (min(max(v, y.low), y.high) for v in (value.interval.low, value.interval.high))
        scene.add(Line(((x, y(low)), (x, y(high))), "c0", 2))
    title = f"{tidy(value.value)}: mean {score_words(value.mean, view.result.metric)}, {value.candidates:,} candidates"
    scene.add(Dot(x, y(value.mean), min(4.0, room / 3), "c0", title=title))


def _label(value: ValueEffect, room: float) -> str:
    """Of a bin of a range that has little room, its lower end, as short as it can be said."""
    if " to " not in value.value or room >= 70:
        return tidy(value.value)
    begin = value.value.split(" to ")[0]
    return f"{float(begin):.1e}".replace(".0e", "e").replace("e-0", "e-") if begin.startswith("0.00") else begin


def _under(scene: Scene, value: ValueEffect, x: float, bottom: float, room: float) -> None:
    """How many candidates had the value, and how many of those diverged."""
    scene.add(
        Text(
            x,
            bottom + 27,
            fit(f"n={count(value.candidates)}" if room > 48 else count(value.candidates), 9, room),
            9,
            "muted",
            "middle",
        )
    )
    if value.diverged:
        told = f"{count(value.diverged)} div." if room > 34 else f"{count(value.diverged)}×"
        scene.add(Text(x, bottom + 38, told, 9, "error", "middle", title=f"{value.diverged:,} diverged"))


def _alt(view: SearchView) -> str:
    told = []
    for effect in view.result.effects[:MOST]:
        means = [v for v in effect.values if v.mean is not None]
        if means and effect.importance is not None:
            sign = view.found.shown(1.0)
            top = max(means, key=lambda v: sign * (v.mean or 0))
            told.append(
                f"{tidy(effect.axis)} explains {percent(effect.importance, 0)}, best on average {tidy(top.value)}"
            )
    return f"Mean score by value of each hyper-parameter: {'; '.join(told) or 'nothing to compare'}."
