"""From trials to candidates: where each was compared with others and how it fared there.

Inside this file and the readers of it a score is "larger is better": a loss has its sign turned. `shown` turns it back.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bakeoff.judge.search_results import Comparison, Metric
from bakeoff.runs.trials import Trial
from bakeoff.search.candidate import Point
from bakeoff.search.spec import SearchSpec, stages

OWN_END = ("epochs", "patience", "target")
"""How a training ends that nobody cut short: its last value then stands for all later epochs too."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One candidate. `scores`: at every comparison that all of its folds reached; `folds`: the same a fold; a later
    comparison comes later."""

    number: int
    key: str
    point: Point
    parameters: int
    warm: bool
    diverged: bool
    scores: Mapping[Comparison, float]
    folds: Mapping[Comparison, tuple[float, ...]]

    @property
    def last(self) -> Comparison | None:
        """The furthest comparison it reached: most examples, folds, epochs."""
        return max(self.scores, key=depth, default=None)

    @property
    def score(self) -> float:
        """At `last`; -inf if it reached none."""
        return self.scores[self.last] if self.last else -math.inf


def depth(at: Comparison) -> tuple[float, int, int, int]:
    """How much a comparison rests on; more is later."""
    return (at.examples or math.inf, at.folds, at.epochs, at.stage)


@dataclass(frozen=True, eq=False)
class Standings:
    """All candidates of a search by number, and its comparisons in order of stage and epochs."""

    metric: Metric
    every: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]
    trials: tuple[Trial, ...]
    """In the order that the search made them, by stage, number and fold, as far as the trials tell."""

    def shown(self, score: float) -> float:
        """A score in the metric's own unit."""
        return score if self.metric == "validation_accuracy" else -score

    @cached_property
    def cold(self) -> tuple[Standing, ...]:
        return tuple(s for s in self.every if not s.warm)

    @cached_property
    def warm(self) -> tuple[Standing, ...]:
        return tuple(s for s in self.every if s.warm)

    @cached_property
    def shared(self) -> Comparison | None:
        """Where most cold candidates have a score; of equally many the one that rests on more."""
        counts: dict[Comparison, int] = defaultdict(int)
        for standing in self.cold:
            for at in standing.scores:
                counts[at] += 1
        return max(counts, key=lambda at: (counts[at], depth(at)), default=None)


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """Best first: the furthest comparison, then the score there, ties by fewer parameters, then by number. Candidates
    without a score are left out, and those that diverged, whatever they had before."""
    found = [s for s in standings if s.last and not s.diverged]
    return sorted(found, key=lambda s: (depth(s.last)[:3], s.score, -s.parameters, -s.number), reverse=True)  # type: ignore[arg-type]


def curve(trial: Trial, metric: Metric) -> np.ndarray:
    """float64 [E], larger is better."""
    values = np.asarray(getattr(trial, metric), float)
    return values if metric == "validation_accuracy" else -values


def standings(trials: Sequence[Trial], spec: SearchSpec) -> Standings:
    ordered = tuple(sorted(trials, key=lambda t: (t.stage, t.number, t.fold)))
    comparisons = _comparisons(ordered, spec)
    by_stage: dict[int, list[Comparison]] = defaultdict(list)
    for at in comparisons:
        by_stage[at.stage].append(at)
    candidates: dict[tuple[int, str], list[Trial]] = defaultdict(list)
    for trial in ordered:
        candidates[trial.number, trial.candidate].append(trial)
    every = tuple(_standing(candidates[name], by_stage, spec.metric) for name in sorted(candidates))
    return Standings(spec.metric, every, comparisons, ordered)


def _comparisons(trials: Sequence[Trial], spec: SearchSpec) -> tuple[Comparison, ...]:
    """The rungs that the study wrote, those at which trials left, and the longest training of each stage."""
    written = stages(spec.written_rungs)
    epochs: dict[int, set[int]] = defaultdict(set)
    folds: dict[int, set[int]] = defaultdict(set)
    longest: dict[int, int] = defaultdict(int)
    for trial in trials:
        folds[trial.stage].add(trial.fold)
        longest[trial.stage] = max(longest[trial.stage], trial.epochs)
        if left := re.fullmatch(r"rung (\d+)", trial.stopped):
            epochs[trial.stage].add(int(left[1]))
    found = []
    for stage in sorted(folds):
        told = written[stage] if stage < len(written) else None
        at = (
            epochs[stage] | {longest[stage]} | {rung.epochs for rung in told.rungs}
            if told
            else epochs[stage] | {longest[stage]}
        )
        examples = told.examples if told else None
        found += [
            Comparison(stage=stage, epochs=e, folds=len(folds[stage]), examples=examples)
            for e in sorted(at)
            if 0 < e <= longest[stage]
        ]
    return tuple(found)


def _standing(trials: Sequence[Trial], by_stage: Mapping[int, Sequence[Comparison]], metric: Metric) -> Standing:
    """Of one candidate's trials. A fold that is missing, was cut short or diverged leaves no score behind it."""
    first = trials[0]
    groups: dict[int, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.stage].append(trial)
    scores, folds = {}, {}
    for stage, group in groups.items():
        curves = [curve(trial, metric) for trial in group]
        for at in by_stage[stage]:
            if at is by_stage[stage][-1] and any(trial.diverged for trial in group):
                continue  # whatever its last epoch says: a stage's end is not reached by diverging before it
            values = tuple(_value(c, t, at.epochs) for c, t in zip(curves, group, strict=True))
            if len(values) == at.folds and np.isfinite(values).all():
                scores[at], folds[at] = float(np.mean(values)), values
    return Standing(
        number=first.number,
        key=first.candidate,
        point=first.point,
        parameters=first.parameters,
        warm=any(trial.parent for trial in trials),
        diverged=any(trial.diverged for trial in trials),
        scores=scores,
        folds=folds,
    )


def _value(values: np.ndarray, trial: Trial, epochs: int) -> float:
    if len(values) >= epochs:
        return float(values[epochs - 1])
    return float(values[-1]) if len(values) and trial.stopped in OWN_END else math.nan
