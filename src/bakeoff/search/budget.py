"""When a search ends, whatever is left to try.

Cuts depend on the generations before and never on the clock or on where a search was interrupted, so a budget in trials
or epochs leaves the same trials every time. Only a budget in minutes follows the day's speed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from bakeoff.runs.trials import Trial
from bakeoff.search.rungs import planned_epochs, stage_folds
from bakeoff.search.spec import SearchSpec
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
    twice. An ask is all of its folds. Epochs are planned, with the losers leaving at the rungs as if all asks were one
    company; packs that keep at least one each may take a little more.
    """
    stage, admitted = generation.stage, len(generation.asks)
    if spec.budget.trials is not None:
        left = max(0, spec.budget.trials - len(before))
        admitted = min(admitted, left // stage_folds(stage, spec.folds))
    if spec.budget.epochs is not None:

        def cost(asks: int) -> int:
            return planned_epochs(stage, asks, eta=spec.eta, folds=spec.folds)

        left = max(0, spec.budget.epochs - _epochs(before))
        admitted = min(admitted, bisect_right(range(1, admitted + 1), left, key=cost))
    return replace(generation, asks=generation.asks[:admitted]) if admitted else None


def _epochs(trials: Sequence[Trial]) -> int:
    """One begun counts as one, else trainings that diverge at once would be free and a search of them without end."""
    return sum(max(1, trial.epochs) for trial in trials)
