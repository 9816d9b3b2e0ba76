"""TPE (Bergstra et al. 2011) by Optuna's ask and tell, in generations of fixed size."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bakeoff.recipe import derive_seed
from bakeoff.search.candidate import Candidate, Point
from bakeoff.search.conditions import holds
from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.search.strategies.distributions import Scale
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.once import asked, full_stage
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategy import Ask, Generation, Told

if TYPE_CHECKING:
    import optuna

_TRIES = 10
"""So many suggestions a candidate; when the space is nearly used up, what is left is drawn at random."""


def tpe_search(spec: SearchSpec, space: Space, epochs: int) -> Tpe:
    return Tpe(spec, space, tuple(map(Scale, space.axes.values())), full_stage(spec, epochs), Draws(space, spec))


@dataclass(frozen=True)
class Tpe:
    """Suggestions of one generation know of each other (`constant_liar`) and of all that was told before, in order; the
    study is built anew for each, with its own seed, so nothing is remembered from call to call."""

    spec: SearchSpec
    space: Space
    scales: tuple[Scale, ...]
    stage: Stage
    draws: Draws

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        start = asked(told)
        left = self.spec.generation if self.spec.trials is None else self.spec.trials - start
        if left <= 0:
            return None
        fresh = self._suggested(told, min(left, self.spec.generation))
        asks = tuple(Ask(start + place, candidate) for place, candidate in enumerate(fresh))
        return Generation(asks, self.stage, 0) if asks else None

    def _suggested(self, told: Sequence[Sequence[Told]], wanted: int) -> list[Candidate]:
        """New candidates. One that is known already is not asked for again: the study hears at once what it came to."""
        known = {one.ask.candidate.key: one for generation in told for one in generation}
        fresh: dict[str, Candidate] = {}
        with _quiet():
            study = _study(self.scales, told, self.spec.seed, self.stage)
            for _ in range(_TRIES * wanted):
                if len(fresh) == wanted:
                    break
                trial = study.ask()
                candidate = self.space.candidate(_suggested_point(self.scales, trial))
                if candidate.key in known:
                    self._tell(study, trial, known[candidate.key])
                elif self.space.hopeless(candidate):
                    study.tell(trial, -math.inf)
                else:
                    fresh.setdefault(candidate.key, candidate)
        if len(fresh) < wanted:
            for candidate in self.draws:
                if candidate.key not in known:
                    fresh.setdefault(candidate.key, candidate)
                if len(fresh) == wanted:
                    break
        return list(fresh.values())

    def _tell(self, study: optuna.Study, trial: optuna.Trial, one: Told) -> None:
        from optuna.trial import TrialState

        if not _pruned(one):
            study.tell(trial, one.score)
            return
        for rung, score in zip(self.stage.rungs, one.scores, strict=False):
            trial.report(score, rung.epochs)
        study.tell(trial, state=TrialState.PRUNED)


def _pruned(one: Told) -> bool:
    """A loser of an earlier rung: worth less than any that got further."""
    return not one.whole and one.score > -math.inf


def _study(scales: Sequence[Scale], told: Sequence[Sequence[Told]], seed: int, stage: Stage) -> optuna.Study:
    import optuna

    sampler = optuna.samplers.TPESampler(
        seed=derive_seed(seed, "tpe", len(told)) % 2**32, multivariate=True, group=True, constant_liar=True
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.add_trials([_finished(scales, one, stage) for generation in told for one in generation])
    return study


def _finished(scales: Sequence[Scale], one: Told, stage: Stage) -> optuna.trial.FrozenTrial:
    from optuna.trial import TrialState, create_trial

    point = one.ask.candidate.point
    there = [s for s in scales if s.axis.name in point]
    params = {s.axis.name: s.encode(point[s.axis.name]) for s in there}
    distributions = {s.axis.name: s.distribution for s in there}
    if not _pruned(one):
        return create_trial(params=params, distributions=distributions, value=one.score)
    reached = {rung.epochs: score for rung, score in zip(stage.rungs, one.scores, strict=False)}
    return create_trial(
        state=TrialState.PRUNED, params=params, distributions=distributions, intermediate_values=reached
    )


def _suggested_point(scales: Sequence[Scale], trial: optuna.Trial) -> Point:
    """A value for every axis that plays a part, those first on which others depend."""
    point: Point = {}
    waiting = list(scales)
    while waiting:
        undecided = {s.axis.name for s in waiting}
        ready = [s for s in waiting if undecided.isdisjoint(s.axis.when)]
        for s in ready:
            if holds(s.axis.when, point):
                point[s.axis.name] = s.suggest(trial)
        waiting = [s for s in waiting if s not in ready]
    return point


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna neither logs its trials nor warns that parts of TPE are experimental."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
