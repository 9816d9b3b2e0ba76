"""From the trials of a generation to what its strategy is told."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from bakeoff.runs.trials import OF_A_RUNG, Trial
from bakeoff.search.rungs import stage_folds
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategy import Ask, Generation, Told


def tell(generation: Generation, trials: Iterable[Trial], spec: SearchSpec) -> list[Told]:
    """What came of each ask, in the order asked. `trials` may hold those of other generations too.

    An ask of which a fold is missing was not trained (the time was up) and is left out.
    """
    found: dict[int, dict[int, Trial]] = defaultdict(dict)
    for trial in trials:
        if trial.stage == generation.stage_number:
            found[trial.number][trial.fold] = trial
    wanted = stage_folds(generation.stage, spec.folds)
    return [
        _told(ask, generation, list(found[ask.number].values()), spec.metric)
        for ask in generation.asks
        if len(found.get(ask.number, ())) == wanted
    ]


def _told(ask: Ask, generation: Generation, folds: Sequence[Trial], metric: str) -> Told:
    scores: list[float] = []
    for rung in generation.stage.rungs:
        if not all(_reached(trial, rung.epochs) for trial in folds):
            break
        scores.append(fmean(score_after(trial, rung.epochs, metric) for trial in folds))
        if scores[-1] == -math.inf:
            break
    whole = len(scores) == len(generation.stage.rungs) and scores[-1] > -math.inf
    return Told(ask, generation.stage_number, tuple(scores), whole)


def _reached(trial: Trial, epochs: int) -> bool:
    """A training that ended by itself (patience, target) counts with its last epoch from then on; so does one that
    diverged, with the worst score there is. Only a loser of an earlier rung is not there."""
    return trial.epochs >= epochs or not trial.stopped.startswith(OF_A_RUNG)


def score_after(trial: Trial, epochs: int, metric: str) -> float:
    """Larger is better; -inf from the epoch in which a training diverged, its last, and where a figure is no number."""
    if not trial.epochs or (trial.diverged and epochs >= trial.epochs):
        return -math.inf
    last = min(epochs, trial.epochs) - 1
    value = trial.validation_accuracy[last] if metric == "validation_accuracy" else -trial.validation_loss[last]
    return value if math.isfinite(value) else -math.inf
