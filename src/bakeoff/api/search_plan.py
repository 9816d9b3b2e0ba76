"""What the searches of a study would train: how many points, how many different trainings, how much of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bakeoff.recipe import Frozen, canonical, derive_seed
from bakeoff.search.candidate import Candidate
from bakeoff.search.engine import company
from bakeoff.search.rungs import entering, keep_count, ladder, planned_epochs, stage_folds
from bakeoff.search.space import Space
from bakeoff.search.spec import Rung, SearchSpec, Stage, stages
from bakeoff.search.strategies.hyperband import bracket_sizes
from bakeoff.study import Study

Seconds = Callable[[str, Sequence[Candidate], Stage], float | None]
"""How long these candidates of a search take in a stage, all its folds, losers leaving at its rungs; None if nobody
knows."""

BYTES_A_SHARD, BYTES_A_TRIAL, BYTES_AN_EPOCH = 5_300, 70, 21
"""Of trials as Parquet files, measured on shards of 1 to 1,000 trials of 1 to 30 epochs with curves of random numbers
(eight axes); they hold within 10%."""
SAMPLE = 1_000
"""Most candidates by whose time that of all is told."""


class StagePlan(Frozen):
    """Training over the same data: `candidates` on `folds` folds of `examples` pictures each (None: all of a fold), to
    the last of `rungs`, in epochs. `trainings`: a fold each; `epochs`: of all of them, losers leaving at the rungs."""

    candidates: int
    folds: int
    examples: int | None
    rungs: list[int]
    trainings: int
    epochs: int
    minutes: float | None


class SearchPlan(Frozen):
    """`claimed`: points, by a claim of the study about "points of the <search>". `declared`: points of the axes, None
    with a continuous range. `different`: trainings that they lead to, `hopeless` of which can learn nothing; None where
    there are too many to count. `stages` is empty where the strategy decides as it goes, then what follows is None."""

    name: str
    entry: str
    strategy: str
    claimed: int | None
    declared: int | None
    different: int | None
    hopeless: int | None
    stages: list[StagePlan]
    trainings: int | None
    epochs: int | None
    minutes: float | None
    disk_mb: float | None
    note: str = ""


@dataclass(frozen=True)
class _Count:
    """The candidates worth training; how many are different, and how many of those are hopeless."""

    worth: list[Candidate]
    different: int
    hopeless: int


def plan_searches(
    study: Study, shape: tuple[int, int, int], classes: int, *, seconds: Seconds | None = None
) -> list[SearchPlan]:
    """A plan of each search, for pictures of `shape` (C, H, W) in `classes` classes; trains nothing, needs no data.
    `seconds`: without it nothing is said about time. Raises UsageError for a point that cannot be trained."""
    plans, counts = [], dict[str, _Count | None]()
    for name, spec in study.searches.items():
        space = study.space(name, shape, classes)
        told = canonical([spec.entry, spec.over, spec.points])  # searches of one space are counted once
        if told not in counts:
            counts[told] = _count(spec, space)
        plans.append(_plan(study, name, space, counts[told], seconds))
    return plans


def _plan(study: Study, name: str, space: Space, counted: _Count | None, seconds: Seconds | None) -> SearchPlan:
    spec = study.searches[name]
    climb = _within(_climb(spec, study.entry(spec.entry).recipe.epochs, len(counted.worth) if counted else None), spec)
    planned = [_stage(stage, count, spec, space, counted, seconds and partial(seconds, name)) for stage, count in climb]
    minutes = [stage.minutes for stage in planned if stage.minutes is not None]
    known = planned and len(minutes) == len(planned)
    shards = sum(_shards(stage, spec) for stage in planned)
    epochs, trainings = sum(stage.epochs for stage in planned), sum(stage.trainings for stage in planned)
    size = BYTES_A_SHARD * shards + BYTES_A_TRIAL * trainings + BYTES_AN_EPOCH * epochs
    return SearchPlan(
        name=name,
        entry=spec.entry,
        strategy=spec.strategy,
        claimed=_claimed(study, name),
        declared=len(spec.points) or space.declared,
        different=counted.different if counted else None,
        hopeless=counted.hopeless if counted else None,
        stages=planned,
        trainings=trainings if planned else None,
        epochs=epochs if planned else None,
        minutes=min(sum(minutes), spec.budget.minutes or math.inf) if known else spec.budget.minutes,
        disk_mb=size / 1e6 if planned else None,
        note=_note(spec, planned=bool(planned)),
    )


def _count(spec: SearchSpec, space: Space) -> _Count | None:
    if spec.points:  # all of them train, hopeless or not: somebody asked for them
        named = {candidate.key: candidate for candidate in map(space.candidate, spec.points)}
        return _Count(list(named.values()), len(named), sum(map(bool, map(space.hopeless, named.values()))))
    if not space.countable:
        return None
    worth, hopeless = space.worth_training()
    return _Count(worth, len(worth) + hopeless, hopeless)


def _climb(spec: SearchSpec, epochs: int, worth: int | None) -> list[tuple[Stage, int]]:
    """The stages and how many candidates enter each; nothing where only the search itself can tell."""
    rungs = ladder(spec, epochs)
    given = [spec.trials, worth]
    if spec.strategy in ("random", "tpe") and spec.trials is None:
        given = [spec.budget.trials]
    known = [number for number in given if number is not None]
    if spec.strategy == "hyperband":
        climb, left = [], math.inf if worth is None else worth
        for first, size in enumerate(bracket_sizes(len(rungs), spec.eta, spec.trials)):
            there = int(min(size, left))
            left -= there
            climb += _halved(rungs[first:], there, spec.eta)
        return [(stage, count) for stage, count in climb if count]
    if not known:
        return []
    count = min(known)
    if spec.strategy == "refine":
        # The best of the search before beside its neighbours; then each number of added layers, warm and cold.
        grown = [(Stage(rungs=rungs[-1:]), 2 * len(spec.grow))] if spec.grow else []
        return [(Stage(rungs=rungs), count + 1), *grown]
    return _halved(rungs, count, spec.eta)


def _halved(rungs: tuple[Rung, ...], count: int, eta: int) -> list[tuple[Stage, int]]:
    climb = []
    for stage in stages(rungs):
        climb.append((stage, count))
        count = keep_count(stage.rungs[-1], entering(stage, count, eta)[-1], eta)
    return climb


def _within(climb: list[tuple[Stage, int]], spec: SearchSpec) -> list[tuple[Stage, int]]:
    """What a budget in trials leaves of it."""
    left = math.inf if spec.budget.trials is None else spec.budget.trials
    admitted = []
    for stage, count in climb:
        folds = stage_folds(stage, spec.folds)
        count = int(min(count, left // folds))
        left -= count * folds
        if count:
            admitted.append((stage, count))
    return admitted


def _stage(
    stage: Stage,
    count: int,
    spec: SearchSpec,
    space: Space,
    counted: _Count | None,
    seconds: Callable[[Sequence[Candidate], Stage], float | None] | None,
) -> StagePlan:
    folds = stage_folds(stage, spec.folds)
    some = _some(count, space, counted) if seconds else []
    took = seconds(some, stage) if seconds and some else None
    return StagePlan(
        candidates=count,
        folds=folds,
        examples=stage.examples,
        rungs=[rung.epochs for rung in stage.rungs],
        trainings=count * folds,
        epochs=planned_epochs(stage, count, eta=spec.eta, folds=spec.folds),
        minutes=None if took is None else took * count / len(some) / 60,
    )


def _some(count: int, space: Space, counted: _Count | None) -> list[Candidate]:
    """At most `SAMPLE` candidates in place of those that will be there: evenly from all where they are counted, else
    drawn."""
    count = min(count, SAMPLE)
    if counted:
        return [counted.worth[i * len(counted.worth) // count] for i in range(min(count, len(counted.worth)))]
    rng = np.random.Generator(np.random.PCG64(derive_seed(0, "plan")))
    return [space.candidate(space.draw(rng)) for _ in range(count)]


def _shards(stage: StagePlan, spec: SearchSpec) -> int:
    """A pack writes one: a company where there are rungs, else about as many trainings."""
    most = company(len(stage.rungs), spec.eta)
    return -(-stage.candidates // most) * (1 if len(stage.rungs) > 1 else stage.folds)


def _claimed(study: Study, name: str) -> int | None:
    about = f"points of the {name}"
    found = (claim.reported for claim in study.claims if claim.about == about and claim.reported is not None)
    return next((int(number) for number in found), None)


def _note(spec: SearchSpec, *, planned: bool) -> str:
    if not planned:
        return "as its budget admits"
    if spec.strategy == "refine":
        return f"about: what is near the best of {spec.origin} is known when that is done"
    early = spec.budget.epochs or spec.budget.minutes
    return "at most: its budget may end it earlier" if early else ""
