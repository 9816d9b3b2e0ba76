"""An entry with `epochs: 0` among trained ones, from the study file to the report."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from squares import write_study

from bakeoff.api import Outcome, Study, compare, status
from bakeoff.errors import UsageError

ENTRIES = {
    "mlp": "{model: {mlp: {hidden: [12]}}, recipe: plain}",
    "fresh": "{model: {mlp: {hidden: [12]}}, recipe: {epochs: 0}}",
}


@dataclass
class Told:
    """What a run told its watchers."""

    outcome: Outcome
    events: list


@pytest.fixture(scope="module")
def told(data, tmp_path_factory) -> Told:
    file = write_study(tmp_path_factory.mktemp("as-it-is") / "study.yaml", data, ENTRIES)
    events: list = []
    study = Study.load(file)
    outcome = study.run(out=file.parent / "run", workers=1, progress=events.append, live=True)
    return Told(outcome, events)


def test_it_is_judged_beside_the_trained_one(told):
    results = told.outcome.results
    by_name = {entry.name: entry for entry in results.entries}
    fresh = by_name["fresh"]
    assert (fresh.epochs.mean, fresh.seconds.mean, len(fresh.seeds)) == (0, 0, 2)
    assert fresh.test_accuracy.mean < by_name["mlp"].test_accuracy.mean
    assert (fresh.landmarks.best_epoch, fresh.landmarks.overfits_from) == (None, None)
    (pair,) = results.pairs
    assert (pair.a, pair.b) == ("mlp", "fresh")


def test_the_ledger_says_that_it_was_not_trained(told):
    fairness = told.outcome.results.fairness
    received = {one.entry: one for one in fairness.received}
    assert (received["fresh"].pictures_seen, received["fresh"].flops_training) == (0, 0)
    assert fairness.equal_seconds is None
    unequal = next(f for f in told.outcome.results.findings if f.code == "BK015")
    assert unequal.status == "found"
    assert "fresh was not trained here" in unequal.evidence
    assert "was shown" not in unequal.evidence


def test_the_report_draws_it_and_says_so(told):
    folder = told.outcome.study_dir
    page = (folder / "report.html").read_text()
    assert "not trained here, measured as it is by cross-entropy loss" in page
    assert "nan" not in (folder / "report.md").read_text().lower()
    assert (folder / "figures/curves-2-fresh.svg").stat().st_size > 1000
    live = (folder / "live.html").read_text()
    assert "as it is" in live
    rows = [json.loads(line) for file in folder.glob("runs/*/curves.jsonl") for line in file.read_text().splitlines()]
    assert sorted(row["epoch"] for row in rows) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_its_one_pass_is_told_once_and_counted(told):
    done = [event.done / event.total for event in told.events if event.kind in ("epoch", "pack_done")]
    assert done[-1] == pytest.approx(1.0)
    assert sum(news.row["epoch"] == 0 for event in told.events for news in event.news) == 2


def test_it_compares_plans_and_is_not_done_twice(told, tmp_path):
    folder = told.outcome.study_dir
    assert compare(folder / "mlp", folder / "fresh").speed is None
    assert [entry.missing for entry in status(folder).entries] == [0, 0]
    again = Study.load(folder / "study.yaml")
    assert again.run(out=folder, workers=1).trained == 0
    report = again.plan(out=tmp_path / "planned", workers=1)
    assert (report.trainings, report.done) == (4, 0)
    assert report.minutes > 0


def test_a_study_of_untrained_entries_alone_has_a_report(data, tmp_path):
    file = write_study(tmp_path / "study.yaml", data, {"fresh": ENTRIES["fresh"]}, seeds="1")
    outcome = Study.load(file).run(out=tmp_path / "run", workers=1)
    assert outcome.failed == []
    assert outcome.report.is_file()


def test_a_search_around_what_is_not_trained_is_refused(data, tmp_path):
    file = write_study(tmp_path / "study.yaml", data, ENTRIES)
    search = "searches:\n  s: {entry: fresh, strategy: random, trials: 2, over: {lr: [0.1, 0.2]}}\n"
    file.write_text(file.read_text() + search)
    with pytest.raises(UsageError, match=r"searches\.s\.entry: fresh is not trained \(epochs: 0\)"):
        Study.load(file)
