"""What a study will cost before it runs, and how far it has come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from bakeoff.api.bench import Bench, set_up
from bakeoff.api.memory import worker_bytes, workers_for
from bakeoff.api.no_effect import effect_notes
from bakeoff.api.power_plan import Power, SeedsNeeded, power_of
from bakeoff.api.running import opened
from bakeoff.api.search_files import trials_so_far
from bakeoff.api.search_plan import SearchPlan, There, plan_searches
from bakeoff.api.search_status import SearchStatus, search_status
from bakeoff.api.searching import Searched, check_folds, with_searches
from bakeoff.api.starting import start_notes
from bakeoff.api.timing import feature_seconds, search_seconds
from bakeoff.fleet import calibrate, makespan
from bakeoff.judge import SeedsResult
from bakeoff.judge.words import same_training
from bakeoff.models import build, totals
from bakeoff.recipe import Frozen
from bakeoff.study import Study


class PlanReport(Frozen):
    """A forecast of the entries, with the finalists of searches that are over, and apart from them of the `searches`.
    `minutes` is None without calibration; `detectable`, `assumptions`, `difference`, `needed`: see `power_plan.Power`.
    `seeds`: where the runs decide on seeds, what they have decided; `trainings` are then those up to the next look,
    `at_most` all that may come."""

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
    difference: float | None = None
    needed: list[SeedsNeeded] = Field(default_factory=list)
    seeds: SeedsResult | None = None
    at_most: int | None = None
    searches: list[SearchPlan] = Field(default_factory=list)


class EntryStatus(Frozen):
    """`done`: trainings with a run, of which `earlier` are an earlier version's, which `run` would train again;
    `damaged`: with one that cannot be read; `started`: with a checkpoint to go on from."""

    name: str
    done: int
    missing: int
    started: int
    earlier: int = 0
    damaged: int = 0


class StatusReport(Frozen):
    study: str
    folder: str
    entries: list[EntryStatus]
    report: str | None
    searches: list[SearchStatus] = Field(default_factory=list)
    seeds: SeedsResult | None = None
    """What the runs have decided on seeds so far, where they do."""


def plan_study(
    study: Study, *, out: Path | None = None, device: str = "auto", workers: int | None = None, measure: bool = True,
    difference: float | None = None,
) -> PlanReport:  # fmt: skip
    """Count what a run would train, and time a few steps of each kind of pack (`measure`). `difference` (0..1): also
    say how many seeds it needs. Writes nothing."""
    bench, searched = with_searches(set_up(study, out=out, device=device), device)
    notes = [*effect_notes(bench), *start_notes(bench)]
    check_folds(bench)
    done = bench.done
    packs = bench.plan.needed(done, bench.wanted)
    workers = workers_for(bench, packs, workers, notes.append)
    minutes = 0.0
    if packs and measure:
        seconds = calibrate(packs, bench.data, bench.split, workers, notes.append)
        minutes = makespan([seconds[pack.id] for pack in packs], workers) / 60
        minutes += feature_seconds(bench, workers) / 60
    searches = plan_searches(
        study,
        bench.dataset.shape,
        len(bench.dataset.classes),
        seconds=search_seconds(bench, workers, notes.append) if measure else None,
        there=_there(bench, searched),
    )
    power: Power = power_of(bench, difference)
    return PlanReport(
        study=study.name,
        trainings=len(bench.wanted) - len(done),
        done=len(done),
        packs=len(packs),
        workers=workers,
        minutes=minutes if measure else None,
        memory_mb=workers * worker_bytes(bench, packs) / 1e6,
        disk_mb=_disk_mb(bench, len(bench.wanted) - len(done)),
        **power.model_dump(),
        seeds=bench.seeds,
        at_most=_at_most(bench),
        notes=[*study.notes(bench.dataset), *same_training(bench.twins), *dict.fromkeys(notes)],
        searches=searches,
    )


def _there(bench: Bench, searched: list[Searched]) -> dict[str, There]:
    over = {one.name: There(len(one.trials), over=True) for one in searched if not one.outcome.failed}
    return {name: over.get(name) or There(len(trials_so_far(bench, name)), over=False) for name in bench.study.searches}


def _at_most(bench: Bench) -> int | None:
    """Trainings that may still come, where the runs decide on seeds."""
    if not bench.seeds:
        return None
    settled = bool(bench.seeds.stopped)
    most = [len(jobs) if settled else bench.seeds.rule.max for jobs in bench.contestants.values()]
    return sum(most) - len(bench.done)


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
    found, whole = bench.found, {row["key"] for row in bench.store.rows()}
    entries = []
    for name, jobs in bench.jobs.items():
        keys = [job.key for job in jobs]
        done = [key for key in keys if found.get(key) in whole]
        missing = [key for key in keys if key not in found]
        entries.append(
            EntryStatus(
                name=name,
                done=len(done),
                missing=len(missing),
                started=sum(key in started for key in missing),
                earlier=sum(found[key] != key for key in done),
                damaged=len(keys) - len(done) - len(missing),
            )
        )
    report = Path(folder) / "report.html"
    return StatusReport(
        study=study.name,
        folder=str(folder),
        entries=entries,
        report=str(report) if report.exists() else None,
        searches=[search_status(bench, name) for name in study.searches],
        seeds=bench.seeds,
    )
