"""From jobs to packs. What changes bits is decided here and written to plan.json: who shares a pack, threads a pack.

Packs are formed from a fixed table, never from what is measured on the day, so one plan gives the same weights on
any number of workers; and packs once formed are never re-formed: new jobs get packs of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bakeoff.errors import StoreError
from bakeoff.models import totals
from bakeoff.models.layers import Network
from bakeoff.recipe import Frozen, Job
from bakeoff.runs.files import write_json
from bakeoff.train import pack_shape
from bakeoff.train.stacked import has_stacked_form

PLAN_SCHEMA = 1

SIZES: dict[str, dict[str, list[dict[str, int | None]]]] = json.loads(
    files("bakeoff.fleet").joinpath("sizes.json").read_text(encoding="utf-8")
)
"""By kind of device and form, most models in one pack for networks of up to so many weights. Written by `make tune`.
CPU, stacked: weights, state and gradients of a pack for each of two workers stay in a 32 MiB last-level cache
(docs/log.md). CPU, looped: nothing is shared, so single models balance best over workers."""
THREADS_A_PACK = 1

totals_of = lru_cache(maxsize=10_000)(totals)
"""Many jobs have one network."""


class TrialPlan(Frozen):
    """What a search calls one of its trainings: the candidate's place in the order of asking, its key, the point that
    led to it, the key of the candidate whose weights it starts from."""

    number: int
    candidate: str
    point: dict[str, Any]
    parent: str = ""


class HeatPlan(Frozen):
    """How the trials of a pack train: `trials`, one a job; `groups` of job numbers that compute together; `rungs`:
    after which epochs how many candidates go on."""

    search: str
    stage: int
    trials: tuple[TrialPlan, ...]
    groups: tuple[tuple[int, ...], ...]
    rungs: tuple[tuple[int, int], ...] = ()
    metric: str = "validation_accuracy"


class PackPlan(Frozen):
    """Jobs that train together. `cost`: floating-point operations of the whole pack, for progress and order. `heat`:
    what is more to say where they are trials of a search."""

    id: str
    jobs: tuple[Job, ...]
    threads: int
    cost: float
    heat: HeatPlan | None = None

    @property
    def passes(self) -> int:
        """Over the data, of all jobs together, with the losers gone at their rungs."""
        if self.heat is None or not self.heat.rungs:
            return sum(job.recipe.passes for job in self.jobs)
        left = candidates = len({trial.number for trial in self.heat.trials})
        total, before = 0, 0
        for epoch, kept in (*self.heat.rungs, (self.jobs[0].recipe.passes, 0)):
            total += left * (epoch - before)
            left, before = kept, epoch
        return total * len(self.jobs) // candidates  # a job a fold


class Plan(Frozen):
    schema_version: int = PLAN_SCHEMA
    packs: tuple[PackPlan, ...] = ()

    def needed(self, done: set[str], wanted: set[str]) -> list[PackPlan]:
        """Packs that hold a wanted job which is not done, the costliest first: short ones fill the gaps at the end."""
        rest = [p for p in self.packs if any(j.key in wanted and j.key not in done for j in p.jobs)]
        return sorted(rest, key=lambda p: -p.cost)

    def joined(self, other: Plan) -> Plan:
        """These packs, and those of the other plan that are not among them."""
        known = {pack.id for pack in self.packs}
        return Plan(packs=(*self.packs, *(pack for pack in other.packs if pack.id not in known)))


def training_flops(job: Job, network: Network, examples: int) -> float:
    """Forward and backward over all epochs: 3 forward passes an image (one forward, two products backward). A model
    that is taken as it is costs one, to measure it."""
    return totals_of(network).flops_forward * examples * (3.0 * job.recipe.epochs or 1.0)


def make_plan(jobs: Sequence[Job], networks: Mapping[str, Network], examples: int, before: Plan | None = None) -> Plan:
    """Put every job into a pack. `networks`: by job key. Jobs that `before` already placed stay where they are."""
    packs = list(before.packs) if before else []
    placed = {job.key for pack in packs for job in pack.jobs}
    buckets: dict[tuple[object, ...], list[Job]] = {}
    for job in jobs:
        if job.key not in placed:
            placed.add(job.key)
            buckets.setdefault(pack_shape(job, networks[job.key]), []).append(job)
    for bucket in buckets.values():
        size = models_a_pack(bucket[0].device, networks[bucket[0].key]) if bucket[0].framework == "bakeoff" else 1
        # Models of one seed and one dropout rate side by side: they share their batches and their masks.
        if len({job.seed for job in bucket}) < len(bucket):
            bucket.sort(key=lambda job: (job.seed, job.recipe.dropout))
        groups: list[list[Job]] = []
        for job in bucket:
            if not groups or is_full(groups[-1], job, size):
                groups.append([])
            groups[-1].append(job)
        for members in groups:
            cost = sum(training_flops(job, networks[job.key], examples) for job in members)
            packs.append(PackPlan(id=pack_id(members), jobs=tuple(members), threads=THREADS_A_PACK, cost=cost))
    return Plan(packs=tuple(packs))


def is_full(pack: Sequence[Job], job: Job, size: int) -> bool:
    """Whether a pack of at most `size` models ends before `job`. One that is half full ends where models that share
    their batches and masks do: a stranger would cost them that, three times the time for heads on kept features."""
    shared = {(one.seed, one.recipe.dropout) for one in pack}
    parting = len(pack) > 1 and len(shared) == 1 and (job.seed, job.recipe.dropout) not in shared
    return len(pack) >= (size / 2 if parting else size)


def models_a_pack(device: str, network: Network) -> int:
    """How many models like this one compute best together."""
    form = "stacked" if has_stacked_form(network) else "looped"
    weights = totals_of(network).parameters
    return next(int(row["models"] or 1) for row in SIZES[device][form] if weights <= (row["weights"] or weights))


def pack_id(jobs: Sequence[Job], how: str = "") -> str:
    """A name for these jobs, in this order, trained this way."""
    return hashlib.sha256("".join([*(job.key for job in jobs), how]).encode()).hexdigest()[:16]


def save_plan(plan: Plan, path: Path) -> None:
    write_json(path, plan.model_dump(mode="json"))


def load_plan(path: Path) -> Plan | None:
    """The plan of an earlier launch, or None. Raises StoreError if the file is damaged."""
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        version = record["schema_version"]
        if version > PLAN_SCHEMA:
            raise StoreError(f"{path}: written by a newer bakeoff (schema {version}, this one reads {PLAN_SCHEMA})")
        return Plan.model_validate(record)
    except (OSError, ValueError, KeyError, TypeError, ValidationError, RecursionError) as error:
        raise StoreError(f"{path}: cannot read this plan ({error}); delete it to plan anew") from error
