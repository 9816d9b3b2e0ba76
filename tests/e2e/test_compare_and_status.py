"""Two entries before the judge, how far a study has come, and what a run would cost."""

from __future__ import annotations

import json
import shutil

import pytest
from squares import ENTRIES, write_squares, write_study

from bakeoff.api import Study, compare, compare_all, export, redraw, status
from bakeoff.errors import StoreError, UsageError
from bakeoff.judge.results import twins
from bakeoff.runs.files import MANIFEST, to_json, write_folder


def test_comparing_two_entries_says_what_the_study_says(copied, trained):
    ledger = (copied / "ledger.jsonl").read_bytes()
    pair = compare(copied / "mlp", copied / "linear")
    (told,) = [p for p in trained.results.pairs if {p.a, p.b} == {"mlp", "linear"}]
    assert pair.recipes.difference == told.recipes.difference
    assert pair.recipes.interval == told.recipes.interval
    assert pair.checkpoints == told.checkpoints
    assert (copied / "ledger.jsonl").read_bytes() == ledger, "comparing judged runs is no new look at the test set"


def test_margin_decides_what_is_equivalent(copied):
    assert compare(copied / "mlp", copied / "linear", margin=0.5).verdict == "equivalent"


def test_one_run_against_another_has_checkpoints_only(copied, trained):
    runs = {e.name: e.run_keys for e in trained.results.entries}
    pair = compare(copied / "runs" / runs["mlp"][0], copied / "runs" / runs["cnn"][0])
    assert pair.recipes is None
    assert pair.checkpoints.seed == 0


def test_entries_of_the_same_name_in_two_studies_are_told_apart(copied, data, tmp_path):
    file = write_study(tmp_path / "short.yaml", data, {"mlp": ENTRIES["mlp"]}, seeds="1", epochs=1)
    other = Study.load(file).run(out=tmp_path / "short", workers=1).study_dir
    pair = compare(copied / "mlp", other / "mlp")
    assert {pair.a, pair.b} == {"squares/mlp", "short/mlp"}


def test_the_same_runs_are_refused(copied, tmp_path):
    twin = shutil.copytree(copied, tmp_path / "twin")
    with pytest.raises(UsageError, match="same runs"):
        compare(copied / "mlp", twin / "mlp")


def moved(folder, to, processor="Slow CPU", times=4.0):
    """A copy of the study, as another machine would have made it."""
    there = shutil.copytree(folder, to)
    for run in sorted(there.glob("runs/*")):
        files = {file.name: file.read_bytes() for file in run.iterdir() if file.name != MANIFEST}
        environment, summary = (json.loads(files[f"{name}.json"]) for name in ("environment", "summary"))
        files["environment.json"] = to_json(environment | {"processor": processor}).encode()
        files["summary.json"] = to_json(summary | {"seconds": summary["seconds"] * times}).encode()
        shutil.rmtree(run)
        write_folder(run, files)
    return there


def test_the_same_training_on_another_machine_is_compared_with_it(copied, tmp_path):
    there = moved(copied, tmp_path / "there")
    found = compare_all([copied / "mlp", there / "mlp"], margin=0.5, out=tmp_path / "report")
    (pair,) = found.results.pairs
    assert {pair.a, pair.b} == {"squares/mlp", "there/mlp"}
    assert (pair.verdict, pair.checkpoints.difference) == ("equivalent", 0)
    assert (pair.speed.fast, pair.speed.slow_on) == ("squares/mlp", "Slow CPU")
    assert pair.speed.ratio == pytest.approx(4.0)
    (said,) = [f for f in found.results.findings if f.code == "BK025"]
    assert said.status == "passed", "that they are one recipe is why they were picked"
    one, other = found.results.entries
    assert one.run_keys == other.run_keys
    text = found.report.read_text()
    assert "squares/mlp and there/mlp</bdi>" in text, "a look is of the training, wherever it was done"


def test_whole_studies_of_two_machines(copied, tmp_path):
    there = moved(copied, tmp_path / "there")
    results = compare_all([copied, there]).results
    assert len(results.entries) == 6
    assert twins(results.entries) == {}
    with pytest.raises(UsageError, match="same runs"):
        compare(there / "mlp", moved(there, tmp_path / "again", times=1.0) / "mlp")


def test_one_run_of_one_machine_makes_it_the_same_training(copied, tmp_path, trained):
    """A study that two machines trained together, beside what one of them has: still one contestant."""
    there = moved(copied, tmp_path / "there")
    first = next(e.run_keys[0] for e in trained.results.entries if e.name == "mlp")
    shutil.rmtree(there / "runs" / first)
    shutil.copytree(copied / "runs" / first, there / "runs" / first)
    with pytest.raises(UsageError, match="same runs"):
        compare(copied / "mlp", there / "mlp")


def test_more_seeds_of_the_same_training_are_the_same_training(copied, data, tmp_path):
    file = write_study(tmp_path / "more.yaml", data, {"again": ENTRIES["mlp"]}, seeds="3")
    other = Study.load(file).run(out=tmp_path / "more", workers=1).study_dir
    with pytest.raises(UsageError, match=r"same training: 2 of their runs are in both"):
        compare(copied / "mlp", other / "again")


