"""A study of several datasets, from its file to the overview: what trains, what is left, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from squares import ENTRIES, write_squares, write_study

from bakeoff.api import Across, Study, opened_across, redraw_across, status_across
from bakeoff.errors import DataError, StoreError, UsageError
from bakeoff.fleet.executors import InlineExecutor
from bakeoff.judge.across_results import AcrossResults
from bakeoff.study import Study as Plain

TWO = {name: ENTRIES[name] for name in ("linear", "mlp")}


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sets")
    return [write_squares(folder / name, seed=i) for i, name in enumerate(("one.npz", "two.npz"))]


@pytest.fixture(scope="module")
def several(places) -> Path:
    """linear and mlp, two seeds, on two datasets."""
    file = write_study(places[0].with_name("several.yaml"), places[0], TWO, epochs=1)
    file.write_text(file.read_text().replace(f"data: '{places[0]}'", f"data: ['{places[0]}', {{path: '{places[1]}'}}]"))
    return file


@pytest.fixture(scope="module")
def ran(several, tmp_path_factory):
    """With real reports: module fixtures are made before `_quick`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        return Across.load(several).run(out=tmp_path_factory.mktemp("ran") / "squares", workers=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Trained in this process; and but for `ran`, a dataset's report is a word: figures take seconds."""
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    monkeypatch.setattr("bakeoff.api.running.write_report", write_report)


def test_each_dataset_is_an_ordinary_study_and_one_overview_stands_above(ran, places, several):
    assert list(ran.parts) == ["one", "two"]
    assert [(p.trained, p.failed, p.stopped) for p in ran.parts.values()] == [(4, [], False)] * 2
    assert ran.report == ran.study_dir / "report.html"
    for label, place in zip(ran.parts, places, strict=True):
        assert (ran.study_dir / label / "report.html").stat().st_size > 10_000
        alone = Plain.load(several, overrides=[f"data='{place}'"])
        assert Plain.load(ran.study_dir / label / "study.yaml").entries == alone.entries
    read = AcrossResults.model_validate(json.loads((ran.study_dir / "results.json").read_text()))
    assert read == ran.results
    assert [d.folder for d in read.datasets] == ["one", "two"]
    for dataset, part in zip(read.datasets, ran.parts.values(), strict=True):
        means = {e.name: e.test_accuracy.mean for e in part.results.entries}
        assert {name: score.mean for name, score in dataset.accuracy.items()} == means
        assert dataset.answer == part.results.answer
    assert {p.verdict for p in read.pairs} == {"described"}


def test_the_overview_leads_to_the_reports(ran):
    page = ran.report.read_text()
    for label in ran.parts:
        assert f'href="{label}/report.html"' in page
        assert (ran.study_dir / label / "report.html").is_file()
    assert "<script" not in page
    text = (ran.study_dir / "report.md").read_text()
    assert all(f"]({'<'}{label}/report.md>)" in text for label in ran.parts)
    assert (ran.study_dir / "tables" / "ranks.csv").read_text().startswith("entry,average_rank,first\n")


def test_a_second_run_trains_nothing_and_a_new_seed_only_itself(ran, several, tmp_path):
    folder = Path(shutil.copytree(ran.study_dir, tmp_path / "again"))
    again = Across.load(several).run(out=folder, workers=1)
    assert [(p.trained, p.reused) for p in again.parts.values()] == [(0, 4)] * 2
    assert again.results == ran.results
    more = Across.load(several, seeds=3).run(out=folder, workers=1)
    assert [(p.trained, p.reused) for p in more.parts.values()] == [(2, 4)] * 2


def test_status_and_report_of_the_folder(ran, tmp_path):
    folder = Path(shutil.copytree(ran.study_dir, tmp_path / "copy"))
    across = opened_across(folder)
    found = status_across(across, folder)
    assert {label: [(e.done, e.missing) for e in one.entries] for label, one in found.items()} == {
        "one": [(2, 0)] * 2, "two": [(2, 0)] * 2,
    }  # fmt: skip
    (folder / "report.html").unlink()
    assert redraw_across(across, folder).report == folder / "report.html"
    assert json.loads((folder / "results.json").read_text()) == ran.results.model_dump(mode="json")
    shutil.rmtree(folder / "two")
    assert status_across(across, folder)["two"] is None
    redraw_across(across, folder)
    assert json.loads((folder / "results.json").read_text())["left_out"] == ["two has no results yet"]
    shutil.rmtree(folder / "one")
    with pytest.raises(StoreError, match="no finished run yet on one and two"):
        redraw_across(across, folder)
    assert opened_across(ran.study_dir / "one") is None


def test_plan_counts_each_dataset_and_writes_nothing(several, tmp_path, monkeypatch):
    monkeypatch.setattr("bakeoff.api.planning.calibrate", lambda packs, *_: {pack.id: 60.0 for pack in packs})
    plans = Across.load(several).plan(out=tmp_path / "plan", workers=1)
    assert {label: plan.trainings for label, plan in plans.items()} == {"one": 4, "two": 4}
    assert not (tmp_path / "plan").exists()


def test_stopped_in_the_first_dataset_goes_on_there(several, tmp_path, monkeypatch):
    calls = []

    def stops(study, **options):
        outcome = run_study(study, **options)
        calls.append(options["out"].name)
        return outcome if len(calls) > 1 else outcome.__class__(outcome.study_dir, None, None, 0, 0, stopped=True)

    from bakeoff.api.across import run_study

    monkeypatch.setattr("bakeoff.api.across.run_study", stops)
    first = Across.load(several).run(out=tmp_path / "out", workers=1)
    assert (first.stopped, first.results, calls) == (True, None, ["one"])
    second = Across.load(several).run(out=tmp_path / "out", workers=1)
    assert (second.stopped, calls) == (False, ["one", "one", "two"])
    assert [p.trained for p in second.parts.values()] == [0, 4]


def test_data_that_is_missing_is_told_before_anything_trains(several, tmp_path):
    file = tmp_path / "missing.yaml"
    file.write_text(several.read_text().replace("two.npz", "three.npz"))
    with pytest.raises(DataError, match=r"three\.npz: no such file"):
        Across.load(file).run(out=tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def test_the_same_pictures_twice_are_refused(several, places, tmp_path):
    shutil.copy(places[0], tmp_path / "same.npz")
    file = tmp_path / "same.yaml"
    file.write_text(several.read_text().replace(str(places[1]), str(tmp_path / "same.npz")))
    with pytest.raises(UsageError, match="one and same hold the same pictures"):
        Across.load(file).run(out=tmp_path / "out", workers=1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("[fashion-mnist]", r":3: data: a list of 2 to 100 datasets"),
        ("[fashion-mnist, fashion-mnist]", r":3: data\.1: the same dataset a second time"),
        ("[fashion-mnist, {name: cifar10, siz: 3}]", r":3: data\.1\.siz: unknown key; did you mean 'size'\?"),
        ("[fashion-mnist, [cifar10]]", r":3: data\.1: expected one dataset here"),
    ],
)
def test_mistakes_are_named_with_their_line(several, tmp_path, data, words):
    lines = several.read_text().splitlines()
    lines[2] = f"data: {data}"
    file = tmp_path / "wrong.yaml"
    file.write_text("\n".join(lines))
    with pytest.raises(UsageError, match=words):
        Across.load(file)


def test_claims_belong_to_one_dataset(several, tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(several.read_text() + "claims: [{entry: mlp, metric: test_accuracy, reported: 0.9}]\n")
    with pytest.raises(UsageError, match="a claim is about one dataset"):
        Across.load(file)


def test_one_dataset_is_no_list_and_a_list_is_not_one_dataset(study_file, several):
    assert Across.load(study_file) is None
    with pytest.raises(UsageError, match=r"data: expected one dataset here; a list of them is for plan, run"):
        Study.load(several)


def test_labels_of_like_names_are_numbered(several, tmp_path):
    file = tmp_path / "labels.yaml"
    lines = several.read_text().splitlines()
    lines[2] = f"data: ['{tmp_path}/x/my set.npz', '{tmp_path}/y/my set.npz', fashion-mnist]"
    file.write_text("\n".join(lines))
    assert list(Across.load(file).specs) == ["my-set", "my-set-2", "fashion-mnist"]
