"""Packs of a search: which trials train together, in which groups, and at which rungs they are compared.

As with packs of entries, everything here follows from the jobs and a carried table, never from what is measured on the
day; so a search gives the same table of trials on any number of workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bakeoff.fleet.plan import (
    THREADS_A_PACK,
    HeatPlan,
    PackPlan,
    TrialPlan,
    is_full,
    models_a_pack,
    pack_id,
    totals_of,
    training_flops,
)
from bakeoff.models.layers import Network
from bakeoff.recipe import Job
from bakeoff.train import envelope, pack_shape, ragged_shape

COST, PACKS = 1e12, 16
"""Floating-point operations, at most, of a pack without rungs: half a minute of work, so that little is lost by an
interruption; and packs, at least, of a stage that has groups for them, so that workers balance."""


PADDING = 1.25
"""Weights that a group of different widths computes with, at most, for each of its own."""

Trials = Sequence[tuple[TrialPlan, Sequence[Job]]]
"""Candidates in the order asked, each with its jobs, one a fold."""


@dataclass(frozen=True)
class Course:
    """What the trials of one stage have in common. `networks`: by job key; `examples`: training pictures by split
    digest. `rungs`: (epoch, share of a pack's candidates that goes on); `declared`: what the search says of them, from
    which the shares follow for a number of candidates. `company`: candidates a pack, where there are rungs."""

    search: str
    stage: int
    networks: Mapping[str, Network]
    examples: Mapping[str, int]
    rungs: Sequence[tuple[int, float]] = ()
    declared: str = ""
    metric: str = "validation_accuracy"
    company: int = 54
    _seen: dict[int, tuple[Job, Network]] = field(default_factory=dict)

    def network(self, job: Job) -> Network:
        """By identity once it has been asked for: working out a key takes as long as all else that is done to a job."""
        if id(job) not in self._seen:
            self._seen[id(job)] = (job, self.networks[job.key])
        return self._seen[id(job)][1]

    def flops(self, job: Job) -> float:
        return training_flops(job, self.network(job), self.examples[job.split])

    def shape(self, job: Job) -> tuple[object, ...]:
        return pack_shape(job, self.network(job))

    def most(self, job: Job) -> int:
        return models_a_pack(job.device, self.network(job))

    def weights(self, job: Job) -> int:
        return totals_of(self.network(job)).parameters


def plan_heats(trials: Trials, course: Course) -> list[PackPlan]:
    """Packs for the trials of one stage: with rungs, companies of candidates with all their folds; without, candidates
    of like shape, about half a minute of work."""
    if course.rungs:
        heats = [trials[start : start + course.company] for start in range(0, len(trials), course.company)]
    else:
        heats = _by_cost(trials, course)
    return [plan_heat(heat, course) for heat in heats]


def plan_heat(trials: Trials, course: Course) -> PackPlan:
    """One pack for these trials."""
    jobs = [job for _, of_candidate in trials for job in of_candidate]
    rungs = [
        (epoch, left) for (epoch, _), left in zip(course.rungs, left_after(course.rungs, len(trials)), strict=True)
    ]
    heat = HeatPlan(
        search=course.search,
        stage=course.stage,
        trials=tuple(trial for trial, of_candidate in trials for _ in of_candidate),
        groups=tuple(map(tuple, _groups(jobs, course))),
        rungs=tuple(rungs),
        metric=course.metric,
    )
    name = pack_id(jobs, f"{course.stage} {rungs} {course.metric}")
    cost = sum(course.flops(job) for job in jobs)
    return PackPlan(id=name, jobs=tuple(jobs), threads=THREADS_A_PACK, cost=cost, heat=heat)


def left_after(rungs: Sequence[tuple[int, float]], count: int) -> list[int]:
    """How many of a pack's `count` candidates go on after each rung: its share, to the nearest number, at least 1."""
    left = [count]
    for _, share in rungs:
        left.append(max(1, round(left[-1] * share)))
    return left[1:]


def _by_cost(trials: Trials, course: Course) -> list[Trials]:
    """Candidates of one shape beside each other, in the order of each shape's first, cut where a pack is full."""
    shapes: dict[tuple[object, ...], list[tuple[TrialPlan, Sequence[Job]]]] = {}
    for trial, jobs in trials:
        shapes.setdefault(course.shape(jobs[0]), []).append((trial, jobs))
    most = min(COST, sum(course.flops(job) for _, jobs in trials for job in jobs) / PACKS)
    heats: list[Trials] = []
    heat: list[tuple[TrialPlan, Sequence[Job]]] = []
    cost = 0.0
    for bucket in shapes.values():
        size = course.most(bucket[0][1][0])
        for start in range(0, len(bucket), size):
            group = bucket[start : start + size]
            more = sum(course.flops(job) for _, jobs in group for job in jobs)
            if heat and cost + more > most:
                heats.append(heat)
                heat, cost = [], 0.0
            heat, cost = [*heat, *group], cost + more
    return [*heats, heat] if heat else heats


def _groups(jobs: Sequence[Job], course: Course) -> list[list[int]]:
    """Numbers of jobs that compute together: of one split and shape, or of shapes near enough to be padded to one; at
    most a table's number. Folds come one after the other."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for i, job in enumerate(jobs):
        alike.setdefault((job.fold or 0, *ragged_shape(job, course.network(job))), []).append(i)
    groups: list[list[int]] = []
    for bucket in sorted(alike.values(), key=lambda bucket: jobs[bucket[0]].fold or 0):
        # Like sizes beside each other, and of one size neighbours of one dropout rate, which share their masks.
        bucket.sort(key=lambda i: (course.weights(jobs[i]), repr(jobs[i].model), jobs[i].recipe.dropout))
        group: list[int] = []
        for i in bucket:
            if group and not _fits(jobs[i], [jobs[j] for j in group], course):
                groups.append(group)
                group = []
            group.append(i)
        groups.append(group)
    return groups


def _fits(job: Job, group: Sequence[Job], course: Course) -> bool:
    """Whether a group has room for one more, and padding it would not cost too much."""
    if is_full(group, job, course.most(job)):
        return False
    if all(one.model == job.model for one in group):
        return True
    together = [course.network(one) for one in (*group, job)]
    own = sum(course.weights(one) for one in (*group, job))
    return len(together) * totals_of(envelope(together)).parameters <= PADDING * own
