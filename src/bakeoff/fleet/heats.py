"""Packs of a search: which trials train together, in which groups, and at which rungs they are compared.

As with packs of entries, everything here follows from the jobs and a carried table, never from what is measured on the
day; so a search gives the same table of trials on any number of workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.fleet.plan import THREADS_A_PACK, HeatPlan, PackPlan, TrialPlan, models_a_pack, pack_id, training_flops
from bakeoff.models.layers import Network
from bakeoff.recipe import Job
from bakeoff.train import pack_shape

COST = 1e12
"""Floating-point operations, about, of a pack without rungs: half a minute of work, so that workers balance, little is
lost by an interruption, and the seconds that a pack takes to begin do not count."""


def plan_heats(
    trials: Sequence[tuple[TrialPlan, Sequence[Job]]],
    networks: Mapping[str, Network],
    examples: Mapping[str, int],
    *,
    search: str,
    stage: int,
    rungs: Sequence[tuple[int, float]] = (),
    metric: str,
    company: int,
) -> list[PackPlan]:
    """Packs for the trials of one stage. `trials`: in the order asked, each candidate with its jobs, one a fold.
    `networks`: by job key; `examples`: training pictures by split digest. `rungs`: (epoch, share of a pack's candidates
    that goes on). With rungs a pack is `company` candidates, all folds of them; without, jobs of like shape."""
    if rungs:
        heats = [trials[start : start + company] for start in range(0, len(trials), company)]
    else:
        heats = _by_cost(trials, networks, examples)
    return [_pack(heat, networks, examples, search, stage, rungs, metric) for heat in heats]


Trials = Sequence[tuple[TrialPlan, Sequence[Job]]]


def _by_cost(trials: Trials, networks: Mapping[str, Network], examples: Mapping[str, int]) -> list[Trials]:
    """Candidates of one shape beside each other, in the order of each shape's first, cut where a pack is full."""
    shapes: dict[tuple[object, ...], list[tuple[TrialPlan, Sequence[Job]]]] = {}
    for trial, jobs in trials:
        shapes.setdefault(_shape(jobs[0], networks), []).append((trial, jobs))
    heats: list[Trials] = []
    heat: list[tuple[TrialPlan, Sequence[Job]]] = []
    cost = 0.0
    for bucket in shapes.values():
        size = models_a_pack(bucket[0][1][0].device, networks[bucket[0][1][0].key])
        for start in range(0, len(bucket), size):
            group = bucket[start : start + size]
            more = sum(_flops(job, networks, examples) for _, jobs in group for job in jobs)
            if heat and cost + more > COST:
                heats.append(heat)
                heat, cost = [], 0.0
            heat, cost = [*heat, *group], cost + more
    return [*heats, heat] if heat else heats


def _shape(job: Job, networks: Mapping[str, Network]) -> tuple[object, ...]:
    return pack_shape(job, networks[job.key])


def _flops(job: Job, networks: Mapping[str, Network], examples: Mapping[str, int]) -> float:
    return training_flops(job, networks[job.key], examples[job.split])


def _pack(
    heat: Trials,
    networks: Mapping[str, Network],
    examples: Mapping[str, int],
    search: str,
    stage: int,
    rungs: Sequence[tuple[int, float]],
    metric: str,
) -> PackPlan:
    jobs = [job for _, of_candidate in heat for job in of_candidate]
    keeps, left = [], len(heat)
    for epoch, share in rungs:
        left = max(1, round(left * share))
        keeps.append((epoch, left))
    plan = HeatPlan(
        search=search,
        stage=stage,
        trials=tuple(trial for trial, of_candidate in heat for _ in of_candidate),
        groups=tuple(map(tuple, _groups(jobs, networks))),
        rungs=tuple(keeps),
        metric=metric,
    )
    cost = sum(_flops(job, networks, examples) for job in jobs)
    name = pack_id(jobs, f"{stage} {plan.rungs}")
    return PackPlan(id=name, jobs=tuple(jobs), threads=THREADS_A_PACK, cost=cost, heat=plan)


def _groups(jobs: Sequence[Job], networks: Mapping[str, Network]) -> list[list[int]]:
    """Numbers of jobs of one split and shape, at most a table's number together; folds one after the other."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for i, job in enumerate(jobs):
        alike.setdefault((job.fold or 0, *_shape(job, networks)), []).append(i)
    groups = []
    for bucket in sorted(alike.values(), key=lambda bucket: jobs[bucket[0]].fold or 0):
        bucket.sort(key=lambda i: jobs[i].recipe.dropout)  # neighbours of one rate share their masks
        size = models_a_pack(jobs[bucket[0]].device, networks[jobs[bucket[0]].key])
        groups += [bucket[start : start + size] for start in range(0, len(bucket), size)]
    return groups
