"""`import`: a stranger's file becomes an entry that is judged, trained on, compared and asked."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from foreign import as_tensorflow, exported, home, net, taught, unit
from PIL import Image
from squares import CLASSES, pictures, write_squares, write_study

from bakeoff.api import Import, Study, compare_all, export, import_model, predict, redraw
from bakeoff.data.kept import keep
from bakeoff.errors import DataError, UsageError
from bakeoff.judge import Results
from bakeoff.judge.results import EntryResult

pytestmark = pytest.mark.usefixtures("undrawn")
"""The report is drawn once, by the fixture of the module."""
FIXED = ("entries.their-net.model.onnx.pixels=unit", "entries.their-net-tuned.model.onnx.pixels=unit")
"""So easy a task does not tell 0..1 from its neighbours; what is tested here is what comes after."""


@dataclass
class Brought:
    folder: Path
    file: Path
    data: Path
    found: Import

    @property
    def results(self) -> Results:
        assert self.found.outcome.results is not None
        return self.found.outcome.results

    def entry(self, name: str) -> EntryResult:
        return next(e for e in self.results.entries if e.name == name)


@pytest.fixture(scope="module", autouse=True)
def home_of_files(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAKEOFF_DATA", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def brought(tmp_path_factory) -> Brought:
    """A net that is half trained, taken in, trained on, and set beside a study of ours."""
    folder = tmp_path_factory.mktemp("import")
    data = write_squares(folder / "squares.npz")
    narrow = {"narrow": "{model: {mlp: {hidden: [3]}}, recipe: plain}"}
    ours = write_study(folder / "ours.yaml", data, narrow, seeds="3", epochs=1)
    Study.load(ours).run(out=folder / "ours", workers=1)
    file = exported(taught(net(), unit, steps=6), folder / "their net.onnx", (1, 8, 8))
    found = import_model(
        file, data, out=folder / "run", fine_tune=6, beside=folder / "ours", overrides=FIXED, workers=1
    )
    return Brought(folder, file, data, found)


def test_it_scores_what_it_scores_at_home(brought):
    images, labels = pictures(90, seed=1000)
    logits = home(brought.file, unit(images))
    entry = brought.entry("their-net")
    assert entry.test_accuracy.values == [pytest.approx((logits.argmax(1) == labels).mean(), abs=1e-12)]
    (key,) = entry.run_keys
    with np.load(brought.found.outcome.study_dir / "runs" / key / "test.sealed.npz") as sealed:
        np.testing.assert_array_equal(sealed["logits"].argmax(1), logits.argmax(1))
        np.testing.assert_allclose(sealed["logits"], logits, rtol=1e-4, atol=1e-5)


def test_as_it_is_one_seed_and_trained_on_three(brought):
    as_it_is, tuned = brought.entry("their-net"), brought.entry("their-net-tuned")
    assert (as_it_is.seeds, tuned.seeds) == ([0], [0, 1, 2])
    assert (as_it_is.epochs.mean, tuned.epochs.mean) == (0, 6)
    assert (as_it_is.trainable, tuned.trainable) == (0, tuned.parameters)
    assert tuned.test_accuracy.mean > as_it_is.test_accuracy.mean + 0.05


def test_all_that_reads_it_says_where_it_is_from(brought):
    kept = keep(brought.file)
    for name, as_it_is in (("their-net", True), ("their-net-tuned", False)):
        told = brought.entry(name).imported
        assert (told.file, told.sha256, told.as_it_is) == ("their net.onnx", kept.sha256, as_it_is)
    found = [f for f in brought.results.findings if f.code == "BK026"]
    assert {f.entry for f in found if f.status == "found"} == {"their-net", "their-net-tuned"}
    assert "What their-net-tuned learned from before is not known" in brought.results.answer
    received = {one.entry: one for one in brought.results.fairness.received}
    assert (received["their-net"].flops_training, brought.entry("their-net").targets) == (0, [])
    assert received["their-net"].pretrained == "their net.onnx, of unknown training"
    assert any("their costs do not compare" in note for note in brought.results.fairness.notes)
    assert any("one model, in which no seed plays a part" in sentence for sentence in brought.results.methods)
    page = (brought.found.outcome.study_dir / "report.html").read_text()
    assert f"imported from their net.onnx (SHA-256 {kept.sha256}), not trained here" in page


def test_the_notes_say_what_was_taken_for_granted(brought):
    assert brought.found.brought.notes == ["its 3 values are taken for the classes of squares in their order"]
    assert brought.found.brought.tried[0].pictures > 100


def test_it_stands_beside_ours_with_a_verdict(brought):
    results = brought.found.comparison.results
    assert {e.name for e in results.entries} == {"their-net", "their-net-tuned", "narrow"}
    pairs = {frozenset((p.a, p.b)): p for p in results.pairs}
    against = pairs[frozenset(("their-net", "narrow"))]
    assert against.recipes is not None
    assert against.checkpoints is not None
    assert against.recipes.variance_seeds > 0
    assert f"{against.b} by" in against.sentence or "level" in against.sentence


def test_one_model_against_seeds_is_the_plain_interval_of_its_difference(brought):
    """By NumPy: the variance over pictures of the mean difference, plus that over the other's seeds alone."""
    pair = compare_all([brought.folder / "run/their-net", brought.folder / "ours/narrow"]).results.pairs[0]
    right = {}
    for name, folder in (("their-net", "run"), ("narrow", "ours")):
        keys = json.loads((brought.folder / folder / "results.json").read_text())["entries"]
        runs = next(e for e in keys if e["name"] == name)["run_keys"]
        tables = [np.load(brought.folder / folder / "runs" / key / "test.sealed.npz") for key in runs]
        right[name] = np.stack([t["logits"].argmax(1) == t["labels"] for t in tables]).astype(float)
    difference = right[pair.a].mean(0) - right[pair.b].mean(0)
    assert pair.recipes.variance_images == pytest.approx(difference.var(ddof=1) / 90)
    assert pair.recipes.variance_seeds == pytest.approx(right["narrow"].mean(1).var(ddof=1) / 3)


