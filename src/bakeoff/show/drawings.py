"""Every figure of a report, once: for the page in two widths, for files as SVG and PNG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bakeoff.judge.contest import Contest
from bakeoff.judge.results import Results
from bakeoff.show.escape import slug
from bakeoff.show.plot_confusion import plot_confusion
from bakeoff.show.plot_curves import plot_entry, plot_overview, shared_scales
from bakeoff.show.plot_ranking import plot_ranking
from bakeoff.show.plot_size_speed import plot_parameters, plot_seconds
from bakeoff.show.png import png
from bakeoff.show.scene import Scene
from bakeoff.show.svg import document, inline

WIDE, SLIM = 800.0, 360.0


@dataclass(frozen=True)
class Inline:
    """One figure for the page: CSS shows the version that suits the screen."""

    wide: str
    narrow: str


@dataclass(frozen=True)
class Drawings:
    """`inline` by figure; `entry_curves` HTML an entry, by epochs and by seconds; `scenes` by file stem, in the order
    of the story."""

    inline: dict[str, Inline]
    entry_curves: list[str]
    scenes: dict[str, Scene]

    def files(self) -> dict[str, bytes]:
        """File name -> content of everything in figures/."""
        out: dict[str, bytes] = {}
        for stem, scene in self.scenes.items():
            out[f"{stem}.svg"] = document(scene).encode("utf-8", "replace")
            out[f"{stem}.png"] = png(scene)
        return out


def draw(contest: Contest, results: Results) -> Drawings:
    runs = {entry.name: entry.runs for entry in contest.entries}
    scales = shared_scales(results, runs)
    plots: dict[str, Callable[[float], Scene]] = {
        "ranking": lambda width: plot_ranking(results, width),
        "parameters": lambda width: plot_parameters(results, width),
        "seconds": lambda width: plot_seconds(results, width),
        "curves": lambda width: plot_overview(results, runs, width),
    }
    scenes = {name: plot(WIDE) for name, plot in plots.items()}
    pictures = {
        name: Inline(inline(scenes[name], "wide"), inline(plot(SLIM), "narrow")) for name, plot in plots.items()
    }
    curves = []
    for entry in results.entries:
        stem = f"{entry.rank}-{slug(entry.name)}"
        parts = []
        for axis in ("epochs", "seconds"):
            wide = plot_entry(entry, runs, scales, WIDE, axis)  # type: ignore[arg-type]
            slim = plot_entry(entry, runs, scales, SLIM, axis)  # type: ignore[arg-type]
            parts.append(f'<div class="{axis}">{inline(wide, "wide")}{inline(slim, "narrow")}</div>')
            scenes[f"curves-{stem}" + ("-seconds" if axis == "seconds" else "")] = wide
        curves.append("".join(parts))
        scenes[f"confusion-{stem}"] = plot_confusion(entry, results.dataset.classes)
    return Drawings(pictures, curves, scenes)
