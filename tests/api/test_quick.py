"""From a folder of pictures to a report: what is written, what goes on, what stops, what is refused."""

from __future__ import annotations

import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from squares import CLASSES, pictures

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))

from bakeoff import api
from bakeoff.api.quickly import comparison, measure, roster
from bakeoff.api.quickly.roster import SCRATCH, scratch_model
from bakeoff.api.quickly.steps import exported, next_steps
from bakeoff.errors import DataError, UsageError
from bakeoff.fleet.executors import InlineExecutor
from bakeoff.models import build, totals
from bakeoff.study import Study

SECONDS_A_PACK = 0.5


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    """Nothing is measured, no backbone, searches in this process."""
    monkeypatch.setattr(measure, "calibrate", lambda packs, *_: {pack.id: SECONDS_A_PACK for pack in packs})
    monkeypatch.setattr(comparison, "packaged_weights", lambda: None)
    monkeypatch.setattr("bakeoff.api.searching.choose_executor", lambda data, *_: InlineExecutor(data))
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))


def photos(folder: Path, *, count: int = 36, side: int = 12, seed: int = 0) -> Path:
    """<class>/picture, bars as in `squares`."""
    images, labels = pictures(count, side=side, channels=3, seed=seed)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / CLASSES[label] / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.transpose(1, 2, 0)).save(path)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return photos(tmp_path_factory.mktemp("photos") / "bars")


def small(folder, out, **options):
    return api.quick(folder, minutes=1, out=out, workers=2, **options)


