"""Best so far against trials and against seconds of training, with what became of it on fresh seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bakeoff.judge.estimates import Interval
from bakeoff.judge.search import ends
from bakeoff.judge.search_words import metric_words, place_words, score_words
from bakeoff.judge.standings import depth
from bakeoff.show.axes import Scale, x_axis
from bakeoff.show.brush import canvas, count_lines, density_levels
from bakeoff.show.escape import tidy
from bakeoff.show.numbers import plural, short_count
from bakeoff.show.numbers import seconds as clock
from bakeoff.show.panels import NARROW
from bakeoff.show.scene import Area, Dot, Levels, Line, Scene, Text, box, fit, text_width
from bakeoff.show.score_scale import ScoreScale, score_scale
from bakeoff.show.search_view import SearchView

Cost = Literal["trials", "seconds"]
HEIGHT = 300
FEW = 400
"""Candidates that are drawn one by one."""
FAINT = 5
"""The highest step of the ramp that the crowd of candidates takes, so that the line of the best stands out."""


def plot_best(view: SearchView, width: float = 760, cost: Cost = "trials") -> Scene:
    """A point for each candidate when its last fold had ended, a step line through the best of each stage."""
    scene = Scene(width, 0, f"Best so far, search {tidy(view.search.name)}", _alt(view, cost))
    left, right, top = 46.0, width - (14 if width < NARROW else 132), 48.0
    stage, places, scores = _ended(view, cost)
    fresh = _fresh(view)
    y = score_scale(view.result.metric, [*scores, *(line.value for line in fresh)], top + HEIGHT, top)
    total = view.result.trials if cost == "trials" else view.result.seconds / _unit(view)[0]
    x = Scale(0, max(float(total), 1e-9), left, right)
    scene.add(Text(8, 16, fit(y.words, 11.5, width - 16), 11.5, "muted"))
    for pixel, words in y.ticks():
        scene.add(Line(((left, pixel), (right, pixel)), "rule", 1))
        scene.add(Text(left - 6, pixel + 3.8, words, 11, "muted", "end"))
    _crowd(scene, np.array([x(v) for v in places]), y.pixels(scores), (left, top, right))
    _stages(scene, view, stage, places, x, top)
    for line in fresh:
        _level(scene, line, y, (left, right))
    _steps(scene, view, stage, places, x, y, cost)
    _labels(scene, [*_selected(view), *fresh], y, (left, right), top)
    spent = f"{_unit(view)[1]} of training, all trials together"
    label = "trials (one training of one fold)" if cost == "trials" else spent
    x_axis(scene, x, top + HEIGHT, short_count, 6 if width > NARROW else 4, label)
    scene.height = top + HEIGHT + 42
    return scene


@dataclass(frozen=True)
class _Told:
    """A figure that is named at the right of the picture: `value` in the metric's unit."""

    words: str
    value: float
    interval: Interval | None
    color: str
    dash: str = ""


def _fresh(view: SearchView) -> list[_Told]:
    first = next((f.fresh for f in view.result.finalists if f.fresh), None)
    base = view.result.baseline.fresh if view.result.baseline else None
    told = [("on fresh seeds", first, "c1", ""), ("baseline", base, "muted", "5 4")]
    return [_Told(words, f.mean, f.interval, color, dash) for words, f, color, dash in told if f]


def _selected(view: SearchView) -> list[_Told]:
    best = view.result.winner or view.result.warm_winner
    return [_Told("selected, optimistic", best.score, None, "c0")] if best else []


def _unit(view: SearchView) -> tuple[float, str]:
    """How many seconds the axis of time counts by, and their name."""
    whole = view.result.seconds
    return (1.0, "seconds") if whole < 180 else (60.0, "minutes") if whole < 10800 else (3600.0, "hours")


def _place(view: SearchView, cost: Cost, trials: int, seconds: float) -> float:
    """Along the axis."""
    return float(trials) if cost == "trials" else seconds / _unit(view)[0]


