"""One pack of a search on one worker: train its trials, write them as a shard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.data import Dataset
from bakeoff.fleet.events import EpochNews
from bakeoff.fleet.plan import PackPlan, TrialPlan, totals_of
from bakeoff.fleet.worker import Report, Worker
from bakeoff.recipe import Job
from bakeoff.runs import Trial, TrialStore
from bakeoff.train import EpochEnd, Heat, OnEpoch, Progress, network_of, train_trials


def do_trials(pack: PackPlan, worker: Worker, tell: Callable[[Report], None], should_stop: Callable[[], bool]) -> None:
    plan = pack.heat
    assert plan is not None
    heat = Heat(
        groups=[[pack.jobs[i] for i in group] for group in plan.groups],
        candidates={job.key: trial.candidate for job, trial in zip(pack.jobs, plan.trials, strict=True)},
        rungs=plan.rungs,
        metric=plan.metric,
    )
    done = set[tuple[str, int]]()  # an epoch that memory did not hold is trained twice and counts once

    def telling(jobs: Sequence[Job]) -> OnEpoch:
        def on_epoch(epoch: int, ends: list[EpochEnd]) -> None:
            news = tuple(EpochNews(jobs[end.job].key, end.row) for end in ends)
            done.update((one.key, epoch) for one in news)
            tell(Report(pack.id, 0, news, trained=len(done)))

        return on_epoch

    progress = train_trials(
        heat,
        worker.dataset,
        worker.split,
        starts=worker.starts,
        checkpoints=worker.store.paths.pack(pack.id),
        threads=pack.threads,
        on_epoch=telling,
        should_stop=should_stop,
        supply=worker.supply,
        on_note=lambda text: tell(Report(pack.id, 0, note=text)),
    )
    rows = [
        _row(trial, plan.stage, job, progress[job.key], worker.dataset)
        for job, trial in zip(pack.jobs, plan.trials, strict=True)
    ]
    TrialStore(worker.store.paths.trials(plan.search)).write(pack.id, rows)


def _row(trial: TrialPlan, stage: int, job: Job, progress: Progress, dataset: Dataset) -> Trial:
    curves = progress.curves
    return Trial(
        number=trial.number,
        candidate=trial.candidate,
        point=trial.point,
        stage=stage,
        fold=job.fold or 0,
        job=job.key,
        parameters=totals_of(network_of(job, dataset)).parameters,
        stopped=progress.stopped,
        validation_accuracy=tuple(row["validation_accuracy"] for row in curves),
        validation_loss=tuple(row["validation_loss"] for row in curves),
        running_loss=tuple(row["running_loss"] for row in curves),
        seconds=tuple(row["seconds"] for row in curves),
        parent=trial.parent,
    )