@pytest.fixture(scope="module")
def found(made, tmp_path_factory):
    """A quick comparison. Read its folder, do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "calibrate", lambda packs, *_: {pack.id: SECONDS_A_PACK for pack in packs})
        patch.setattr(comparison, "packaged_weights", lambda: None)
        return small(made, tmp_path_factory.mktemp("quick") / "out")


@pytest.fixture
def copied(found, tmp_path) -> Path:
    return Path(shutil.copytree(found.outcome.study_dir, tmp_path / "copied"))


def test_it_trains_and_judges_the_roster(found):
    results = found.outcome.results
    assert {entry.name for entry in results.entries} == set(SCRATCH)
    assert {len(entry.seeds) for entry in results.entries} == {3}
    assert results.dataset.name == "bars"
    assert found.outcome.report.exists()
    assert not found.time_up


def test_the_study_file_is_an_ordinary_one(found, made):
    text = found.file.read_text()
    written = yaml.safe_load(text)
    assert written["data"] == {"folder": str(made), "size": 12, "on_error": "skip"}
    epochs = written["recipes"]["scratch"]["epochs"]
    assert 3 <= epochs <= 60
    assert f"# 3 seeds, {epochs} epochs" in text
    study = Study.load(found.file)
    outcome = api.run_study(study, out=found.outcome.study_dir)
    assert (outcome.trained, outcome.reused) == (0, 12)


def test_what_was_said_begins_with_what_was_found(found):
    assert "36 pictures in 3 classes of 12 each" in found.notes[0]
    assert any("pip install 'bakeoff[pretrained]'" in note for note in found.notes)


def test_the_best_entry_is_exported_and_answers(found, made):
    assert found.best == found.outcome.study_dir / found.outcome.results.entries[0].name
    assert found.model.with_name("certificate.json").exists()
    assert found.steps == [f"bakeoff predict {found.model} photo.jpg"]
    picture = next((made / "left").iterdir())
    (answer,) = api.predict(found.model, picture)
    assert answer.error is None


def test_what_cannot_be_exported_is_said_and_leaves_the_commands(copied, monkeypatch):
    def missing(*_):
        raise UsageError("this needs onnx, which is not installed: pip install 'bakeoff[onnx]'")

    monkeypatch.setattr("bakeoff.api.quickly.steps.export", missing)
    shutil.rmtree(copied / "exported")
    best, said = copied / "cnn", []
    assert exported(best, said.append) is None
    assert "pip install 'bakeoff[onnx]'" in said[0]
    assert [step.split()[:3] for step in next_steps(best, None)] == [
        ["bakeoff", "export", str(best)],
        ["bakeoff", "predict", str(best)],
    ]


def test_a_folder_with_a_blank_is_quoted():
    assert next_steps(Path("my photos/cnn"), None)[1] == "bakeoff predict 'my photos/cnn' photo.jpg"


def test_again_it_goes_on_with_the_same_settings(copied, made):
    before = (copied / "quick.yaml").read_text()
    again = small(made, copied)
    assert (again.outcome.trained, again.outcome.reused) == (0, 12)
    assert (copied / "quick.yaml").read_text() == before
    assert any("goes on with the settings of" in note for note in again.notes)


def test_more_seeds_train_the_difference(copied, made):
    again = small(made, copied, seeds=4)
    assert (again.outcome.trained, again.outcome.reused) == (4, 12)


def test_changed_pictures_train_anew_and_it_is_said(copied, made, tmp_path):
    changed = Path(shutil.copytree(made, tmp_path / "photos" / "bars"))
    text = (copied / "quick.yaml").read_text().replace(str(made), str(changed))
    (copied / "quick.yaml").write_text(text.replace("seeds: 3", "seeds: 1"))
    next((changed / "left").iterdir()).unlink()
    again = small(changed, copied)
    assert again.outcome.trained == 4
    assert any("pictures have changed" in note for note in again.notes)


@contextmanager
def _stopped_at_once(_until=None):
    stop = threading.Event()
    stop.set()
    yield stop


def test_when_the_time_is_up_what_is_finished_is_judged(copied, made, monkeypatch):
    text = (copied / "quick.yaml").read_text()
    (copied / "quick.yaml").write_text(text.replace("seeds: 3", "seeds: 5"))
    monkeypatch.setattr("bakeoff.api.running.stop_on_signal", _stopped_at_once)
    cut = api.quick(made, minutes=0, out=copied)
    assert cut.time_up
    assert not cut.outcome.stopped
    assert {len(entry.seeds) for entry in cut.outcome.results.entries} == {3}
    assert cut.best
    assert cut.model is None
    assert f"{cut.best} is not exported: too little time was left; bakeoff export {cut.best}" in cut.notes[-1]


def test_when_the_time_is_up_in_the_search_the_entries_are_judged(copied, made, monkeypatch):
    with (copied / "quick.yaml").open("a") as file:
        file.write("searches: {tuned: {entry: linear, strategy: grid, over: {lr: [0.01, 0.1]}}}\n")
    monkeypatch.setattr("bakeoff.api.running.stop_on_signal", _stopped_at_once)
    cut = api.quick(made, minutes=0, out=copied)
    assert cut.time_up
    assert {entry.name for entry in cut.outcome.results.entries} == set(SCRATCH)
    monkeypatch.undo()
    monkeypatch.setattr("bakeoff.api.searching.choose_executor", lambda data, *_: InlineExecutor(data))
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
    whole = small(made, copied)
    assert {entry.name for entry in whole.outcome.results.entries} == {*SCRATCH, "tuned-1"}
    assert (whole.outcome.trained, whole.outcome.reused) == (3, 12)


def test_when_the_time_is_up_before_anything_is_finished(copied, made, monkeypatch):
    shutil.rmtree(copied / "runs")
    monkeypatch.setattr("bakeoff.api.running.stop_on_signal", _stopped_at_once)
    cut = api.quick(made, minutes=0, out=copied)
    assert (cut.time_up, cut.outcome.results, cut.best, cut.steps) == (True, None, None, [])


@pytest.mark.parametrize("minutes", [-1, float("nan"), float("inf")])
def test_minutes_that_are_none_are_refused(made, tmp_path, minutes):
    with pytest.raises(UsageError, match="expected a number of minutes"):
        api.quick(made, minutes=minutes, out=tmp_path / "out")


def test_ctrl_c_is_not_the_time(copied, made, monkeypatch):
    shutil.rmtree(copied / "runs")
    monkeypatch.setattr("bakeoff.api.running.stop_on_signal", _stopped_at_once)
    cut = api.quick(made, minutes=100, out=copied)
    assert cut.outcome.stopped
    assert not cut.time_up


def test_a_pretrained_head_with_a_search_takes_part(made, tmp_path, monkeypatch):
    monkeypatch.undo()  # the packaged weights, after all
    monkeypatch.setattr(measure, "calibrate", lambda packs, *_: {pack.id: SECONDS_A_PACK for pack in packs})
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    monkeypatch.setattr(roster, "BACKBONE_SIDE", 32)
    monkeypatch.setattr(roster, "HEAD_EPOCHS", 2)
    monkeypatch.setattr(roster, "OVER", {"lr": [0.003, 0.01]})
    monkeypatch.setattr("bakeoff.api.quickly.fit.MOST_EPOCHS", 3)
    monkeypatch.setattr("bakeoff.api.searching.choose_executor", lambda data, *_: InlineExecutor(data))
    found = api.quick(made, minutes=20, out=tmp_path / "out", seeds=1, workers=1)
    results = found.outcome.results
    assert {entry.name for entry in results.entries} == {*SCRATCH, "pretrained", "tuned-1"}
    assert {entry.epochs.mean for entry in results.entries if entry.name in SCRATCH} == {3}
    assert (found.outcome.trained, found.outcome.reused) == (6, 0)
    (search,) = results.searches
    assert search.trials == 2 * 3  # of three folds
    assert {f.entry for f in results.findings if f.code == "BK008" and f.status == "found"} == {"pretrained", "tuned-1"}


def test_too_many_pictures_for_the_time_are_drawn_from(made, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "calibrate", lambda packs, *_: {pack.id: 6.0 for pack in packs})
    found = small(made, tmp_path / "out", seeds=1)
    written = yaml.safe_load(found.file.read_text())
    assert written["data"]["at_most"] == 18
    assert found.outcome.results.dataset.train_examples + found.outcome.results.dataset.test_examples <= 18
    assert any("18 of the 36 pictures are used" in note for note in found.notes)


def test_pictures_that_are_slow_to_read_are_drawn_from(made, monkeypatch):
    monkeypatch.setattr(measure, "decode_seconds", lambda *_: 4.0)
    monkeypatch.setattr(measure, "cores", lambda: 4)
    assert measure.readable_in(60, made, 12, 36) == 12
    assert measure.readable_in(600, made, 12, 36) is None


def test_a_folder_with_few_of_a_class(tmp_path):
    """A class of three: one picture to train on, one to choose, one to test."""
    folder = photos(tmp_path / "few", count=30)
    (folder / "rare").mkdir()
    for i in range(3):
        noise = np.random.default_rng(i).integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / "rare" / f"{i}.png")
    (folder / "rare" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    found = small(folder, tmp_path / "out", seeds=1)
    assert {c.name: c.support for c in found.outcome.results.entries[0].classes}["rare"] == 1
    assert any("few pictures: left, middle, rare and right" in note for note in found.notes)
    assert any("rare/broken.jpg" in note for note in found.notes)


def test_an_out_among_the_pictures_is_refused(made):
    with pytest.raises(UsageError, match="lies among the pictures"):
        api.quick(made, out=made / "out")


def test_an_out_of_another_folder_or_study_is_refused(copied, made, tmp_path):
    other = photos(tmp_path / "other", count=12)
    with pytest.raises(UsageError, match=r"quick.yaml is about .*bars; give another --out"):
        small(other, copied)
    (copied / "quick.yaml").unlink()
    with pytest.raises(UsageError, match="holds another study"):
        small(made, copied)


def test_a_folder_that_nothing_can_be_made_of_leaves_nothing(tmp_path):
    photos(tmp_path / "two", count=6)
    with pytest.raises(DataError, match="every class needs 3"):
        small(tmp_path / "two", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("side", [8, 12, 16, 28, 32, 48, 49, 64, 96])
@pytest.mark.parametrize("name", SCRATCH)
def test_every_net_fits_every_side(name, side):
    for channels in (1, 3):
        counted = totals(build(scratch_model(name, side), input_shape=(channels, side, side), classes=7))
        assert 0 < counted.parameters < 8_000_000