def _ended(view: SearchView, cost: Cost) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stage, place along the axis and score of every candidate at every stage where it has one."""
    ended = ends(view.found)
    rows = []
    for standing in view.found.every:
        for stage in dict.fromkeys(at.stage for at in standing.scores):
            here = max((at for at in standing.scores if at.stage == stage), key=depth)
            place = _place(view, cost, *ended[stage, standing.number])
            rows.append((stage, place, view.found.shown(standing.scores[here])))
    return tuple(np.array(rows, float).reshape(-1, 3).T)  # type: ignore[return-value]


def _crowd(scene: Scene, xs: np.ndarray, ys: np.ndarray, frame: tuple[float, float, float]) -> None:
    """Few candidates are dots; many are how many stand in each place."""
    left, top, right = frame
    if len(xs) <= FEW:
        scene.extend(Dot(float(a), float(b), 2.4, "s5", opacity=0.75) for a, b in zip(xs, ys, strict=True))
        return
    counts = canvas(right - left + 4, HEIGHT + 8).astype(np.int64)
    for dx, dy in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        count_lines(counts, (xs - left + 2 + dx)[:, None], (ys - top + 4 + dy)[:, None])
    levels = density_levels(counts, FAINT)
    levels[levels > 0] += 1  # the palest step hardly shows where single candidates stand alone
    scene.add(Levels(left - 2, top - 4, right - left + 4, HEIGHT + 8, levels))


def _stages(scene: Scene, view: SearchView, stage: np.ndarray, places: np.ndarray, x: Scale, top: float) -> None:
    """Where each stage begins, and on what its scores rest."""
    if len(view.stages) < 2:
        return
    start = x.start
    for number in view.stages:
        mine = places[stage == number]
        end = x(float(mine.max())) if len(mine) else start
        scene.add(Line(((start, top - 22), (start, top + HEIGHT)), "faint", 1, "2 3"))
        words = f"stage {number + 1}: {place_words(view.stage_of(number)[-1])}"
        shown = [w for w in (words, f"stage {number + 1}", str(number + 1)) if text_width(w, 10.5) < end - start - 6]
        if shown:
            scene.add(Text(start + 4, top - 14, shown[0], 10.5, "muted", title=words))
        start = end


def _level(scene: Scene, told: _Told, y: ScoreScale, sides: tuple[float, float]) -> None:
    """A level line at the mean over fresh seeds, its interval as a band."""
    left, right = sides
    if told.interval:
        high, low = sorted((y(told.interval.high), y(told.interval.low)))
        scene.add(Area((box(left, high, right - left, max(low - high, 0.5)),), told.color, 0.16))
    scene.add(Line(((left, y(told.value)), (right, y(told.value))), told.color, 1.6, told.dash))


def _labels(scene: Scene, told: list[_Told], y: ScoreScale, sides: tuple[float, float], top: float) -> None:
    """At the right, each at its figure's height or as near as the others allow; inside where it is narrow."""
    narrow = scene.width < NARROW
    step, under = (15.0, -1e9) if narrow else (30.0, -1e9)
    low = max((y(t.value) for t in told), default=0.0) + step * len(told)
    shift = max(0.0, low - (top + HEIGHT + step)) if not narrow else 0.0
    for line in sorted(told, key=lambda t: y(t.value)):
        at = max(y(line.value) - min(shift, step) + (14 if narrow else 0), under + step)
        under = at
        score = score_words(line.value, y.metric)
        if narrow:
            scene.add(Text(sides[1] - 4, at, f"{line.words} {score}", 11, line.color, "end", bold=True, halo=True))
        else:
            scene.add(Text(sides[1] + 8, at, line.words, 11, line.color, bold=True))
            scene.add(Text(sides[1] + 8, at + 13, score, 11, line.color))


def _steps(scene: Scene, view: SearchView, stage, places, x: Scale, y: ScoreScale, cost: Cost) -> None:
    for number in view.stages:
        for warm, color in ((False, "c0"), (True, "c3")):
            steps = [s for s in view.result.best_so_far if s.stage == number and s.warm == warm]
            if not steps:
                continue
            points: list[tuple[float, float]] = []
            for step in steps:
                at = x(_place(view, cost, step.trials, step.seconds))
                if points:
                    points.append((at, points[-1][1]))
                points.append((at, y(step.score)))
            mine = places[stage == number]
            points.append((x(float(mine.max())), points[-1][1]))
            scene.add(Line(tuple(points), "paper", 5, "", 0.8), Line(tuple(points), color, 2.4, "6 3" if warm else ""))
    best = view.result.winner or view.result.warm_winner
    ours = [s for s in view.result.best_so_far if best and s.number == best.number and s.stage == best.at.stage]
    if best and ours:
        at = x(_place(view, cost, ours[-1].trials, ours[-1].seconds))
        scene.add(Dot(at, y(best.score), 5, "c0", title=f"selected: {score_words(best.score, y.metric)}"))


def _alt(view: SearchView, cost: Cost) -> str:
    r = view.result
    told = []
    for number in view.stages:
        steps = [s for s in r.best_so_far if s.stage == number and not s.warm]
        if steps:
            end = steps[-1]
            when = f"{plural(end.trials, 'trial')}" if cost == "trials" else clock(end.seconds)
            told.append(f"stage {number + 1} {score_words(end.score, r.metric)} after {when}")
    return f"Best {metric_words(r.metric)} so far against {cost}: {'; '.join(told) or 'no score'}."
