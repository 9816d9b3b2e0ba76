"""When a search ends, whatever is left to try.

Cuts depend on the generations before and never on the clock or on where a search was interrupted, so a budget in trials
or epochs leaves the same trials every time. Only a budget in minutes follows the day's speed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bakeoff.runs.trials import Trial
from bakeoff.search.companies import planned_epochs
from bakeoff.search.rungs import stage_folds
from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.search.strategy import Generation


def over(spec: SearchSpec, trials: Sequence[Trial], seconds: float = 0.0) -> bool:
    """Whether the budget is used up by `trials` (trainings, a fold each) and `seconds` of searching."""
    budget = spec.budget
    return (
        (budget.trials is not None and len(trials) >= budget.trials)
        or (budget.epochs is not None and _epochs(trials) >= budget.epochs)
        or (budget.minutes is not None and seconds >= 60 * budget.minutes)
    )


def cut(generation: Generation, spec: SearchSpec, before: Sequence[Trial]) -> Generation | None:
    """The first asks of a generation that the budget in trials and epochs still admits; None where it admits none.

    `before`: every trial of the generations before this one, none of its own, else an interrupted search would be cut
    twice. An ask is all of its folds. Epochs are planned, with the losers leaving at the rungs.
    """
    stage, admitted = generation.stage, len(generation.asks)
    if spec.budget.trials is not None:
        left = max(0, spec.budget.trials - len(before))
        admitted = min(admitted, left // stage_folds(stage, spec.folds))
    if spec.budget.epochs is not None:
        admitted = within(spec.budget.epochs - _epochs(before), stage, admitted, spec)
    asks, left_out = generation.asks[:admitted], {ask.candidate.key for ask in generation.asks[admitted:]}
    # One from another's weights goes with its twin from scratch.
    while asks and asks[-1].parent and asks[-1].candidate.key in left_out:
        asks = asks[:-1]
    return replace(generation, asks=asks) if asks else None


def within(epochs: float, stage: Stage, count: int, spec: SearchSpec) -> int:
    """How many of `count` candidates, at most, so many epochs admit to a stage."""
    if math.isinf(epochs):
        return count
    each = stage.rungs[0].epochs * stage_folds(stage, spec.folds)
    count = int(min(count, max(0, epochs) // each))
    costs = ((n, planned_epochs(stage, n, eta=spec.eta, folds=spec.folds)) for n in range(count, 0, -1))
    return next((n for n, cost in costs if cost <= epochs), 0)


def _epochs(trials: Sequence[Trial]) -> int:
    """One begun counts as one, else trainings that diverge at once would be free and a search of them without end."""
    return sum(max(1, trial.epochs) for trial in trials)
