"""How long a stage of a search will take, from real steps of a few of its groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bakeoff.fleet import Course, DataRef, PackPlan, TrialPlan, calibrate_trials, plan_heats
from bakeoff.recipe import derive_seed
from bakeoff.search.candidate import Candidate
from bakeoff.search.companies import company, planned_epochs, shares
from bakeoff.search.ground import Ground
from bakeoff.search.spec import Stage

GROUPS = 12
"""Groups that are measured, from all sizes of network."""


def forecast(
    ground: Ground,
    candidates: Sequence[Candidate],
    stage: Stage,
    data: DataRef,
    workers: int,
    note: Callable[[str], None],
) -> float | None:
    """Seconds that these candidates take in a stage on so many workers, all its folds, losers leaving at its rungs.

    Groups are formed as they will be; some are measured, in step with their costs, and the others take as long an
    operation as those nearest in weights. One that cannot be measured is told to `note`; None if none can.
    """
    trials = [(_as_asked(i, c), ground.jobs(c, stage)) for i, c in enumerate(candidates)]
    course = Course(
        search="",
        stage=0,
        networks={job.key: ground.network(job) for _, jobs in trials for job in jobs},
        examples={split.digest: len(split.train) for split in ground.splits(stage)},
        rungs=shares(stage, len(candidates), ground.spec.eta),
        company=company(stage, len(candidates), ground.spec.eta),
    )
    groups = [[pack.jobs[i] for i in group] for pack in plan_heats(trials, course) for group in _groups(pack)]
    flops = np.array([sum(course.flops(job) for job in group) / group[0].recipe.epochs for group in groups])
    weights = np.array([np.mean([course.weights(job) for job in group]) for group in groups])
    chosen = _spread(weights, flops)
    split_of = {split.digest: split for split in ground.splits(stage)}
    took = calibrate_trials([(groups[i], split_of[groups[i][0].split]) for i in chosen], data, workers, note)
    if not any(seconds is not None for seconds in took):
        return None
    chosen = chosen[[seconds is not None for seconds in took]]
    rate = np.array([seconds for seconds in took if seconds is not None]) / flops[chosen]
    an_epoch = float(np.sum(flops * np.interp(weights, weights[chosen], rate)))
    epochs = planned_epochs(stage, len(candidates), eta=ground.spec.eta, folds=ground.spec.folds)
    return an_epoch * epochs / (len(candidates) * len(split_of)) / workers


def _groups(pack: PackPlan) -> tuple[tuple[int, ...], ...]:
    assert pack.heat is not None
    return pack.heat.groups


def _as_asked(number: int, candidate: Candidate) -> TrialPlan:
    return TrialPlan(number=number, candidate=candidate.key, point=candidate.point)


def _spread(weights: np.ndarray, flops: np.ndarray) -> np.ndarray:
    """Numbers of `GROUPS` groups in rising order of weights: one at random from each equal share of the work."""
    order = np.argsort(weights, kind="stable")
    done = np.cumsum(flops[order]) / flops.sum()
    draw = np.random.Generator(np.random.PCG64(derive_seed(0, "forecast")))
    shares_of_work = np.array_split(np.arange(len(order)), np.searchsorted(done, np.arange(1, GROUPS) / GROUPS))
    return np.array([order[draw.choice(part)] for part in shares_of_work if len(part)])
