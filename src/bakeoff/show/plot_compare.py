"""Training of all entries over one another: accuracy and loss, on training and on validation pictures, by epoch or by
elapsed time."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.passes import timed_name, whole_seconds
from bakeoff.judge.results import EntryResult, Results
from bakeoff.show.axes import Scale, tick_format, y_axis
from bakeoff.show.courses import Axis, Course, course
from bakeoff.show.escape import tidy
from bakeoff.show.leaving import note_beyond
from bakeoff.show.numbers import percent, seconds
from bakeoff.show.palette import style
from bakeoff.show.panels import NARROW, Panel, along, draw_time, legend, plain, sides, span
from bakeoff.show.scales import Runs, Scales
from bakeoff.show.scene import Scene, Text

HEIGHT = 210
PARTS = (("validation", "validation"), ("train", "train, evaluated"))


def plot_compare(results: Results, runs: Runs, scales: Scales, width: float = 760, axis: Axis = "epochs") -> Scene:
    """Two panels of accuracy, then two of each kind of loss: losses of different kinds never share an axis. Both panels
    of a row have one scale, from `scales` by "accuracy" and by kind of loss (see `shared_scales`)."""
    by = "epoch" if axis == "epochs" else "elapsed time"
    scene = Scene(width, 0, f"Training of all entries by {by}", _alt(results, by))
    y0 = legend(scene, [e.name if axis == "epochs" else timed_name(e) for e in results.entries], width) + 44
    for quantity in scales:
        for column, (part, words) in enumerate(PARTS):
            kind = "accuracy" if quantity == "accuracy" else "loss"
            courses = [
                course(runs.get(e.name, ()), f"{part}_{kind}", axis)
                if quantity in ("accuracy", e.recipe["loss"])
                else None
                for e in results.entries
            ]
            left, right = sides(width, column)
            x = along(*span([c for c in courses if c]), left, right)
            y = Scale(*scales[quantity], y0 + HEIGHT, y0)
            what = "accuracy, %" if kind == "accuracy" else f"{quantity.replace('_', '-')} loss"
            scene.add(Text(left - 32, y0 - 14, f"{words}: {what}", 11.5, "muted"))
            y_axis(scene, y, left, right, tick_format(y.ticks(5)) if kind == "accuracy" else plain, 5)
            draw_time(scene, x, y0 + HEIGHT, axis)
            _draw(Panel(scene, x, y), results.entries, courses, kind)
            if width < NARROW or column:
                y0 += HEIGHT + 82
    scene.height = y0 - 38
    return scene


def _draw(panel: Panel, entries: Sequence[EntryResult], courses: Sequence[Course | None], kind: str) -> None:
    """The best entry last, on top."""
    for i, (entry, c) in reversed(list(enumerate(zip(entries, courses, strict=True)))):
        if c:
            look, last = style(i), float(c.mean[-1])
            panel.course(c, look.color, 1.9, look.dash, 0.12)
            end = percent(last) if kind == "accuracy" else f"{last:.3g}"
            panel.end(c.x, c.mean, look, f"{tidy(entry.name)}: {end} at the end")
    note_beyond(panel.scene, [line for c in courses if c for line in c.lines()], panel.y, panel.x.end)


def _alt(results: Results, by: str) -> str:
    ends = "; ".join(
        f"{tidy(timed_name(e))} {percent(e.validation_accuracy.mean)} after {seconds(whole_seconds(e).mean)}"
        for e in results.entries
        if e.validation_examples
    )
    where = "on validation and on training pictures"
    return f"Accuracy and loss of all entries by {by}, {where}. Validation accuracy: {ends or 'none'}."
