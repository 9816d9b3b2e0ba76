"""One study, from its file to its report: what is left on disk, what is trained again and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from squares import ENTRIES, contents, write_study

from bakeoff.api import Study, redraw
from bakeoff.cli.output import exit_code
from bakeoff.judge import Results
from bakeoff.runs import Store

RUN_FILES = {"job.json", "curves.jsonl", "steps.npz", "summary.json", "environment.json", "weights.safetensors",
             "validation.npz", "test.sealed.npz", "manifest.json"}  # fmt: skip


def plan_of(folder: Path) -> list[dict]:
    return json.loads((folder / "plan.json").read_text())["packs"]


def looks(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]


def test_everything_a_study_leaves_is_there(trained):
    folder = trained.study_dir
    assert (trained.trained, trained.reused, trained.failed, trained.stopped) == (6, 0, [], False)
    assert trained.report == folder / "report.html"
    for name in ("study.yaml", "plan.json", "results.json", "ledger.jsonl", "report.html", "report.md"):
        assert (folder / name).stat().st_size > 100, name
    for pattern in ("tables/*.csv", "tables/*.tex", "figures/*.svg", "figures/*.png"):
        assert list(folder.glob(pattern)), pattern
    runs = [p for p in (folder / "runs").iterdir() if p.is_dir()]
    assert len(runs) == 6
    assert all({f.name for f in run.iterdir()} == RUN_FILES for run in runs)
    assert not list((folder / "packs").glob("*")) if (folder / "packs").exists() else True


def test_every_run_agrees_with_its_manifest(trained):
    store = Store(trained.study_dir)
    assert {key: store.check(key) for key in store} == {key: [] for key in store}


def test_the_easy_task_is_learned_and_results_are_written_as_returned(trained):
    assert {e.name: e.test_accuracy.mean > 0.9 for e in trained.results.entries} == dict.fromkeys(ENTRIES, True)
    assert {e.name: e.seeds for e in trained.results.entries} == {key: [0, 1] for key in ENTRIES}
    read = Results.model_validate(json.loads((trained.study_dir / "results.json").read_text()))
    assert read == trained.results
    assert len(trained.results.pairs) == 3


def test_accuracy_is_that_of_the_sealed_logits(trained):
    """An oracle of two lines of NumPy, straight from the run folders."""
    for entry in trained.results.entries:
        for key, value in zip(entry.run_keys, entry.test_accuracy.values, strict=True):
            with np.load(trained.study_dir / "runs" / key / "test.sealed.npz") as sealed:
                assert value == pytest.approx((sealed["logits"].argmax(1) == sealed["labels"]).mean(), abs=1e-12)


def test_the_study_beside_the_results_is_the_study(trained, study_file):
    assert Study.load(trained.study_dir / "study.yaml").spec.entries == Study.load(study_file).spec.entries


def test_a_second_run_trains_nothing_and_touches_no_run(copied, study_file):
    before = contents(copied / "runs")
    again = Study.load(study_file).run(out=copied, workers=2)
    assert (again.trained, again.reused, again.failed) == (0, 6, [])
    assert again.results is not None
    assert contents(copied / "runs") == before


def test_the_ledger_gets_a_line_a_run_and_redrawing_none(copied, trained):
    before = looks(copied)
    assert sorted(look["run"] for look in before) == sorted(k for e in trained.results.entries for k in e.run_keys)
    for name in ("report.html", "results.json"):
        (copied / name).unlink()
    assert redraw(copied).report == copied / "report.html"
    assert (copied / "report.html").exists()
    assert json.loads((copied / "results.json").read_text())["entries"] == [
        e.model_dump(mode="json") for e in trained.results.entries
    ]
    assert looks(copied) == before


def test_one_worker_gives_the_same_weights_as_two(trained, study_file, tmp_path, hashes):
    alone = Study.load(study_file).run(out=tmp_path / "elsewhere", workers=1)
    assert hashes(alone.study_dir) == hashes(trained.study_dir)
    assert [e.test_accuracy for e in alone.results.entries] == [e.test_accuracy for e in trained.results.entries]


def test_one_more_entry_and_one_more_seed_train_only_the_difference(copied, data, tmp_path):
    """Old packs stay as they are, byte for byte; old runs too."""
    packs, runs = plan_of(copied), contents(copied / "runs")
    wider = ENTRIES | {"wide": "{model: {mlp: {hidden: [24]}}, recipe: plain}"}
    file = write_study(tmp_path / "wider.yaml", data, wider)
    more = Study.load(file).run(out=copied, workers=2)
    assert (more.trained, more.reused) == (2, 6)
    now = plan_of(copied)
    assert now[: len(packs)] == packs
    assert {len(pack["jobs"]) for pack in now[len(packs) :]} <= {1, 2}
    longer = Study.load(file, seeds=3, entries=["linear"]).run(out=copied, workers=1)
    assert (longer.trained, longer.reused) == (1, 2)
    assert plan_of(copied)[: len(now)] == now
    after = contents(copied / "runs")
    assert {name: after[name] for name in runs} == runs


def test_two_names_for_one_training_share_its_runs(copied, data, tmp_path):
    twice = ENTRIES | {"mlp again": "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, lr: 1e-2}}"}
    outcome = Study.load(write_study(tmp_path / "twice.yaml", data, twice)).run(out=copied)
    assert (outcome.trained, outcome.reused) == (0, 6)
    assert {e.name: e.aliases for e in outcome.results.entries} == {"linear": [], "mlp": ["mlp again"], "cnn": []}


def test_a_diverging_entry_is_named_and_the_others_are_judged(data, tmp_path):
    entries = {
        "sane": ENTRIES["linear"],
        "wild": "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, optimizer: sgd, lr: 1e30}}",
    }
    outcome = Study.load(write_study(tmp_path / "wild.yaml", data, entries)).run(out=tmp_path / "out", workers=1)
    by_name = {e.name: e for e in outcome.results.entries}
    assert by_name["sane"].test_accuracy.mean > 0.9
    assert by_name["sane"].failures == []
    assert "wild" not in by_name
    (finding,) = [f for f in outcome.results.findings if f.code == "BK007" and f.status == "found"]
    assert finding.entry == "wild"
    assert "diverged at step" in finding.evidence
    assert exit_code(outcome) == 3
    for name in ("report.html", "report.md"):
        assert "diverged" in (tmp_path / "out" / name).read_text()