def test_the_same_import_again_trains_nothing_and_another_is_refused(brought):
    spelled = os.path.relpath(brought.data)
    again = import_model(brought.file, spelled, out=brought.folder / "run", fine_tune=6, overrides=FIXED, workers=1)
    assert (again.outcome.trained, again.outcome.reused) == (0, 4)
    with pytest.raises(UsageError, match="holds another study, or this file with other settings"):
        import_model(brought.file, brought.data, out=brought.folder / "run", fine_tune=7, overrides=FIXED)


def test_nothing_is_lost_if_the_file_and_the_machine_s_copy_are(brought, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(brought.folder / "run", tmp_path / "run"))
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "empty"))
    assert next((folder / "kept").glob("*/*")).read_bytes() == brought.file.read_bytes()
    (folder / "results.json").unlink()
    redraw(folder)
    assert json.loads((folder / "results.json").read_text())["entries"] == [
        entry.model_dump(mode="json") for entry in brought.results.entries
    ]


def test_it_answers_photos_and_leaves_again_with_a_certificate(brought, tmp_path):
    images, labels = pictures(6, seed=1000)
    for i, image in enumerate(images):
        Image.fromarray(image[0]).save(tmp_path / f"{i}.png")
    files = [tmp_path / f"{i}.png" for i in range(6)]
    said = [answer.guesses[0].label for answer in predict(brought.folder / "run/their-net-tuned", files)]
    assert said == [CLASSES[label] for label in labels]
    for name in ("their-net", "their-net-tuned"):
        (done,) = export(brought.folder / "run" / name, "onnx", tmp_path / name)
        assert done.certificate.agreement == 1.0
        assert done.certificate.accuracy == pytest.approx(brought.entry(name).test_accuracy.values[0])
    ours = [a.guesses[0].label for a in predict(tmp_path / "their-net/onnx/model.onnx", files)]
    theirs = [CLASSES[k] for k in home(brought.file, unit(images)).argmax(1)]
    assert ours == theirs
    with pytest.raises(UsageError, match="a file of others comes in by `bakeoff import`"):
        list(predict(brought.file, files))


def test_what_we_exported_comes_back_by_its_own_notes(brought, tmp_path):
    (done,) = export(brought.folder / "run/their-net-tuned", "onnx-nhwc", tmp_path / "out")
    back = import_model(done.path, brought.data, out=tmp_path / "back", workers=1)
    (entry,) = back.outcome.results.entries
    assert entry.test_accuracy.mean == pytest.approx(done.certificate.accuracy)
    assert (back.brought.arguments["layout"], back.brought.arguments["columns"]) == ("nhwc", (0, 1, 2))


def test_what_we_exported_goes_on_to_other_classes(brought, tmp_path):
    (done,) = export(brought.folder / "run/their-net-tuned", "onnx", tmp_path / "out")
    with np.load(brought.data) as arrays:
        others = {**arrays, "classes": np.array(["east", "north", "west"])}
    data = tmp_path / "others.npz"
    np.savez(data, **others)
    with pytest.raises(UsageError, match=r"has no class 'east' of others; name the values.*--labels.*--fine-tune"):
        import_model(done.path, data, out=tmp_path / "none")
    found = import_model(done.path, data, fine_tune=8, out=tmp_path / "run", name="own", workers=1,
                         overrides=["entries.own-tuned.recipe.lr=0.05"])  # fmt: skip
    (entry,) = found.outcome.results.entries
    assert (entry.name, entry.trainable) == ("own-tuned", 16 * 3 + 3)
    assert entry.test_accuracy.mean > 0.9
    named = import_model(done.path, data, labels=["east", "north", "west"], out=tmp_path / "named", workers=1)
    assert named.brought.arguments["columns"] == (0, 1, 2)


