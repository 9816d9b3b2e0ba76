"""A study that an earlier version trained, whose training gave other bits: it is read as it is, and trained anew only
when somebody asks for that."""

from __future__ import annotations

import json

import pytest
from older import make_older
from squares import contents, write_study

from bakeoff import api
from bakeoff.api import Study, compare, redraw, status
from bakeoff.api.shipping import find_run
from bakeoff.errors import StoreError
from bakeoff.fleet.executors import InlineExecutor
from bakeoff.runs import Store

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(autouse=True)
def _inline(monkeypatch):
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))


@pytest.fixture
def old(copied):
    make_older(copied)
    return copied


def results(folder):
    return json.loads((folder / "results.json").read_text())


def earlier_words(folder):
    return [sentence for sentence in results(folder)["methods"] if "an earlier version" in sentence]


def test_it_is_done_and_the_status_says_by_whom(old):
    entries = status(old).entries
    assert {(e.done, e.missing, e.earlier, e.damaged) for e in entries} == {(2, 0, 2, 0)}


def test_it_is_judged_as_before_and_the_report_says_by_whom(copied):
    before = results(copied)
    keys = make_older(copied)
    runs = contents(copied / "runs")
    redraw(copied)
    after = results(copied)
    for entry, was in zip(after["entries"], before["entries"], strict=True):
        assert entry["run_keys"] == [keys[key] for key in was["run_keys"]]
        assert entry["test_accuracy"] == was["test_accuracy"]
    assert after["answer"] == before["answer"]
    (sentence,) = earlier_words(copied)
    assert sentence.startswith("linear, mlp and cnn: trained by numerics 1 (an earlier version)")
    assert contents(copied / "runs") == runs


def test_its_entries_can_be_compared_and_shipped(old):
    assert {compare(old / "cnn", old / "linear").a, compare(old / "cnn", old / "linear").b} == {"cnn", "linear"}
    found = find_run(old / "cnn", 1)
    assert found.run.job.numerics == 1
    assert find_run(old / "runs" / found.run.key).entry == "cnn"


def test_running_it_trains_anew_and_the_report_is_of_the_new_runs(old, study_file):
    outcome = Study.load(study_file).run(out=old, workers=1)
    assert (outcome.trained, outcome.reused) == (6, 0)
    assert earlier_words(old) == []
    assert {entry.earlier for entry in status(old).entries} == {0}
    assert len(list(Store(old))) == 12


def test_new_runs_come_before_earlier_ones_and_both_are_told_apart(old, study_file, data):
    less = write_study(study_file.with_name("less.yaml"), data, {"linear": "{model: {linear: {}}, recipe: plain}"})
    Study.load(less).run(out=old, workers=1)
    (old / "study.yaml").write_text(Study.load(study_file).spec.dump())
    redraw(old)
    (sentence,) = earlier_words(old)
    assert sentence.startswith("mlp and cnn: trained by numerics 1")


def test_weights_that_others_start_from_are_those_of_the_same_version(tmp_path, data):
    entries = {"first": "{model: {mlp: {hidden: [4]}}, recipe: plain}",
               "second": "{model: {mlp: {hidden: [4]}}, recipe: plain, start: first}"}  # fmt: skip
    folder = tmp_path / "chain"
    Study.load(write_study(tmp_path / "chain.yaml", data, entries)).run(out=folder, workers=1)
    make_older(folder)
    assert {(e.done, e.missing) for e in status(folder).entries} == {(2, 0)}


def test_runs_that_decide_on_seeds_go_on_deciding_when_they_are_read(tmp_path, data):
    folder = tmp_path / "until"
    study = write_study(tmp_path / "until.yaml", data, seeds="{min: 2, max: 4, until: decided}")
    Study.load(study).run(out=folder, workers=1)
    before = {(e.name, e.done, e.missing) for e in status(folder).entries}
    make_older(folder)
    assert {(e.name, e.done, e.missing) for e in status(folder).entries} == before
    redraw(folder)


def test_a_run_that_cannot_be_read_is_not_done(copied):
    store = Store(copied)
    (store.paths.run(next(iter(store))) / "manifest.json").write_text("{")
    entries = status(copied).entries
    assert sorted((e.done, e.missing, e.damaged) for e in entries) == [(1, 0, 1), (2, 0, 0), (2, 0, 0)]


def test_without_any_run_there_is_nothing_to_read(copied):
    for key in Store(copied):
        Store(copied).paths.run(key).rename(copied / key)
    with pytest.raises(StoreError, match="no finished run yet"):
        redraw(copied)
    assert api.disk_use(copied)
