"""What the searches of a study would train: how many points, how many different trainings, how much of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bakeoff.api.search_around import most_around
from bakeoff.recipe import Frozen, canonical, derive_seed
from bakeoff.search.budget import within
from bakeoff.search.candidate import Candidate
from bakeoff.search.companies import company, entering, planned_epochs
from bakeoff.search.rungs import keep_count, ladder, stage_folds
from bakeoff.search.space import Space
from bakeoff.search.spec import Rung, SearchSpec, Stage, stages
from bakeoff.search.strategies.draws import Draws
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
    """`claimed`: points, by a claim of the study about "points of the <search>". `declared`: points of the axes (of
    refine at most so many), None with a continuous range. `different`: trainings that they lead to, `hopeless` of which
    can learn nothing; None where there are too many to count. `stages` is empty where the strategy decides as it goes,
    then `trainings` and what follows is None; and where there is nothing to train, then it is 0. `done`: trainings that
    are there already; of a search that is over nothing else is planned. `finalists`: trainings that follow of those and
    their baseline, at most; None where the runs decide on the seeds."""

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
    done: int = 0
    finalists: int | None = 0


@dataclass(frozen=True)
class There:
    """What an earlier run has left of a search: `trials`, and whether it is `over` and nothing has changed since."""

    trials: int
    over: bool


@dataclass(frozen=True)
class _Count:
    """The candidates worth training; how many are different, and how many of those are hopeless: None of a range."""

    worth: list[Candidate]
    different: int | None
    hopeless: int | None


def plan_searches(
    study: Study,
    shape: tuple[int, int, int],
    classes: int,
    *,
    seconds: Seconds | None = None,
    there: Mapping[str, There] | None = None,
) -> list[SearchPlan]:
    """A plan of each search, for pictures of `shape` (C, H, W) in `classes` classes; trains nothing, needs no data.
    `seconds`: without it nothing is said about time. `there`: of searches that have begun. Raises UsageError for a
    point that cannot be trained."""
    plans, counts = [], dict[str, _Count | None]()
    for name, spec in study.searches.items():
        space = study.space(name, shape, classes)
        around = most_around(study, name, shape, classes) if spec.strategy == "refine" else None
        # Searches of one space are counted once.
        told = canonical([spec.entry, spec.over, spec.points, spec.strategy == "refine"])
        if told not in counts:
            counts[told] = _count(spec, space)
        found = (there or {}).get(name, There(0, over=False))
        plans.append(_plan(study, name, space, counts[told], around, found, seconds))
    return plans


def _plan(
    study: Study,
    name: str,
    space: Space,
    counted: _Count | None,
    around: int | None,
    there: There,
    seconds: Seconds | None,
) -> SearchPlan:
    """`around`: most points of a refine search."""
    spec = study.searches[name]
    worth = len(counted.worth) if counted else around
    climb = [] if there.over else _climb(spec, study.entry(spec.entry).recipe.epochs, worth)
    open_ended = climb is None
    stage_of = partial(_stage, spec=spec, space=space, counted=counted, seconds=seconds and partial(seconds, name))
    admitted = _within(climb or [], spec)
    planned = [stage_of(stage, count) for stage, count in admitted]
    minutes = [stage.minutes for stage in planned if stage.minutes is not None]
    known = len(minutes) == len(planned) and not open_ended
    shards = sum(_shards(stage, count, spec) for stage, count in admitted)
    epochs, trainings = sum(stage.epochs for stage in planned), sum(stage.trainings for stage in planned)
    size = BYTES_A_SHARD * shards + BYTES_A_TRIAL * trainings + BYTES_AN_EPOCH * epochs
    return SearchPlan(
        name=name,
        entry=spec.entry,
        strategy=spec.strategy,
        claimed=_claimed(study, name),
        declared=around if spec.strategy == "refine" else len(spec.points) or space.declared,
        different=counted.different if counted else None,
        hopeless=counted.hopeless if counted else None,
        stages=planned,
        trainings=None if open_ended else trainings,
        epochs=None if open_ended else epochs,
        minutes=min(sum(minutes), spec.budget.minutes or math.inf) if known else spec.budget.minutes,
        disk_mb=None if open_ended else size / 1e6,
        note=_note(spec, there, nothing=worth == 0, open_ended=open_ended, planned=bool(planned)),
        done=there.trials,
        finalists=_finalists(study, spec, space) if planned or open_ended else 0,
    )


def _count(spec: SearchSpec, space: Space) -> _Count | None:
    if spec.strategy == "refine":  # its space is known when the search before it is done
        return None
    if spec.points:  # all of them train, hopeless or not: somebody asked for them
        named = {candidate.key: candidate for candidate in map(space.candidate, spec.points)}
        return _Count(list(named.values()), len(named), sum(map(bool, map(space.hopeless, named.values()))))
    if space.declared is None and not Draws(space, spec).first(1):
        return _Count([], None, None)
    if not space.countable:
        return None
    worth, hopeless = space.worth_training()
    return _Count(worth, len(worth) + hopeless, hopeless)


def _climb(spec: SearchSpec, epochs: int, worth: int | None) -> list[tuple[Stage, int]] | None:
    """The stages and how many candidates enter each; None where only the search itself can tell."""
    if worth == 0:
        return []
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
        return None
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
    """What a budget in trials or epochs leaves of it, cut as the search cuts it."""
    trials, epochs = spec.budget.trials or math.inf, spec.budget.epochs or math.inf
    admitted = []
    for stage, count in climb:
        folds = stage_folds(stage, spec.folds)
        count = within(epochs, stage, int(min(count, trials // folds)), spec)
        trials, epochs = trials - count * folds, epochs - _epochs(spec, stage, count)
        if count:
            admitted.append((stage, count))
    return admitted


def _epochs(spec: SearchSpec, stage: Stage, count: int) -> int:
    return planned_epochs(stage, count, eta=spec.eta, folds=spec.folds)


def _stage(
    stage: Stage,
    count: int,
    *,
    spec: SearchSpec,
    space: Space,
    counted: _Count | None,
    seconds: Callable[[Sequence[Candidate], Stage], float | None] | None,
) -> StagePlan:
    folds = stage_folds(stage, spec.folds)
    some = _some(count, space, counted) if seconds else []
    took = seconds(some, stage) if seconds and some else None
    epochs = _epochs(spec, stage, count)
    return StagePlan(
        candidates=count,
        folds=folds,
        examples=stage.examples,
        rungs=[rung.epochs for rung in stage.rungs],
        trainings=count * folds,
        epochs=epochs,
        minutes=None if took is None else took * epochs / _epochs(spec, stage, len(some)) / 60,
    )


def _some(count: int, space: Space, counted: _Count | None) -> list[Candidate]:
    """At most `SAMPLE` candidates in place of those that will be there: evenly from all where they are counted, else
    drawn."""
    count = min(count, SAMPLE)
    if counted:
        return [counted.worth[i * len(counted.worth) // count] for i in range(min(count, len(counted.worth)))]
    rng = np.random.Generator(np.random.PCG64(derive_seed(0, "plan")))
    drawn = (space.candidate(space.draw(rng)) for _ in range(count))
    return list({candidate.key: candidate for candidate in drawn}.values())


def _shards(stage: Stage, count: int, spec: SearchSpec) -> int:
    """A pack writes one: a company where there are rungs, else about as many trainings."""
    most = company(stage, count, spec.eta)
    return -(-count // most) * (1 if len(stage.rungs) > 1 else stage_folds(stage, spec.folds))


def _claimed(study: Study, name: str) -> int | None:
    about = f"points of the {name}"
    found = (claim.reported for claim in study.claims if claim.about == about and claim.reported is not None)
    return next((int(number) for number in found), None)


def _finalists(study: Study, spec: SearchSpec, space: Space) -> int | None:
    """At most so many trainings of finalists, the whole way of a warm one, and a baseline of their epochs or pictures;
    None where the runs decide on the seeds."""
    if study.seed_rule:
        return None
    base = study.entry(spec.entry).recipe.epochs
    other_epochs = "epochs" in {axis.removeprefix("recipe.") for axis in space.axes}
    as_the_entry = spec.refit == "train" and ladder(spec, base)[-1].epochs == base and not other_epochs
    entries = spec.finalists + 2 * bool(spec.grow) + (not as_the_entry)
    return entries * len(study.seeds) if spec.finalists else 0


def _note(spec: SearchSpec, there: There, *, nothing: bool, open_ended: bool, planned: bool) -> str:
    if there.over:
        return "nothing to train: it is over"
    if nothing:
        return "nothing to train: every point is hopeless"
    if open_ended:
        return "as its budget admits"
    if not planned:
        return "nothing to train: its budget does not admit a single candidate"
    if spec.strategy == "refine":
        return f"at most: what is near the best of {spec.origin} is known when that is done"
    early = spec.budget.epochs or spec.budget.minutes
    return "at most: its budget may end it earlier" if early else ""
