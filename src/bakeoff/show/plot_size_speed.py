"""Test accuracy against what it costs: parameters, or seconds of training, on a log axis."""

from __future__ import annotations

from bakeoff.judge.passes import timed_name, whole_seconds
from bakeoff.judge.results import EntryResult, Results
from bakeoff.show.axes import Scale, linear, logarithmic, x_axis, y_axis
from bakeoff.show.escape import tidy
from bakeoff.show.labels import Box, place
from bakeoff.show.numbers import known, percent, seconds, short_count
from bakeoff.show.palette import style
from bakeoff.show.scene import Anchor, Dot, Line, Scene, Text, fit, text_width

LABEL = 12
START: Anchor = "start"
MIDDLE: Anchor = "middle"
END: Anchor = "end"


def plot_parameters(results: Results, width: float = 760) -> Scene:
    """Accuracy against all weights, trainable or frozen."""
    xs = [float(e.parameters) for e in results.entries]
    alt = "Test accuracy against parameters: " + _alt(results, [short_count(x) + " parameters" for x in xs])
    return _scatter(results, width, xs, None, "Accuracy against parameters", alt, short_count, "parameters, log scale")


def plot_seconds(results: Results, width: float = 760) -> Scene:
    """Accuracy against seconds of training a seed, with the pass through a frozen backbone; the thin bar spans the
    seeds."""
    named = [e.model_copy(update={"name": timed_name(e), "seconds": whole_seconds(e)}) for e in results.entries]
    results = results.model_copy(update={"entries": named})
    xs = [e.seconds.mean for e in named]
    values = [e.seconds.values for e in named]
    spans = [(min(found, default=x), max(found, default=x)) for found, x in zip(values, xs, strict=True)]
    alt = "Test accuracy against training time a seed: " + _alt(results, [seconds(x) for x in xs])
    label = "seconds of training a seed, log scale"
    return _scatter(results, width, xs, spans, "Accuracy against seconds", alt, lambda v: f"{v:,.3g}", label)


def _alt(results: Results, costs: list[str]) -> str:
    rows = zip(results.entries, costs, strict=True)
    return "; ".join(f"{tidy(e.name)} {percent(e.test_accuracy.mean)} at {cost}" for e, cost in rows) + "."


def _scatter(results, width, xs, spans, title, alt, form, label) -> Scene:
    height = 330 + 9 * max(0, len(results.entries) - 8)
    scene = Scene(width, height, title, alt)
    bounds = [v for e in results.entries for v in _bounds(e)]
    costs = [v for span in spans for v in span] if spans else xs
    x, y = logarithmic(costs, 48, width - 12), linear(bounds, height - 46, 28)
    scene.add(Text(10, 14, "test accuracy, %", 11.5, "muted"))
    y_axis(scene, y, 44, width - 8)
    x_axis(scene, x, height - 46, form, 5 if width > 500 else 4, label)
    shown = [
        (i, e, v)
        for i, (e, v) in enumerate(zip(results.entries, xs, strict=True))
        if known(v) and v > 0 and known(e.test_accuracy.mean)
    ]
    obstacles = [box for i, e, v in shown for box in _point(scene, e, i, v, spans[i] if spans else None, x, y)]
    _label(scene, [(e, x(v), y(e.test_accuracy.mean)) for _, e, v in shown], obstacles)
    return scene


def _bounds(entry: EntryResult) -> list[float]:
    i = entry.test_accuracy.interval
    return [entry.test_accuracy.mean, i.low, i.high] if i else [entry.test_accuracy.mean, *entry.test_accuracy.values]


def _point(scene: Scene, entry: EntryResult, index: int, cost: float, span, x: Scale, y: Scale) -> list[Box]:
    """Draw one entry; return what a label should not cover."""
    look, px, py = style(index), x(cost), y(entry.test_accuracy.mean)
    covered = [Box(px - 7, py - 7, px + 7, py + 7)]
    i = entry.test_accuracy.interval
    if i and known(i.low) and known(i.high):
        scene.add(Line(((px, y(i.low)), (px, y(i.high))), look.color, 2, opacity=0.6))
        covered.append(Box(px - 2, y(i.high), px + 2, y(i.low)))
    if span and 0 < span[0] < span[1]:
        scene.add(Line(((x(span[0]), py), (x(span[1]), py)), look.color, 2, opacity=0.6))
        covered.append(Box(x(span[0]), py - 2, x(span[1]), py + 2))
    words = f"{tidy(entry.name)}: {percent(entry.test_accuracy.mean)}"
    scene.add(Dot(px, py, 5.2, look.color, look.shape, title=words))
    return covered


def _label(scene: Scene, points: list[tuple[EntryResult, float, float]], obstacles: list[Box]) -> None:
    names = [fit(tidy(e.name), LABEL, scene.width * 0.4) for e, _, _ in points]
    sizes = [(text_width(name, LABEL) + 4, LABEL + 3.0) for name in names]
    room = Box(46, 20, scene.width - 4, scene.height - 50)
    boxes = place([(px, py) for _, px, py in points], sizes, obstacles, room)
    found = [(e, px, py, n, b) for (e, px, py), n, b in zip(points, names, boxes, strict=True) if b is not None]
    for _, px, py, _, box in found:  # all leaders first, so that the halos of the words cut them
        near_x, near_y = min(max(px, box.x0), box.x1), min(max(py, box.y0), box.y1)
        if abs(near_x - px) + abs(near_y - py) > 18:
            scene.add(Line(((px, py), (near_x, near_y)), "faint", 0.8))
    for entry, px, _, name, box in found:
        left = box.x0 >= px - 2
        at, anchor = (box.x0 + 2, START) if left else (box.x1 - 2, END)
        if box.x0 < px - 2 and box.x1 > px + 2:
            at, anchor = (box.x0 + box.x1) / 2, MIDDLE
        scene.add(Text(at, box.y1 - 4, name, LABEL, "ink", anchor, bold=entry.best_group, halo=True))
