"""Packs of a search: who meets whom, and the same table of trials on any number of workers."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learnable import DATASET, SPLIT, job

from bakeoff.data import folds, save_split
from bakeoff.fleet import DataRef, Event, InlineExecutor, PackPlan, ProcessExecutor, Watch, launch
from bakeoff.fleet.heats import Course, plan_heats
from bakeoff.fleet.plan import TrialPlan, models_a_pack
from bakeoff.models import build
from bakeoff.recipe import Job
from bakeoff.runs import StudyPaths, Trial, TrialStore

MODELS = ({"mlp": {"hidden": [8]}}, {"mlp": {"hidden": [9, 5]}}, {"cnn": {"channels": [3], "kernel": 3}})
FOLDS = folds(DATASET.train.labels.numpy(), 2)
EXAMPLES = {split.digest: len(split.train) for split in (*FOLDS, SPLIT)}


def trials_of(jobs: list[Job], *, fold: bool = False) -> list[tuple[TrialPlan, list[Job]]]:
    def each(one: Job) -> list[Job]:
        return [one.model_copy(update={"split": s.digest, "fold": k}) for k, s in enumerate(FOLDS)] if fold else [one]

    return [(TrialPlan(number=n, candidate=f"c{n}", point={"n": n}), each(one)) for n, one in enumerate(jobs)]


def plan(trials: list[tuple[TrialPlan, list[Job]]], rungs: tuple = ()) -> list[PackPlan]:
    jobs = [j for _, of in trials for j in of]
    networks = {j.key: build(j.model, input_shape=DATASET.shape, classes=3, **j.recipe.layers) for j in jobs}
    return plan_heats(trials, Course("s", 0, networks, EXAMPLES, rungs, company=4))


CHOICES = st.tuples(st.sampled_from(MODELS), st.sampled_from([1e-3, 2e-3, 3e-3]), st.sampled_from([0.0, 0.2]))


@settings(max_examples=40)
@given(st.lists(CHOICES, min_size=1, max_size=40, unique_by=repr), st.booleans(), st.booleans())
def test_every_job_is_in_one_pack_and_one_group_of_its_shape_and_split(drawn, fold, rungs) -> None:
    trials = trials_of([job(m, lr=lr, dropout=d) for m, lr, d in drawn], fold=fold)
    packs = plan(trials, ((1, 1 / 3),) if rungs else ())
    assert Counter(j.key for p in packs for j in p.jobs) == Counter(j.key for _, of in trials for j in of)
    for pack in packs:
        assert sorted(i for group in pack.heat.groups for i in group) == list(range(len(pack.jobs)))
        for group in pack.heat.groups:
            members = [pack.jobs[i] for i in group]
            assert len({(j.split, next(iter(j.model)), j.recipe.dropout > 0) for j in members}) == 1
            network = build(members[0].model, input_shape=DATASET.shape, classes=3)
            assert len(members) <= models_a_pack("cpu", network)
        here = {t.candidate for t in pack.heat.trials}
        assert len(pack.jobs) == len(here) * (2 if fold else 1)  # a candidate's folds stay together
        if rungs:
            assert pack.heat.rungs == ((1, max(1, round(len(here) / 3))),)


def test_the_same_trials_give_the_same_packs_and_others_give_others() -> None:
    trials = trials_of([job(lr=lr / 1000) for lr in range(1, 9)])
    assert plan(trials) == plan(trials)
    assert {p.id for p in plan(trials, ((1, 0.5),))}.isdisjoint(p.id for p in plan(trials))


def run(packs: list[PackPlan], executor, study: Path, watch: Watch = lambda _event: None) -> list[Trial]:
    for split in (*FOLDS, SPLIT):
        save_split(StudyPaths(study).split(split.digest), split)
    outcome = launch(packs, executor, study, {}, watch, threading.Event())
    assert not outcome.failed
    return TrialStore(StudyPaths(study).trials("s")).all()


def facts(trials: list[Trial]) -> list[tuple]:
    return [(t.number, t.fold, t.job, t.stopped, t.validation_accuracy, t.validation_loss) for t in trials]


def test_one_worker_and_two_give_the_same_table(data: DataRef, tmp_path: Path) -> None:
    trials = trials_of([job(MODELS[i % 3], lr=10 ** -(1 + i / 3)) for i in range(9)], fold=True)
    packs = plan(trials, ((1, 1 / 3),))
    one = run(packs, ProcessExecutor(data, 1), tmp_path / "one")
    two = run(packs[::-1], ProcessExecutor(data, 2), tmp_path / "two")
    assert facts(one) == facts(two)
    assert [(t.number, t.fold) for t in one] == [(n, k) for n in range(9) for k in range(2)]
    assert Counter(t.stopped for t in one) == {"rung 1": 12, "epochs": 6}  # of 4, 4 and 1 candidates, 1, 1 and 1 go on
    assert not any((tmp_path / "one" / "packs").iterdir())  # no checkpoint is left
    assert not (tmp_path / "one" / "runs").exists()


@pytest.mark.parametrize("rungs", [((1, 1 / 2),), ((1, 1 / 2), (2, 1 / 2))])
def test_progress_counts_the_epochs_that_rungs_leave(data: DataRef, tmp_path: Path, rungs: tuple) -> None:
    """A pack that is compared early must not look as if all of it had still to train to the end."""
    (pack,) = plan(trials_of([job(MODELS[i % 2], lr=(1 + i) / 1000) for i in range(4)], fold=True), rungs)
    events: list[Event] = []
    trials = run([pack], InlineExecutor(data), tmp_path, events.append)
    assert pack.passes == sum(trial.epochs for trial in trials)
    told = [event for event in events if event.kind == "epoch"]
    assert told[-1].done == pytest.approx(pack.cost)
    passed = [int(event.text.split(": ")[-1].split()[0]) for event in told]
    assert [event.done / event.total for event in told] == pytest.approx([n / passed[-1] for n in passed])


def test_a_trial_tells_what_it_was(data: DataRef, tmp_path: Path) -> None:
    (trial,) = run(plan(trials_of([job()])), InlineExecutor(data), tmp_path)
    assert (trial.candidate, trial.point, trial.stage, trial.fold, trial.job) == ("c0", {"n": 0}, 0, 0, job().key)
    assert trial.parameters == 64 * 16 + 16 + 16 * 12 + 12 + 12 * 3 + 3
    assert trial.epochs == 3 == len(trial.running_loss) == len(trial.seconds)
    assert trial.stopped == "epochs"
    assert trial.validation_accuracy[-1] == pytest.approx(max(trial.validation_accuracy), abs=0.5)
