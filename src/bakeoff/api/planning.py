"""What a study will cost before it runs, and how far it has come."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from pydantic import Field

from bakeoff.api.bench import Bench, set_up
from bakeoff.api.running import opened
from bakeoff.api.search_plan import SearchPlan, plan_searches
from bakeoff.api.search_status import SearchStatus, search_status
from bakeoff.api.timing import feature_seconds, search_seconds
from bakeoff.fleet import calibrate, makespan
from bakeoff.fleet.plan import PackPlan
from bakeoff.judge.compare import expected_detectable
from bakeoff.models import build, totals
from bakeoff.recipe import Frozen
from bakeoff.study import Study

BYTES_A_WEIGHT = 20
"""Weight, gradient, two moments and a copy for the checkpoint, float32."""


class PlanReport(Frozen):
    """A forecast of the entries and, apart from them, of the `searches`. `minutes` is None without calibration;
    `detectable`: smallest true difference in test accuracy found 80% of the time, by number of seeds, for pairs as
    unlike as `assumptions` says."""

    study: str
    trainings: int
    done: int
    packs: int
    workers: int
    minutes: float | None
    memory_mb: float
    disk_mb: float
    detectable: dict[int, float]
    assumptions: str
    notes: list[str]
    searches: list[SearchPlan] = Field(default_factory=list)


class EntryStatus(Frozen):
    name: str
    done: int
    missing: int
    started: int
    """Trainings with a checkpoint to go on from."""


class StatusReport(Frozen):
    study: str
    folder: str
    entries: list[EntryStatus]
    report: str | None
    searches: list[SearchStatus] = Field(default_factory=list)


def plan_study(
    study: Study, *, out: Path | None = None, device: str = "auto", workers: int | None = None, measure: bool = True
) -> PlanReport:
    """Count what a run would train, and time a few steps of each kind of pack (`measure`). Writes nothing."""
    bench = set_up(study, out=out, device=device)
    done = bench.done
    packs = bench.plan.needed(done, bench.wanted)
    workers = workers or os.cpu_count() or 1
    minutes = 0.0
    if packs and measure:
        seconds = calibrate(packs, bench.data, bench.split, workers)
        minutes = makespan([seconds[pack.id] for pack in packs], workers) / 60
        minutes += feature_seconds(bench, workers) / 60
    seeds = sorted({3, 5, 10, len(study.seeds)})
    n = len(bench.dataset.test)
    return PlanReport(
        study=study.name,
        trainings=len(bench.wanted) - len(done),
        done=len(done),
        packs=len(packs),
        workers=workers,
        minutes=minutes if measure else None,
        memory_mb=_memory_mb(bench, packs, workers),
        disk_mb=_disk_mb(bench, len(bench.wanted) - len(done)),
        detectable={count: expected_detectable(seeds=count, images=n) for count in seeds if count > 1},
        assumptions=expected_detectable.__doc__.split("\n")[0] if expected_detectable.__doc__ else "",
        notes=study.notes(bench.dataset),
        searches=plan_searches(
            study,
            bench.dataset.shape,
            len(bench.dataset.classes),
            seconds=search_seconds(bench, workers) if measure else None,
        ),
    )


def _weights(bench: Bench, pack: PackPlan) -> int:
    shape, classes = bench.dataset.shape, len(bench.dataset.classes)
    return sum(totals(build(job.model, input_shape=shape, classes=classes)).parameters for job in pack.jobs)


def _memory_mb(bench: Bench, packs: list[PackPlan], workers: int) -> float:
    """Each worker holds the pictures as bytes and as floats, and its largest pack's weights and optimiser state."""
    pixels = bench.dataset.train.images.numel() + bench.dataset.test.images.numel()
    largest = max((_weights(bench, pack) for pack in packs), default=0)
    return workers * (5 * pixels + BYTES_A_WEIGHT * largest) / 1e6 + 300 * workers


def _disk_mb(bench: Bench, trainings: int) -> float:
    """Logits of test and validation set, weights and losses of every step, a training."""
    if not bench.all_jobs:
        return 0.0
    shape, k = bench.dataset.shape, len(bench.dataset.classes)
    sizes = []
    for job in bench.all_jobs:
        steps = job.recipe.epochs * -(-len(bench.split.train) // job.recipe.examples_a_step(len(bench.split.train)))
        images = len(bench.dataset.test) + len(bench.split.validation)
        weights = totals(build(job.model, input_shape=shape, classes=k)).parameters
        sizes.append(4 * (images * (k + 2) + weights + steps))
    return float(np.mean(sizes)) * trainings / 1e6


def status(folder: Path) -> StatusReport:
    """How far the study in this folder has come. Raises StoreError if it is no study folder."""
    bench, _ = opened(folder)
    study = bench.study
    started = {
        job.key for pack in bench.plan.packs if bench.store.paths.checkpoint(pack.id).exists() for job in pack.jobs
    }
    entries = []
    for name, jobs in bench.jobs.items():
        done = [job for job in jobs if bench.store.has(job.key)]
        entries.append(
            EntryStatus(
                name=name,
                done=len(done),
                missing=len(jobs) - len(done),
                started=sum(job.key in started for job in jobs if job not in done),
            )
        )
    report = Path(folder) / "report.html"
    return StatusReport(
        study=study.name,
        folder=str(folder),
        entries=entries,
        report=str(report) if report.exists() else None,
        searches=[search_status(bench, name) for name in study.searches],
    )
