"""Learning curves of one entry: train against validation, with landmarks."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.results import EntryResult, Landmarks
from bakeoff.runs.run import Run
from bakeoff.show.axes import Scale, y_axis
from bakeoff.show.courses import Axis, course, seconds_at
from bakeoff.show.escape import tidy
from bakeoff.show.leaving import note_beyond
from bakeoff.show.numbers import count, known, percent
from bakeoff.show.panels import NARROW, Panel, along, draw_time, plain, sides, span
from bakeoff.show.scales import Runs, Scales
from bakeoff.show.scene import Line, Scene, Text, text_width

PANEL = 170
KINDS = (
    ("running", "train, running", "muted", "1.5 3", 1.4),
    ("train", "train, evaluated", "c1", "6 3", 1.7),
    ("validation", "validation", "c0", "", 2.2),
)
LANDMARKS = (("best_epoch", "best"), ("overfits_from", "overfits from"), ("flattens_at", "flattens"))


def plot_entry(entry: EntryResult, runs: Runs, scales: Scales, width: float = 760, axis: Axis = "epochs") -> Scene:
    """Loss and accuracy of one entry, on the scales that entries share."""
    narrow = width < NARROW
    mine = runs.get(entry.name, ())
    scene = Scene(width, 0, f"Learning curves of {tidy(entry.name)}", _entry_alt(entry))
    _legend(scene)
    for n, quantity in enumerate(("loss", "accuracy")):
        left, right = sides(width, n)
        y0 = 66 + n * (PANEL + 96) if narrow else 66
        courses = {kind: course(mine, f"{kind}_{quantity}", axis) for kind, *_ in KINDS}
        y = Scale(*scales[entry.recipe["loss"] if quantity == "loss" else "accuracy"], y0 + PANEL, y0)
        x = along(*span([c for c in courses.values() if c]), left, right, stretch=False)
        scene.add(Text(left - 32, y0 - 30, "loss" if quantity == "loss" else "accuracy, %", 11.5, "muted"))
        y_axis(scene, y, left, right, None if quantity == "accuracy" else plain, 4)
        draw_time(scene, x, y0 + PANEL, axis)
        for kind, _, color, dash, thick in KINDS:
            if c := courses[kind]:
                Panel(scene, x, y).course(c, color, thick, dash, 0.13)
        note_beyond(scene, [line for c in courses.values() if c for line in c.lines()], y, right)
        _landmarks(scene, entry.landmarks, mine, x, y, axis)
        scene.height = y0 + PANEL + 42
    return scene


def _legend(scene: Scene) -> None:
    """Line samples in one row."""
    x = 8.0
    for _, words, color, dash, thick in reversed(KINDS):
        scene.add(Line(((x, 10), (x + 26, 10)), color, thick, dash), Text(x + 31, 14, words, 11, "ink"))
        x += 31 + text_width(words, 11) + 12


def _landmarks(scene: Scene, marks: Landmarks, runs: Sequence[Run], x: Scale, y: Scale, axis: Axis) -> None:
    """A thin upright for each landmark, its words in one of two rows over the panel so that near ones stay apart."""
    spans: list[tuple[int, float, float]] = []
    top = min(y.start, y.end)
    found = [(getattr(marks, name), words) for name, words in LANDMARKS if known(getattr(marks, name))]
    for epoch, words in sorted(found):
        at = epoch if axis == "epochs" else seconds_at(runs, epoch)
        if not known(at) or not x.low <= at <= x.high:
            continue
        text = f"{words} {count(epoch)}"
        half = text_width(text, 10.5) / 2
        centre = min(max(x(at), x.start + half), x.end - half)
        row = next(
            (r for r in range(3) if all(s[0] != r or centre + half < s[1] or centre - half > s[2] for s in spans)), 2
        )
        spans.append((row, centre - half - 4, centre + half + 4))
        level = top - 4 - 12 * row
        scene.add(Line(((x(at), level + 2), (x(at), max(y.start, y.end))), "faint", 1, "2 2"))
        scene.add(Text(centre, level, text, 10.5, "ink", "middle", halo=True))


def _entry_alt(entry: EntryResult) -> str:
    found = [
        f"{words} epoch {count(getattr(entry.landmarks, name))}"
        for name, words in LANDMARKS
        if known(getattr(entry.landmarks, name))
    ]
    ends = f"train accuracy {percent(entry.train_accuracy.mean)}"
    ends += f", validation {percent(entry.validation_accuracy.mean)}" if entry.validation_examples else ""
    marks = f"; {', '.join(found)}" if found else ""
    return f"Loss and accuracy of {tidy(entry.name)} by epoch, ending at {ends}{marks}."
