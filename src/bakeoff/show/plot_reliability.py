"""Reliability diagrams, a panel an entry: accuracy against confidence, with what perfect calibration would show."""

from __future__ import annotations

import math

from bakeoff.judge.calibration_results import Calibration, ReliabilityBin
from bakeoff.judge.results import EntryResult, Results
from bakeoff.show.axes import Scale
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import count, percent
from bakeoff.show.palette import style
from bakeoff.show.scene import Area, Dot, Line, Scene, Text, box, fit

NARROW = 520
LEFT, TOP, GAP, FOOT = 38.0, 62.0, 30.0, 66.0
BARS = 26.0
"""Height of the bars under a panel."""
FEWEST = 10
TICKS = (0.0, 0.5, 1.0)


def plot_reliability(results: Results, width: float = 760) -> Scene:
    """Panels in the order of the ranking, four in a row or two on a narrow screen; all of one scale."""
    shown = [(i, e, e.calibration) for i, e in enumerate(results.entries) if e.calibration is not None]
    across = min(2 if width < NARROW else 4, max(2, len(shown)))
    side = min(220.0, (width - LEFT - 10 - GAP * (across - 1)) / across)
    rows = math.ceil(len(shown) / across)
    step = side + TOP + FOOT
    scene = Scene(width, rows * step + 34, "Reliability: accuracy against confidence", _alt(results))
    _legend(scene, 8, 14)
    for place, (i, entry, found) in enumerate(shown):
        row, column = divmod(place, across)
        left, top = LEFT + column * (side + GAP), row * step + TOP + 6
        _panel(scene, entry, found, i, left, top, side)
        if column == 0:
            scene.add(Text(9, top + side / 2, "accuracy, %", 10.5, "muted", "middle", rotate=-90))
    return scene


def _panel(
    scene: Scene, entry: EntryResult, found: Calibration, index: int, left: float, top: float, side: float
) -> None:
    x, y = Scale(0, 1, left, left + side), Scale(0, 1, top + side, top)
    name = tidy(entry.name)
    scene.add(Text(left, top - 24, fit(name, 12.5, side + 10), 12.5, "ink", bold=entry.best_group, title=name))
    band = f"{found.band.low:.3f}–{found.band.high:.3f}"
    ece = f"ECE {entry.ece.mean:.3f}" + (f", perfect {band}" if side > 160 else f" ({band})")
    scene.add(Text(left, top - 9, fit(ece, 10.5, side + 20), 10.5, "muted", title=ece))
    for tick in TICKS:
        scene.add(Line(((x(0), y(tick)), (x(1), y(tick))), "rule", 1))
        scene.add(Text(x(0) - 5, y(tick) + 3.6, f"{100 * tick:.0f}", 10.5, "muted", "end"))
        scene.add(Text(x(tick), y(0) + BARS + 18, f"{100 * tick:.0f}", 10.5, "muted", "middle"))
    scene.add(Line(((x(0), y(0)), (x(1), y(1))), "faint", 1, "4 3"))
    color = style(index).color
    most = max(b.images for b in found.bins)
    for b in found.bins:
        _bin(scene, b, color, x, y, most)
    scene.add(Line(((x(0), y(0)), (x(1), y(0))), "faint", 1))
    # A line through bins of a few images would be a line through noise.
    points = tuple((x(b.confidence), y(b.accuracy)) for b in found.bins if b.images >= FEWEST)
    if len(points) > 1:
        scene.add(Line(points, color, 1.4))
    scene.extend(_dot(b, color, x, y) for b in found.bins)
    scene.add(Text(x(0.5), y(0) + BARS + 32, "confidence, %", 10.5, "muted", "middle"))


def _bin(scene: Scene, b: ReliabilityBin, color: str, x: Scale, y: Scale, most: float) -> None:
    """The band of perfect calibration, and below the axis how many images there are."""
    at, half = x(b.confidence), (x(b.high) - x(b.low)) * 0.36
    low, high = y(b.band.low), y(b.band.high)
    scene.add(Area((box(at - half, high, 2 * half, max(low - high, 1.5)),), "muted", 0.28))
    height = max(1.0, BARS * b.images / most)
    wide = x(b.high) - x(b.low)
    scene.add(Area((box(x(b.low) + 0.5, y(0) + 2, wide - 1, height),), color, 0.35, _words(b)))


def _dot(b: ReliabilityBin, color: str, x: Scale, y: Scale) -> Dot:
    """Filled where the accuracy lies outside the band."""
    inside = b.band.low <= b.accuracy <= b.band.high
    return Dot(x(b.confidence), y(b.accuracy), 3.2, color, hollow=inside, title=_words(b))


def _words(b: ReliabilityBin) -> str:
    span = f"{percent(b.band.low, 1)} to {percent(b.band.high, 1)} if perfectly calibrated"
    return (
        f"{count(round(b.images))} images of confidence {percent(b.low, 0)} to {percent(b.high, 0)}: "
        f"{percent(b.confidence, 1)} said, {percent(b.accuracy, 1)} right ({span})"
    )


def _legend(scene: Scene, x: float, y: float) -> None:
    narrow = scene.width < NARROW
    scene.add(Dot(x + 4, y - 4, 3.2, "muted"), Text(x + 13, y, "accuracy, outside", 11, "muted"))
    x += 122
    scene.add(Dot(x, y - 4, 3.2, "muted", hollow=True), Text(x + 9, y, "inside", 11, "muted"))
    x += 56
    words = "perfect calibration, 95%" if narrow else "where 95% of perfectly calibrated models would lie"
    scene.add(Area((box(x, y - 9, 8, 11),), "muted", 0.28), Text(x + 13, y, words, 11, "muted"))
    if not narrow:
        x += 300
        scene.add(Area((box(x, y - 9, 8, 11),), "c0", 0.35), Text(x + 13, y, "images", 11, "muted"))


def _alt(results: Results) -> str:
    def one(e: EntryResult, found: Calibration) -> str:
        said = f"{percent(found.confidence.mean, 1)} confident, {percent(e.test_accuracy.mean, 1)} right"
        return f"{tidy(e.name)} {said}, ECE {e.ece.mean:.3f}"

    told = "; ".join(one(e, e.calibration) for e in results.entries if e.calibration)
    return f"Accuracy against confidence on the test set, a panel an entry: {told}."
