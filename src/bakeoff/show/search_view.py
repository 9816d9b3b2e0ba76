"""One search, ready to be drawn: its candidates at the comparison that they share, as arrays.

Shapes: N candidates that have a score there, cold ones only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bakeoff.judge.search import Search, chosen
from bakeoff.judge.search_axes import Coded, coded
from bakeoff.judge.search_results import Comparison, SearchResult
from bakeoff.judge.search_words import place_words
from bakeoff.judge.standings import Standing, Standings, standings
from bakeoff.show.palette import STEPS

QUANTILES = (0.2, 0.4, 0.6, 0.75, 0.87, 0.94, 0.98, 0.995)
"""Where one step of the ramp ends and the next begins, as shares of the candidates: the good ones get more steps."""


@dataclass(frozen=True, eq=False)
class SearchView:
    """`scores` float64 [N] in the metric's unit; `axes`: those that vary, in the declared order."""

    search: Search
    result: SearchResult
    found: Standings
    compared: tuple[Standing, ...]
    scores: np.ndarray
    axes: tuple[Coded, ...]
    winner: Standing | None

    @cached_property
    def cuts(self) -> np.ndarray:
        """float64 [STEPS - 1]: the scores between the steps of the ramp, poorest first."""
        better = np.array([self.found.shown(v) for v in self.scores])
        cuts = np.quantile(better, QUANTILES) if len(better) else np.arange(float(STEPS - 1))
        return np.array([self.found.shown(v) for v in cuts])

    @cached_property
    def levels(self) -> np.ndarray:
        """uint8 [N]: 1 for the poorest to STEPS for the best."""
        sign = self.found.shown(1.0)
        return (1 + np.searchsorted(sign * self.cuts, sign * self.scores, side="right")).astype(np.uint8)

    @property
    def where(self) -> str:
        """What the scores rest on, in words."""
        return place_words(self.result.effects_at) if self.result.effects_at else "nothing"

    def stage_of(self, stage: int) -> list[Comparison]:
        return [at for at in self.found.comparisons if at.stage == stage]

    @property
    def stages(self) -> list[int]:
        """Those in which at least one trial lasted an epoch."""
        return list(dict.fromkeys(at.stage for at in self.found.comparisons))


def view(search: Search, result: SearchResult) -> SearchView:
    found = standings(search.trials, search.spec)
    at = found.shared
    compared = tuple(s for s in found.cold if at in s.scores)
    scores = np.array([found.shown(s.scores[at]) for s in compared]) if at else np.zeros(0)
    axes = [a for a in coded(search.axes, [s.point for s in compared]) if len(np.unique(a.codes[a.codes >= 0])) > 1]
    return SearchView(search, result, found, compared, scores, tuple(axes), chosen(search, found))
