"""The learning curves of all trials in one picture: a panel a stage, how many curves pass by colour, rungs marked."""

from __future__ import annotations

import numpy as np

from bakeoff.judge.search_words import metric_words, place_words, score_words
from bakeoff.runs.trials import Trial
from bakeoff.show.brush import canvas, count_lines, density_levels, thicken
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import count, plural
from bakeoff.show.palette import STEPS
from bakeoff.show.panels import NARROW
from bakeoff.show.scene import Area, Levels, Line, Scene, Text, box, fit, wrap
from bakeoff.show.score_scale import ScoreScale, score_scale
from bakeoff.show.search_view import SearchView

HEIGHT = 280
LEAST = 84.0
"""Pixels that a stage has at least, however short its trainings."""
COLUMN = 0.5
FEW = 1000
"""Trials whose curves are a pixel wider."""


def plot_trials(view: SearchView, width: float = 760) -> Scene:
    """Every trial of every fold, cold and warm; the winner's own mean over folds on top."""
    scene = Scene(width, 0, f"Learning curves of all trials, search {tidy(view.search.name)}", _alt(view))
    left, right, top = 46.0, width - 12, 118.0
    finals = [v for t in view.found.trials for v in getattr(t, view.result.metric)]
    y = score_scale(view.result.metric, np.array(finals), top + HEIGHT, top)
    scene.add(Text(8, 14, fit(y.words, 11.5, width - 16), 11.5, "muted"))
    _key(scene, width)
    for pixel, words in y.ticks():
        scene.add(
            Line(((left, pixel), (right, pixel)), "rule", 1), Text(left - 6, pixel + 3.8, words, 11, "muted", "end")
        )
    for stage, (start, end) in zip(view.stages, _rooms(view, left, right), strict=True):
        _stage(scene, view, stage, (start, end), y, top)
    scene.add(Text((left + right) / 2, top + HEIGHT + 36, "epochs", 11.5, "muted", "middle"))
    scene.height = top + HEIGHT + 44
    return scene


def _rooms(view: SearchView, left: float, right: float) -> list[tuple[float, float]]:
    """(start, end) of each stage, by its epochs, none under `LEAST` where there is room for that."""
    gap = 14.0
    lengths = [float(view.stage_of(stage)[-1].epochs) for stage in view.stages]
    free = right - left - gap * (len(lengths) - 1)
    least = min(LEAST, free / len(lengths))
    spare = free - least * len(lengths)
    wants = np.array([max(0.0, length - 1) for length in lengths])
    shares = wants / wants.sum() if wants.sum() else np.full(len(wants), 1 / len(wants))
    out, at = [], left
    for share in shares:
        out.append((at, at + least + spare * float(share)))
        at = out[-1][1] + gap
    return out


def _stage(scene: Scene, view: SearchView, stage: int, room: tuple[float, float], y: ScoreScale, top: float) -> None:
    start, end = room
    rungs = view.stage_of(stage)
    longest = rungs[-1].epochs

    def x(epoch):
        return start + (epoch - 0.5) / longest * (end - start)

    mine = [trial for trial in view.found.trials if trial.stage == stage]
    _density(scene, mine, view, room, y, top, x)
    told = f"{place_words(rungs[-1])}: {plural(len(mine), 'trial')}"
    lead = f"stage {stage + 1}" if len(view.stages) > 1 else ""
    if lead:
        scene.add(Text(start, top - 64, lead, 11, "ink", bold=True))
    for n, line in enumerate(wrap(told, 10, end - start + 10)[:3]):
        scene.add(Text(start, top - 51 + 12 * n, line, 10, "muted", title=told))
    _rungs(scene, view, stage, x, (start, end), top)
    _epochs(scene, longest, x, top + HEIGHT, room)
    if view.winner:
        own = [t for t in mine if t.number == view.winner.number]
        curves = [np.asarray(getattr(t, view.result.metric), float) for t in own]
        if curves:
            common = min(len(c) for c in curves)
            mean = np.mean([c[:common] for c in curves], axis=0)
            points = [(x(e + 1), float(v)) for e, v in enumerate(y.pixels(mean))]
            points = [(x(0.7), points[0][1]), *points, (x(len(mean) + 0.3), points[-1][1])]
            scene.add(Line(tuple(points), "paper", 5, opacity=0.85), Line(tuple(points), "c1", 2.2, title="the winner"))


