"""The training loss of every step of every entry, one seed each, by step or by elapsed time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.judge.passes import timed_name
from bakeoff.judge.results import EntryResult, Results
from bakeoff.runs.run import Run
from bakeoff.show.axes import logarithmic, x_axis, y_axis
from bakeoff.show.courses import Axis
from bakeoff.show.escape import tidy
from bakeoff.show.leaving import note_beyond
from bakeoff.show.median import median_run
from bakeoff.show.numbers import count, short_count
from bakeoff.show.palette import style
from bakeoff.show.panels import NARROW, Panel, along, axis_words, legend, plain
from bakeoff.show.scales import Runs, ceiling
from bakeoff.show.scene import Scene, Text
from bakeoff.show.thin import thin

HEIGHT = 260
COLUMN = 3.0
"""Pixels of the panel that a bucket of steps takes."""
FALL = 1e4
"""The axis ends at this fraction of its top, so that a loss of all but nothing cannot squeeze every other one."""


@dataclass(frozen=True, eq=False)
class Stepped:
    """An entry with its rank from 0 and the run that stands for it, which kept the losses of its steps."""

    index: int
    entry: EntryResult
    run: Run

    def along(self, steps: np.ndarray, axis: Axis) -> np.ndarray:
        """Steps, counted from 1, or the seconds at them: between two epochs' ends every step takes as long."""
        if axis == "epochs":
            return steps
        before = self.run.summary.get("features_seconds") or 0.0  # the curve counts the pass through a backbone
        return np.interp(steps, [0.0, *self.run.curve("step")], [before, *self.run.curve("seconds")])


def stepped(results: Results, runs: Runs) -> list[Stepped]:
    """The median seed of every entry that has finite losses."""
    median = [(i, e, median_run(e, runs.get(e.name, ()))) for i, e in enumerate(results.entries)]
    return [Stepped(i, e, run) for i, e, run in median if run and run.curves and np.isfinite(run.step_loss).any()]


def plot_steps(results: Results, shown: Sequence[Stepped], width: float = 760, axis: Axis = "epochs") -> Scene:
    """A line through the means of neighbouring steps, a band from their lowest to their highest loss; a panel for each
    kind of loss."""
    names = {e.name: e.name if axis == "epochs" else timed_name(e) for e in results.entries}
    seeds = {s.entry.name: f"{names[s.entry.name]}, seed {s.run.job.seed}" for s in shown}
    scene = Scene(width, 0, "Training loss of every step", _alt(shown))
    y0 = legend(scene, [seeds.get(e.name, e.name) for e in results.entries], width, dashed=False) + 44
    for kind in dict.fromkeys(str(s.entry.recipe["loss"]) for s in shown):
        mine = [s for s in shown if s.entry.recipe["loss"] == kind]
        _panel(scene, mine, kind, len(results.dataset.classes), y0, axis)
        y0 += HEIGHT + 82
    scene.height = y0 - 38
    return scene


def _panel(scene: Scene, shown: Sequence[Stepped], kind: str, classes: int, y0: float, axis: Axis) -> None:
    left, right, bottom = 44.0, scene.width - 10, y0 + HEIGHT
    ends = [s.along(np.array([1.0, len(s.run.step_loss)]), axis) for s in shown]
    x = along([float(e[0]) for e in ends], [float(e[1]) for e in ends], left, right)
    thinned = [thin(s.run.step_loss, int((right - left) / COLUMN), x.log) for s in shown]
    means = np.concatenate([t.mean[np.isfinite(t.mean)] for t in thinned])
    top = 10 * ceiling(kind, classes, means.tolist())  # a decade more: the axis is logarithmic
    extent = np.clip([v for t in thinned for v in (*t.low, *t.high) if v > 0], top / FALL, top)
    y = logarithmic(extent.tolist(), bottom, y0, pad=1.05)
    words = f"{kind.replace('_', '-')} loss of a batch, log scale"
    scene.add(Text(left - 36, y0 - 14, words, 11.5, "muted"))
    y_axis(scene, y, left, right, plain)
    form = short_count if axis == "epochs" else plain
    x_axis(scene, x, bottom, form, 6 if scene.width > NARROW else 5, axis_words(axis, x, "steps of the optimiser"))
    panel = Panel(scene, x, y)
    for s, t in reversed(list(zip(shown, thinned, strict=True))):
        ok, look = np.isfinite(t.mean), style(s.index)
        xs = s.along(t.step[ok], axis)
        panel.band(xs, t.low[ok], t.high[ok], look.color, max(0.06, 0.3 / len(shown) ** 0.7))
        panel.line(xs, t.mean[ok], look.color, 1.5)
        panel.end(xs, t.mean[ok], look, f"{tidy(s.entry.name)}, seed {s.run.job.seed}")
    note_beyond(scene, [t.mean for t in thinned], y, right)


def _alt(shown: Sequence[Stepped]) -> str:
    told = "; ".join(
        f"{tidy(s.entry.name)} (seed {s.run.job.seed}) {s.run.step_loss[-1]:.3g} at step {count(len(s.run.step_loss))}"
        for s in shown
    )
    return f"Training loss of every step, thinned to means and ranges of neighbouring steps. At the last step: {told}."
