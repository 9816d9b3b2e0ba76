"""Launches on real data, in this process and in worker processes: same bits, a fault stays alone, resumable."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from learnable import DATASET, job

from bakeoff.data import Dataset
from bakeoff.fleet import DataRef, Event, InlineExecutor, Launch, ProcessExecutor, choose_executor, launch, make_plan
from bakeoff.fleet.executors import Executor
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.work import do_pack
from bakeoff.fleet.worker import Report, Worker
from bakeoff.models import build
from bakeoff.recipe import Job
from bakeoff.runs import Store
from bakeoff.runs.store import hash_weights, load_weights

CNN = {"cnn": {"channels": [4], "kernel": 3}}
JOBS = [job(seed=0, dropout=0.2), job(seed=1, dropout=0.4), job(CNN), job(CNN, seed=1)]


def packs_of(jobs: list[Job]) -> list[PackPlan]:
    networks = {j.key: build(j.model, input_shape=DATASET.shape, classes=3, dropout=j.recipe.dropout) for j in jobs}
    return list(make_plan(jobs, networks, 192).packs)


def start(
    packs: list[PackPlan], executor: Executor, study: Path, *, stop_after: int | None = None
) -> tuple[Launch, list[Event]]:
    """Launch and collect the events; `stop_after`: epochs told until somebody asks to stop."""
    events: list[Event] = []
    stop = threading.Event()

    def watch(event: Event) -> None:
        events.append(event)
        if stop_after is not None and sum(e.kind == "epoch" for e in events) >= stop_after:
            stop.set()

    return launch(packs, executor, study, {j.key: f"job {i}" for i, j in enumerate(JOBS)}, watch, stop), events


def hashes(study: Path) -> dict[str, str]:
    store = Store(study)
    return {key: hash_weights(load_weights(store.load(key))) for key in store}


def of_kind(events: list[Event], kind: str) -> list[str]:
    return [event.text for event in events if event.kind == kind]


def test_one_worker_and_two_give_the_same_weights(data: DataRef, new_study):
    packs = packs_of(JOBS)
    assert [len(p.jobs) for p in packs] == [2, 1, 1]
    one, events = start(packs, ProcessExecutor(data, 1), new_study("one"))
    two, _ = start(packs[::-1], ProcessExecutor(data, 2), new_study("two"))
    for outcome in (one, two):
        assert sorted(outcome.trained) == sorted(j.key for j in JOBS)
        assert outcome.failed == {}
        assert not outcome.stopped
    found = hashes(new_study("one"))
    assert len(set(found.values())) == len(JOBS)
    assert hashes(new_study("two")) == found
    assert len(of_kind(events, "epoch")) == 3 * len(packs)
    assert len(of_kind(events, "pack_done")) == len(packs)
    assert events[-1].done == pytest.approx(events[-1].total)
    assert "% validation" in events[-1].best
    for study in ("one", "two"):
        store = Store(new_study(study))
        assert not any(store.paths.pack(p.id).exists() for p in packs)
        assert [problem for key in found for problem in store.check(key)] == []


def test_a_pack_that_fails_leaves_the_others_alone(data: DataRef, new_study):
    """Its split is not in the study folder: a fault that only shows while it is at work."""
    lost = job(CNN, seed=7).model_copy(update={"split": "0" * 64})
    packs = packs_of([lost, *JOBS])
    for name, executor in (("inline", InlineExecutor(data)), ("process", ProcessExecutor(data, 2))):
        outcome, events = start(packs, executor, new_study(name))
        assert sorted(outcome.trained) == sorted(j.key for j in JOBS)
        assert list(outcome.failed) == [lost.key]
        assert "0" * 64 in outcome.failed[lost.key]
        assert "\n" not in outcome.failed[lost.key]
        assert len(of_kind(events, "pack_failed")) == 1
        assert set(hashes(new_study(name))) == {j.key for j in JOBS}


class DeadlyData(DataRef):
    """Ends the process that loads it, as the kernel does when memory runs out, the second time anybody tries."""

    marker: str

    def load(self) -> Dataset:
        marker = Path(self.marker)
        marker.write_text(marker.read_text() + "x" if marker.exists() else "x")
        if len(marker.read_text()) == 2:
            os._exit(9)
        return super().load()


class AlwaysDeadlyData(DataRef):
    """Ends every process that loads it."""

    def load(self) -> Dataset:
        os._exit(9)


def test_a_worker_that_dies_does_not_end_the_launch(data: DataRef, new_study, tmp_path: Path):
    deadly = DeadlyData(name=data.name, marker=str(tmp_path / "marker"))
    outcome, _ = start(packs_of(JOBS), ProcessExecutor(deadly, 1), new_study("study"))
    assert sorted(outcome.trained) == sorted(j.key for j in JOBS)
    assert outcome.failed == {}


def test_a_pack_that_kills_its_worker_is_reported(data: DataRef, new_study):
    outcome, _ = start(packs_of(JOBS[:1]), ProcessExecutor(AlwaysDeadlyData(name=data.name), 1), new_study("study"))
    assert outcome.trained == []
    assert "ran out of memory" in outcome.failed[JOBS[0].key]


class CountedData(DataRef):
    """Leaves the number of the process that loads it."""

    marker: str

    def load(self) -> Dataset:
        with Path(self.marker).open("a") as file:
            file.write(f"{os.getpid()}\n")
        return super().load()


def test_a_worker_stays_for_the_packs_of_the_next_call(data: DataRef, new_study, tmp_path: Path):
    marker = tmp_path / "marker"
    executor = ProcessExecutor(CountedData(name=data.name, marker=str(marker)), 1)
    study = new_study("study")
    with closing(executor):
        for jobs in (JOBS[:1], JOBS[1:2]):
            outcome, events = start(packs_of(jobs), executor, study)
            assert outcome.trained == [jobs[0].key]
            assert len(of_kind(events, "epoch")) == 3
        (process,) = marker.read_text().split()
        os.kill(int(process), signal.SIGKILL)  # as the kernel does, while it has nothing to do
        outcome, _ = start(packs_of(JOBS[2:3]), executor, study)
        assert outcome.trained == [JOBS[2].key]
        assert outcome.failed == {}
    assert len(marker.read_text().split()) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text().split()[1]), 0)


def test_stopped_and_gone_on_is_as_never_stopped(data: DataRef, new_study, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    packs = packs_of(JOBS)
    whole, _ = start(packs, InlineExecutor(data), new_study("whole"))
    assert len(whole.trained) == len(JOBS)

    first, events = start(packs, InlineExecutor(data), new_study("parts"), stop_after=2)
    assert first.stopped
    assert first.trained == []
    assert [text[-7:] for text in of_kind(events, "epoch")] == ["epoch 1", "epoch 2"]
    assert Store(new_study("parts")).paths.checkpoint(packs[0].id).exists()

    second, events = start(packs, InlineExecutor(data), new_study("parts"))
    assert not second.stopped
    assert sorted(second.trained) == sorted(j.key for j in JOBS)
    assert of_kind(events, "epoch")[0].endswith("epoch 3")
    assert len(of_kind(events, "epoch")) == 3 * len(packs) - 2
    assert hashes(new_study("parts")) == hashes(new_study("whole"))


def test_workers_stop_when_told(data: DataRef, new_study):
    """100,000 epochs would take hours."""
    long = [job(seed=0, epochs=100_000), job(CNN, epochs=100_000)]
    outcome, events = start(packs_of(long), ProcessExecutor(data, 2), new_study("study"), stop_after=1)
    assert outcome.stopped
    assert outcome.trained == []
    assert outcome.failed == {}
    assert of_kind(events, "epoch")
    assert list(Store(new_study("study"))) == []


@pytest.mark.parametrize("executor", [InlineExecutor, lambda data: ProcessExecutor(data, 2)], ids=["inline", "process"])
def test_nothing_needed_trains_nothing(data: DataRef, new_study, executor):
    study, jobs = new_study("study"), JOBS[:1]
    networks = {j.key: build(j.model, input_shape=DATASET.shape, classes=3, dropout=j.recipe.dropout) for j in jobs}
    plan, wanted = make_plan(jobs, networks, 192), {j.key for j in jobs}
    start(plan.needed(set(), wanted), InlineExecutor(data), study)
    done = set(Store(study))
    assert done == wanted
    outcome, events = start(plan.needed(done, wanted), executor(data), study)
    assert outcome == Launch()
    assert events == []


def test_a_dataset_in_memory_trains_in_this_process(new_study):
    outcome, _ = start(packs_of(JOBS[:1]), choose_executor(DATASET, None, "cpu"), new_study("study"))
    assert outcome.trained == [JOBS[0].key]
    run = Store(new_study("study")).load(JOBS[0].key)
    assert np.mean(run.validation_logits.argmax(1) == run.validation_labels) > 1 / 3


def test_where_packs_run(data: DataRef):
    assert isinstance(choose_executor(data, 1, "cpu"), ProcessExecutor)
    assert isinstance(choose_executor(data, None, "cuda"), InlineExecutor)
    assert isinstance(choose_executor(DATASET, 4, "cpu"), InlineExecutor)
    assert choose_executor(data, 3, "cpu").workers == 3


def test_news_name_their_jobs_though_models_leave_the_pack(new_study):
    """Models that stop early leave the pack; what those that stay tell must not get a leaver's name."""
    jobs = [job(seed=s, epochs=6, stop={"validation_accuracy": 0.5}, lr=lr) for s, lr in ((0, 1e-2), (1, 1e-5))]
    (pack,) = packs_of(jobs)
    reports: list[Report] = []
    do_pack(pack, Worker(DATASET, new_study("study")), reports.append, lambda: False)
    store = Store(new_study("study"))
    runs = {j.key: store.load(j.key) for j in jobs}
    assert len(runs[jobs[0].key].curves) < len(runs[jobs[1].key].curves)
    assert (reports[0].epoch, reports[0].news) == (0, ())
    for key, run in runs.items():
        told = [news for report in reports for news in report.news if news.key == key]
        assert [news.row for news in told] == list(run.curves)
        blocks = [block for news in told for block in news.losses]
        assert [b.first for b in blocks] == [1, *(b.last + 1 for b in blocks[:-1])]
        assert blocks[-1].last == len(run.step_loss)
        assert [b.loss for b in blocks] == pytest.approx(
            [run.step_loss[b.first - 1 : b.last].mean() for b in blocks], rel=1e-5
        )


def test_events_carry_the_news_and_the_reasons(data: DataRef, new_study):
    lost = job(CNN, seed=7).model_copy(update={"split": "0" * 64})
    packs = packs_of([lost, *JOBS])
    _, events = start(packs, ProcessExecutor(data, 2), new_study("study"))
    store = Store(new_study("study"))
    for key in (j.key for j in JOBS):
        told = [news.row for event in events if event.kind == "epoch" for news in event.news if news.key == key]
        assert told == list(store.load(key).curves)
    (failed,) = [event for event in events if event.kind == "pack_failed"]
    assert failed.pack == next(pack.id for pack in packs if lost in pack.jobs)
    assert "0" * 64 in failed.reason
    begun = {e.pack for e in events if e.kind == "pack_started"}
    assert begun == {e.pack for e in events if e.kind == "epoch"}
