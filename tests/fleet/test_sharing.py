"""Two processes on one study, a process that is killed, a worker that does not come to an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from fleet.test_launch import CNN, hashes, of_kind, packs_of, start
from learnable import job

from bakeoff.data import Dataset, load_split, make_split, save_split
from bakeoff.fleet import DataRef, InlineExecutor, ProcessExecutor, launch
from bakeoff.fleet.plan import Plan
from bakeoff.lease import lease
from bakeoff.runs import Store

SHARED = [job(CNN, seed=seed) for seed in range(6)]


def test_two_launches_share_the_packs_and_none_is_trained_twice(data: DataRef, new_study):
    packs = packs_of(SHARED)
    assert len(packs) == len(SHARED)
    start(packs, InlineExecutor(data), new_study("alone"))
    study, found = new_study("shared"), []
    both = [threading.Thread(target=lambda: found.append(start(packs, InlineExecutor(data), study))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(key for outcome, _ in found for key in outcome.trained) == sorted(j.key for j in SHARED)
    assert [outcome.failed for outcome, _ in found] == [{}, {}]
    assert sum(len(of_kind(events, "pack_started")) for _, events in found) == len(packs)
    assert hashes(study) == hashes(new_study("alone"))
    assert not list((study / "packs").iterdir())


def test_a_pack_that_another_process_has_is_waited_for_and_taken_over(data: DataRef, new_study):
    """The others train meanwhile; once the lease is free without a run, the pack is trained here."""
    packs, study, told = packs_of(SHARED[:3]), new_study("study"), threading.Event()
    held = lease(Store(study).paths.lease(packs[0].id))
    held.__enter__()

    def watch(event):
        if event.kind == "note" and "another process" in event.text:
            assert len(list(Store(study))) == 2
            held.__exit__(None, None, None)
            told.set()

    outcome = launch(packs, InlineExecutor(data), study, {}, watch, threading.Event())
    assert told.is_set()
    assert sorted(outcome.trained) == sorted(j.key for j in SHARED[:3])


def test_a_pack_that_another_process_did_is_not_trained_again(data: DataRef, new_study):
    packs, study = packs_of(SHARED[:1]), new_study("study")
    start(packs, InlineExecutor(data), study)
    outcome, events = start(packs, InlineExecutor(data), study)
    assert outcome.trained == []
    assert outcome.failed == {}
    assert of_kind(events, "pack_done") == ["job 2: done by another process"]
    assert of_kind(events, "epoch") == []


def test_stopping_while_another_process_has_the_pack(data: DataRef, new_study):
    packs, study, stop = packs_of(SHARED[:1]), new_study("study"), threading.Event()
    with lease(Store(study).paths.lease(packs[0].id)):
        outcome = launch(packs, InlineExecutor(data), study, {}, lambda _: stop.set(), stop)
    assert outcome.stopped
    assert outcome.trained == []


class SleepyData(DataRef):
    """Takes ten minutes to load."""

    def load(self) -> Dataset:
        time.sleep(600)
        return super().load()


def test_a_worker_that_does_not_hear_is_ended(data: DataRef, new_study):
    """It is told to stop as soon as its pack has begun, and would sleep on."""
    study, stop = new_study("study"), threading.Event()
    executor = ProcessExecutor(SleepyData(name=data.name), 1)
    outcome = launch(packs_of(SHARED[:1]), executor, study, {}, lambda _: stop.set(), stop)
    assert outcome.stopped
    assert outcome.failed == {}


PARENT = """
import sys, threading
sys.path[:0] = sys.argv[2].split(":")
from pathlib import Path
from learnable import job
from bakeoff.fleet import ProcessExecutor, launch
from fleet.test_launch import CountedData, packs_of
if __name__ == "__main__":
    study = Path(sys.argv[1])
    data = CountedData(name=sys.argv[3], marker=str(study / "pid"))
    launch(packs_of([job(epochs=100_000)]), ProcessExecutor(data, 1), study, {}, lambda e: None, threading.Event())
"""


def test_workers_end_with_the_process_that_started_them(data: DataRef, new_study, tmp_path: Path):
    """kill -9, in the middle of a pack of 100,000 epochs; then the lease is free."""
    study = new_study("study")
    (tmp_path / "parent.py").write_text(PARENT)
    words = [str(study), ":".join(sys.path), data.name]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "parent.py"), *words], env=env)
    try:
        while not (study / "pid").exists() or not (study / "pid").read_text().strip():
            assert parent.poll() is None
            time.sleep(0.05)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    worker = int((study / "pid").read_text())
    with lease(Store(study).paths.lease(packs_of([job(epochs=100_000)])[0].id), wait=True) as ours:
        assert ours  # the kernel let go of it, because the worker has ended
    while Path(f"/proc/{worker}/stat").exists():  # the last of it: whoever adopted it has to take note
        if Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.05)


def test_a_split_under_another_name_is_refused(data: DataRef, new_study):
    """Bits that flipped on the disk must not become another experiment."""
    study, packs = new_study("study"), packs_of(SHARED[:1])
    path = Store(study).paths.split(SHARED[0].split)
    here = load_split(path)
    save_split(path, make_split(np.arange(240) % 3, validation=0.2, seed=1))
    outcome, _ = start(packs, InlineExecutor(data), study)
    assert "not the split it is named for" in outcome.failed[SHARED[0].key]
    save_split(path, here)
    assert start(packs, InlineExecutor(data), study)[0].trained == [SHARED[0].key]


@pytest.mark.parametrize("order", [1, -1])
def test_plans_of_two_processes_are_joined(order):
    one, two = (Plan(packs=tuple(packs_of(jobs))) for jobs in (SHARED[:3], SHARED[2:][::order]))
    both = one.joined(two)
    assert both.packs[:3] == one.packs
    assert {p.id for p in both.packs} == {p.id for p in (*one.packs, *two.packs)}
    assert len(both.packs) == 6