def test_entries_of_two_studies_in_one_report(copied, data, tmp_path):
    """Three entries, one of them from another study that validates on other pictures: one ranking, Holm over all pairs,
    and the looks from both ledgers."""
    file = write_study(tmp_path / "wide.yaml", data, {"mlp": ENTRIES["mlp"].replace("12", "24")})
    wide = Study.load(file, overrides=["split.validation=0.3", "train_examples=48"])
    other = wide.run(out=tmp_path / "wide", workers=1).study_dir
    ledgers = [(folder / "ledger.jsonl").read_bytes() for folder in (copied, other)]
    found = compare_all([copied, other / "mlp"], out=tmp_path / "report")
    names = {"linear", "squares/mlp", "cnn", "wide/mlp"}
    assert {e.name for e in found.results.entries} == names
    assert len(found.results.pairs) == 6
    assert all(p.recipes.p_holm >= p.recipes.p for p in found.results.pairs)
    assert ledgers == [(folder / "ledger.jsonl").read_bytes() for folder in (copied, other)]
    keys = {key for e in found.results.entries for key in e.run_keys}
    assert {look.run for look in found.results.looks} == keys
    received = {one.entry: one.train_examples for one in found.results.fairness.received}
    assert received["wide/mlp"] == 48 < received["squares/mlp"]
    assert any("did not train on the same pictures" in line for line in found.results.methods)
    assert found.report == tmp_path / "report" / "report.html"
    text = found.report.read_text()
    assert all(name in text for name in names)
    assert json.loads((tmp_path / "report" / "results.json").read_text())["study"] == "compare"


def test_a_comparison_does_not_take_the_place_of_a_study(copied):
    before = (copied / "results.json").read_bytes()
    with pytest.raises(UsageError, match="a study folder, whose own report is there"):
        compare_all([copied], out=copied)
    assert (copied / "results.json").read_bytes() == before


def test_one_entry_alone_is_not_compared(copied, data, tmp_path):
    file = write_study(tmp_path / "wide.yaml", data, {"wide": ENTRIES["mlp"].replace("12", "24")}, seeds="1", epochs=1)
    wide = Study.load(file).run(out=tmp_path / "wide", workers=1).study_dir
    with pytest.raises(UsageError, match=r"at least two entries; only .*mlp was given"):
        compare_all([copied / "mlp"])
    with pytest.raises(UsageError, match="more than two entries"):
        compare(copied, wide)


def test_a_study_without_runs_is_named(copied, tmp_path):
    empty = shutil.copytree(copied, tmp_path / "empty")
    shutil.rmtree(empty / "runs")
    with pytest.raises(StoreError, match="empty: no finished run yet"):
        compare_all([copied / "mlp", empty])
    with pytest.raises(StoreError, match="empty: no finished run yet"):
        compare_all([copied / "mlp", empty / "mlp"])


def test_pictures_that_changed_since_are_told(copied, data, tmp_path):
    file = copied / "study.yaml"
    others = write_squares(tmp_path / "others.npz", seed=7)
    assert str(data) in file.read_text()
    file.write_text(file.read_text().replace(str(data), str(others)))
    asked = (redraw, lambda folder: compare_all([folder]), lambda folder: export(folder / "mlp", out=tmp_path / "x"))
    for ask in asked:
        with pytest.raises(StoreError, match="pictures have changed since it was trained"):
            ask(copied)


def test_other_test_pictures_are_refused(copied, tmp_path):
    data = write_squares(tmp_path / "others.npz", seed=7)
    file = write_study(tmp_path / "others.yaml", data, {"mlp": ENTRIES["mlp"]}, seeds="1", epochs=1)
    other = Study.load(file).run(out=tmp_path / "others", workers=1).study_dir
    with pytest.raises(UsageError, match="different pictures"):
        compare(copied / "mlp", other / "mlp")


def test_paths_that_hold_no_entry_are_named(copied, tmp_path):
    with pytest.raises(UsageError, match=r"no finished entry 'mpl'; did you mean 'mlp'\?"):
        compare(copied / "mpl", copied / "cnn")
    with pytest.raises(StoreError, match="nothing here"):
        compare(tmp_path / "nothing here" / "mlp", copied / "cnn")


def test_status_counts_what_is_done_and_missing(copied):
    report = status(copied)
    assert {e.name: (e.done, e.missing, e.started) for e in report.entries} == dict.fromkeys(ENTRIES, (2, 0, 0))
    assert report.report == str(copied / "report.html")
    key = json.loads((copied / "results.json").read_text())["entries"][0]
    shutil.rmtree(copied / "runs" / key["run_keys"][1])
    (copied / "report.html").unlink()
    report = status(copied)
    assert {e.name: (e.done, e.missing) for e in report.entries}[key["name"]] == (1, 1)
    assert report.report is None


def test_a_folder_without_a_study_is_an_error(tmp_path):
    with pytest.raises(StoreError, match=r"study\.yaml"):
        status(tmp_path)


def test_plan_measures_and_writes_nothing(study_file, tmp_path, trained):
    fresh = Study.load(study_file).plan(out=tmp_path / "fresh", workers=2)
    assert (fresh.trainings, fresh.done, fresh.workers) == (6, 0, 2)
    assert 1 <= fresh.packs <= 6
    assert 0 < fresh.minutes < 5
    assert 0 < fresh.disk_mb < 100
    assert 0 < fresh.memory_mb < 8_000
    differences = [fresh.detectable[n] for n in sorted(fresh.detectable)]
    assert differences == sorted(differences, reverse=True), "more seeds find smaller differences"
    assert all(0 < d < 1 for d in differences)
    assert not (tmp_path / "fresh").exists()
    done = Study.load(study_file).plan(out=trained.study_dir, workers=2)
    assert (done.trainings, done.done, done.packs) == (0, 6, 0)
