"""The best so far of a search, while its packs come in: for whoever watches. The search itself asks `select.rank`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from bakeoff.runs.trials import OF_A_RUNG, Trial
from bakeoff.search.rungs import ladder, stage_folds
from bakeoff.search.spec import SearchSpec, stages
from bakeoff.search.told import score_after


@dataclass
class Leader:
    """Takes trials in any order, a candidate's folds in one pack or in several. `epochs`: of the entry's recipe.

    `best`: a trial of the candidate that got furthest and, of those, has the best mean over its folds; `score`: that
    mean, larger is better. Candidates that started from another's weights, or diverged, do not lead.
    """

    spec: SearchSpec
    epochs: int
    trials: int = 0
    diverged: int = 0
    stage: int = 0
    best: Trial | None = None
    score: float = -math.inf
    _worth: tuple[float, ...] = ()
    _waiting: dict[tuple[int, str, str], dict[int, Trial]] = field(default_factory=dict)

    def take(self, trials: Iterable[Trial]) -> None:
        for trial in trials:
            self.trials += 1
            self.diverged += trial.diverged
            self.stage = max(self.stage, trial.stage)
            key = (trial.stage, trial.candidate, trial.parent)
            folds = self._waiting.setdefault(key, {})
            folds[trial.fold] = trial
            if len(folds) == self._folds(trial.stage):
                self._compare(list(self._waiting.pop(key).values()))

    def _compare(self, folds: list[Trial]) -> None:
        first = folds[0]
        score = fmean(score_after(trial, trial.epochs, self.spec.metric) for trial in folds)
        reached = first.epochs if first.stopped.startswith(OF_A_RUNG) else math.inf
        # Of equal scores that of fewer weights, then the earlier one: as `select.rank`, whatever came first.
        worth = (first.stage, reached, score, -first.parameters, -first.number)
        if not first.parent and score > -math.inf and worth > self._worth:
            self.best, self.score, self._worth = first, score, worth

    def _folds(self, stage: int) -> int:
        written = stages(ladder(self.spec, self.epochs))
        return stage_folds(written[min(stage, len(written) - 1)], self.spec.folds)