def test_a_file_as_tensorflow_writes_it_with_labels(brought, tmp_path):
    file = as_tensorflow(taught(net(), unit, order=(1, 2, 0)), tmp_path / "tf.onnx", batch=1, sides=False)
    labels = tmp_path / "labels.txt"
    labels.write_text("Right\nLEFT\nmiddle\n")
    with pytest.raises(UsageError, match=r"another order.*--labels 'right,left,middle'"):
        import_model(file, brought.data, out=tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    names = ["Right", "LEFT", "middle"]
    found = import_model(file, brought.data, labels=names, out=tmp_path / "run", workers=1)
    assert import_model(file, brought.data, labels=labels, out=tmp_path / "run").outcome.reused == 1
    arguments = found.brought.arguments
    assert (arguments["layout"], arguments["gives"], arguments["columns"]) == ("nhwc", "probabilities", (1, 2, 0))
    images, truth = pictures(90, seed=1000)
    answers = np.array([2, 0, 1])[home(file, unit(images).transpose(0, 2, 3, 1)).argmax(1)]
    found_accuracy = found.outcome.results.entries[0].test_accuracy.mean
    assert found_accuracy == pytest.approx((answers == truth).mean(), abs=0.02)


def test_other_classes_need_labels_or_a_new_last_layer(brought, tmp_path):
    module = taught(net(), unit)
    module[-1] = __import__("torch").nn.Linear(16, 5)
    file = exported(module, tmp_path / "five.onnx", (1, 8, 8))
    with pytest.raises(UsageError, match=r"gives 5 values a picture, squares has 3 classes.*--labels.*--fine-tune"):
        import_model(file, brought.data, out=tmp_path / "none")
    with pytest.raises(UsageError, match=r"--labels: none of them is the class 'left'; did you mean 'loft'"):
        import_model(file, brought.data, labels="loft,middle,right,a,b", out=tmp_path / "none")
    with pytest.raises(UsageError, match=r"--labels: 2 names for the 5 values that five.onnx gives"):
        import_model(file, brought.data, labels="left,middle", out=tmp_path / "none")
    found = import_model(file, brought.data, fine_tune=8, out=tmp_path / "run", workers=1,
                         overrides=["entries.five-tuned.recipe.lr=0.05"])  # fmt: skip
    (entry,) = found.outcome.results.entries
    assert entry.name == "five-tuned"
    assert entry.trainable == 16 * 3 + 3
    assert entry.test_accuracy.mean > 0.9


def test_what_cannot_be_done_is_said_before_anything_is_written(brought, tmp_path):
    with pytest.raises(UsageError, match=r"net.h6: expected a file whose name ends in .*\.onnx"):
        import_model(tmp_path / "net.h6", brought.data)
    with pytest.raises(DataError, match=r"none.onnx: no such file"):
        import_model(tmp_path / "none.onnx", brought.data, out=tmp_path / "out")
    other = write_squares(tmp_path / "other.npz", seed=9)
    with pytest.raises(UsageError, match="was tested on other pictures"):
        import_model(brought.file, other, out=tmp_path / "out", beside=brought.folder / "ours", overrides=FIXED[:1])
    assert not (tmp_path / "out").exists()


def test_by_hand_in_a_study_file(brought, tmp_path):
    theirs = tmp_path / "net.onnx"
    theirs.write_bytes(brought.file.read_bytes())
    entry = f"{{model: {{onnx: {{file: '{theirs}'}}}}, recipe: {{epochs: 0}}}}"
    file = write_study(tmp_path / "study.yaml", brought.data, {"theirs": entry}, seeds="2")
    study = Study.load(file)
    with pytest.raises(UsageError, match=r"entries\.theirs: nothing of this file trains: write epochs: 0"):
        Study.load(file, overrides=["entries.theirs.recipe.epochs=2"])
    theirs.unlink()
    (found,) = study.run(out=tmp_path / "run", workers=1).results.entries
    assert found.test_accuracy.mean == pytest.approx(brought.entry("their-net").test_accuracy.mean)
    with pytest.raises(UsageError, match=r"study.yaml:9: entries.theirs.model.onnx.file: .*net.onnx: no such file"):
        Study.load(file)