def _density(scene: Scene, trials: list[Trial], view: SearchView, room, y: ScoreScale, top: float, x) -> None:
    """How many curves pass through each pixel; a curve is level for half an epoch before its first value."""
    start, end = room
    counts = canvas(end - start, HEIGHT + 2).astype(np.int64)
    by_length: dict[int, list[np.ndarray]] = {}
    for trial in trials:
        values = np.asarray(getattr(trial, view.result.metric), float)
        values = values[np.isfinite(values)]
        if len(values):
            by_length.setdefault(len(values), []).append(values)
    for length, group in sorted(by_length.items()):
        at = np.arange(1, length + 1)
        first, last = x(0.7), x(length + 0.3)
        columns = np.arange(first, last, COLUMN)
        place = np.interp(columns, [x(e) for e in at], np.arange(length))
        lower = np.floor(place).astype(int)
        upper, part = np.minimum(lower + 1, length - 1), place - lower
        for some in np.array_split(np.stack(group), max(1, len(group) * len(columns) // 4_000_000)):
            ys = y.pixels(some)
            rows = ys[:, lower] * (1 - part) + ys[:, upper] * part - top
            count_lines(counts, np.broadcast_to(columns - start, rows.shape), rows)
    levels = density_levels(counts, STEPS)
    scene.add(Levels(start, top, end - start, HEIGHT + 2, thicken(levels) if len(trials) < FEW else levels))


def _rungs(scene: Scene, view: SearchView, stage: int, x, room: tuple[float, float], top: float) -> None:
    """An upright at each epoch where candidates were compared, and how many went on."""
    results = next(r for r in view.result.stages if r.stage == stage).rungs
    taken = -1e9
    for rung in results:
        last = rung is results[-1] and stage == view.stages[-1]
        at = x(rung.at.epochs)
        scene.add(Line(((at, top - 6), (at, top + HEIGHT)), "ink", 1, "3 3", 0.6))
        words = f"{count(rung.reached)}" if last else f"{count(rung.reached)} → {count(rung.went_on)}"
        half = 2.6 * len(words)
        centre = min(max(at, room[0] + half), room[1] - half)
        if centre - half > taken:
            title = f"after {plural(rung.at.epochs, 'epoch')}: {rung.reached:,} candidates, {rung.went_on:,} went on"
            scene.add(Text(centre, top - 10, words, 10, "ink", "middle", title=title, halo=True))
            taken = centre + half + 4


def _epochs(scene: Scene, longest: int, x, bottom: float, room: tuple[float, float]) -> None:
    scene.add(Line(((room[0], bottom), (room[1], bottom)), "faint", 1))
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if (room[1] - room[0]) / longest * n > 24)
    for epoch in sorted({1, longest, *range(every, longest - every // 2, every)}):
        if epoch == 1 or every == 1 or epoch >= every:
            scene.add(Line(((x(epoch), bottom), (x(epoch), bottom + 4)), "faint", 1))
            scene.add(Text(x(epoch), bottom + 17, f"{epoch}", 11, "muted", "middle"))


def _key(scene: Scene, width: float) -> None:
    x = width - 12 - STEPS * 11 if width >= NARROW else 10.0
    y = 6.0 if width >= NARROW else 22.0
    for step in range(STEPS):
        scene.add(Area((box(x + step * 11, y, 11, 8),), f"s{step}"))
    if width >= NARROW:
        scene.add(Text(x - 6, y + 8, "curves: few to many", 10.5, "muted", "end"))
        scene.add(
            Line(((x - 232, y + 4), (x - 208, y + 4)), "c1", 2.2), Text(x - 202, y + 8, "the winner", 10.5, "muted")
        )
    else:
        scene.add(Text(x + STEPS * 11 + 6, y + 8, "few to many; orange: the winner", 10.5, "muted"))


def _alt(view: SearchView) -> str:
    told = []
    for stage in view.result.stages:
        reached = [f"{r.reached:,} after {plural(r.at.epochs, 'epoch')}" for r in stage.rungs]
        told.append(f"stage {stage.stage + 1}: {stage.trials:,} trials, candidates left {', '.join(reached)}")
    best = view.result.winner
    end = f"; the winner ends at {score_words(best.score, view.result.metric)}" if best else ""
    return f"{metric_words(view.result.metric).capitalize()} of all trials by epoch. {'; '.join(told)}{end}."
