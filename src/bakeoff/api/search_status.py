"""How far the searches of a study have come, from what lies in its folder."""

from __future__ import annotations

from typing import Any, Literal

from bakeoff.api.bench import Bench
from bakeoff.api.search_files import kept_outcome, kept_trials, told_of, trials_so_far
from bakeoff.judge.search_results import Metric
from bakeoff.recipe import Frozen
from bakeoff.runs import TrialStore
from bakeoff.search.leader import Leader

State = Literal["not begun", "begun", "stopped", "changed", "budget", "failed", "done"]


class SearchStatus(Frozen):
    """`state`: "begun" if it runs, was killed, or lost trials; "stopped" on request; "changed" if the study says
    something else since it ended; "budget" if that ended it; "failed" if some of its packs did. `trials`: trainings
    that have ended, a fold each; `best`: the best mean over folds so far, in the unit of `metric`, at `point`;
    `seconds` of searching in all sittings that were not killed."""

    name: str
    strategy: str
    state: State
    trials: int
    diverged: int
    metric: Metric
    best: float | None
    point: dict[str, Any] | None
    seconds: float


def search_status(bench: Bench, name: str) -> SearchStatus:
    """Raises StoreError for a file that cannot be read."""
    spec, folder = bench.study.searches[name], bench.store.paths.trials(name)
    leader = Leader(spec, bench.study.entry(spec.entry).recipe.epochs)
    leader.take(trials_so_far(bench, name))
    score = leader.score if spec.metric == "validation_accuracy" else -leader.score
    return SearchStatus(
        name=name,
        strategy=spec.strategy,
        state=_state(bench, name),
        trials=leader.trials,
        diverged=leader.diverged,
        metric=spec.metric,
        best=score if leader.best else None,
        point=leader.best.point if leader.best else None,
        seconds=TrialStore(folder).seconds_spent(),
    )


def _state(bench: Bench, name: str) -> State:
    paths = bench.store.paths
    outcome = kept_outcome(paths, name)
    if outcome is None or kept_trials(paths, name) is None:
        return "begun" if TrialStore(paths.trials(name)).packs() else "not begun"
    if outcome.told != told_of(bench, bench.study.searches[name]):
        return "changed"
    return outcome.ended
