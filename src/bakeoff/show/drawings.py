"""Every figure of a report, once: for the page in two widths, for files as SVG and PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bakeoff.judge.contest import Contest
from bakeoff.judge.passes import with_pass
from bakeoff.judge.results import Results
from bakeoff.show.courses import Axis
from bakeoff.show.escape import slug
from bakeoff.show.plot_compare import plot_compare
from bakeoff.show.plot_confusion import plot_confusion
from bakeoff.show.plot_curves import plot_entry
from bakeoff.show.plot_ranking import plot_ranking
from bakeoff.show.plot_reliability import plot_reliability
from bakeoff.show.plot_size_speed import plot_parameters, plot_seconds
from bakeoff.show.plot_steps import plot_steps, stepped
from bakeoff.show.plot_weights import plot_weights
from bakeoff.show.png import png
from bakeoff.show.scales import shared_scales
from bakeoff.show.scene import Scene
from bakeoff.show.svg import document, inline
from bakeoff.show.weights import WeightPictures, weight_pictures

WIDE, SLIM = 800.0, 360.0


@dataclass(frozen=True)
class Inline:
    """One figure for the page: CSS shows the version that suits the screen."""

    wide: str
    narrow: str


@dataclass(frozen=True)
class Timed:
    """One figure on two axes of time: the page shows the one that the reader chose."""

    epochs: Inline
    seconds: Inline


@dataclass(frozen=True)
class Drawings:
    """`inline`, `timed`: figures of the whole study by name; `curves`: of each entry; `weights`: by the names of the
    entries that have them; `scenes` by file stem, in the order of the story; `stems`: what each entry's end in."""

    inline: dict[str, Inline]
    timed: dict[str, Timed]
    curves: list[Timed]
    weights: dict[str, WeightPictures]
    scenes: dict[str, Scene]
    stems: list[str]


def as_files(scenes: Mapping[str, Scene]) -> dict[str, bytes]:
    """File name -> content of each scene by its stem, as SVG and PNG."""
    out: dict[str, bytes] = {}
    for stem, scene in scenes.items():
        out[f"{stem}.svg"] = document(scene).encode("utf-8", "replace")
        out[f"{stem}.png"] = png(scene)
    return out


def draw(contest: Contest, results: Results) -> Drawings:
    runs = {entry.name: [with_pass(run) for run in entry.runs] for entry in contest.entries}
    scales, evaluated = shared_scales(results, runs), shared_scales(results, runs, ("train", "validation"))
    scenes: dict[str, Scene] = {}
    once: dict[str, Callable[[float], Scene]] = {
        "ranking": lambda width: plot_ranking(results, width),
        "parameters": lambda width: plot_parameters(results, width),
        "seconds": lambda width: plot_seconds(results, width),
        "calibration": lambda width: plot_reliability(results, width),
    }
    scenes |= {name: plot(WIDE) for name, plot in once.items()}
    pictures = {name: Inline(inline(scenes[name], "wide"), inline(plot(SLIM), "narrow")) for name, plot in once.items()}
    timed = {}
    timed["curves"] = _timed(scenes, "curves", lambda width, axis: plot_compare(results, runs, evaluated, width, axis))
    if shown := stepped(results, runs):
        timed["steps"] = _timed(scenes, "steps", lambda width, axis: plot_steps(results, shown, width, axis))
    stems = [f"{entry.rank}-{slug(entry.name)}" for entry in results.entries]
    curves, weights = [], {}
    for stem, entry in zip(stems, results.entries, strict=True):
        plot_one = partial(plot_entry, entry, runs, scales)
        curves.append(_timed(scenes, f"curves-{stem}", plot_one))
        if found := weight_pictures(entry, runs.get(entry.name, ()), results):
            weights[entry.name] = found
            scenes[f"weights-{stem}"] = plot_weights(entry.name, found, WIDE)
        scenes[f"confusion-{stem}"] = plot_confusion(entry, results.dataset)
    return Drawings(pictures, timed, curves, weights, scenes, stems)


def _timed(scenes: dict[str, Scene], stem: str, plot: Callable[[float, Axis], Scene]) -> Timed:
    """Draw by epochs and by seconds; the wide ones become files too."""
    axes: tuple[Axis, ...] = ("epochs", "seconds")
    epochs, seconds = (plot(WIDE, axis) for axis in axes)
    scenes[stem], scenes[f"{stem}-seconds"] = epochs, seconds
    slim = (plot(SLIM, axis) for axis in axes)
    pairs = zip((epochs, seconds), slim, strict=True)
    return Timed(*(Inline(inline(wide, "wide"), inline(narrow, "narrow")) for wide, narrow in pairs))
