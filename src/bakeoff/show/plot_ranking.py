"""Test accuracy of every entry on one true scale: interval bars, means, seed dots, the group that ties for best."""

from __future__ import annotations

from bakeoff.judge.results import EntryResult, Results
from bakeoff.judge.words import bracket
from bakeoff.show.axes import linear, x_axis
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import known, percent
from bakeoff.show.palette import style
from bakeoff.show.scene import Area, Dot, Line, Scene, Text, box, fit, text_width

NARROW = 520


def plot_ranking(results: Results, width: float = 760) -> Scene:
    """Entries from best to worst; under `NARROW` pixels each name stands above its bar."""
    narrow = width < NARROW
    row, top = (50, 8) if narrow else (36, 8)
    left, right = (10, width - 12) if narrow else (196, width - 172)
    bottom = top + row * len(results.entries)
    scene = Scene(width, bottom + 70, "Test accuracy of every entry", _alt(results))
    x = linear([v for e in results.entries for v in _extent(e)], left, right, pad=0.05)
    tied = sum(e.best_group for e in results.entries)
    if tied > 1:
        scene.add(Area((box(0, top, width, row * tied),), "accent", 0.07))
    for tick in x.ticks(4 if narrow else 6):
        scene.add(Line(((x(tick), top), (x(tick), bottom)), "rule", 1))
    for i, entry in enumerate(results.entries):
        _row(scene, entry, i, top + row * i, row, x, narrow)
    x_axis(scene, x, bottom, wanted=4 if narrow else 6, label="test accuracy, %")
    _legend(scene, results, 8 if narrow else left, bottom + 58, narrow)
    return scene


def _extent(entry: EntryResult) -> list[float]:
    estimate = entry.test_accuracy
    bounds = [estimate.interval.low, estimate.interval.high] if estimate.interval else []
    return [estimate.mean, *estimate.values, *bounds]


def _row(scene: Scene, entry: EntryResult, index: int, top: float, row: float, x, narrow: bool) -> None:
    estimate, color = entry.test_accuracy, style(index).color
    middle = top + (34 if narrow else row / 2)
    words = top + (16 if narrow else row / 2 + 4.5)
    edge = scene.width - 10
    value = percent(estimate.mean)
    span = bracket(estimate.interval) if estimate.interval else ""
    name = fit(tidy(entry.name), 13.5, scene.width - 180 if narrow else 176)
    scene.add(Text(10, words, name, 13.5, "ink", bold=entry.best_group, title=tidy(entry.name), halo=narrow))
    scene.add(Text(edge, words, span, 11.5, "muted", "end", halo=narrow))
    scene.add(Text(edge - 98, words, value, 13.5, "ink", "end", bold=entry.best_group, halo=narrow))
    if estimate.interval and known(estimate.interval.low) and known(estimate.interval.high):
        low, high = x(estimate.interval.low), x(estimate.interval.high)
        scene.add(Area((box(low, middle - 5, max(high - low, 1), 10),), color, 0.28, f"{tidy(entry.name)}: {span}"))
    if known(estimate.mean):
        at = x(estimate.mean)
        scene.add(Line(((at, middle - 9), (at, middle + 9)), color, 2.6, title=f"mean {value}"))
    for seed, v in zip(entry.seeds, estimate.values, strict=False):
        if known(v):
            scene.add(Dot(x(v), middle, 3.4, color, hollow=True, title=f"seed {seed}: {percent(v)}"))


def _legend(scene: Scene, results: Results, x: float, y: float, narrow: bool) -> None:
    def label(at: float, words: str) -> float:
        scene.add(Text(at, y, words, 11, "muted"))
        return at + text_width(words, 11) + 14

    scene.add(Area((box(x, y - 8, 22, 9),), "muted", 0.3))
    x = label(x + 27, "95% interval")
    scene.add(Line(((x, y - 12), (x, y + 4)), "muted", 2.6))
    x = label(x + 7, "mean")
    scene.add(Dot(x + 2, y - 4, 3.4, "muted", hollow=True))
    x = label(x + 10, "one seed")
    if sum(e.best_group for e in results.entries) > 1:
        scene.add(Area((box(x, y - 9, 14, 11),), "accent", 0.16))
        label(x + 19, "tied for best" if narrow else "tied for best: equivalent or undecided")


def _alt(results: Results) -> str:
    def one(entry: EntryResult) -> str:
        i = entry.test_accuracy.interval
        span = f" ({percent(i.low)} to {percent(i.high)})" if i else ""
        return f"{tidy(entry.name)} {percent(entry.test_accuracy.mean)}{span}"

    tied = [tidy(e.name) for e in results.entries if e.best_group]
    group = f" Tied for best, equivalent or undecided: {', '.join(tied)}." if len(tied) > 1 else ""
    return f"Test accuracy, best first: {'; '.join(one(e) for e in results.entries)}.{group}"
