"""Export and predict from the command line, from a trained study to answers."""

from __future__ import annotations

import csv
import io
import json
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from bakeoff import export as api_export
from bakeoff import load_dataset
from bakeoff import predict as api_predict
from bakeoff.errors import UsageError
from bakeoff.judge.temperature import fit_temperature
from bakeoff.runs import load_run
from bakeoff.runs.ledger import looks
from bakeoff.ship.card import Card


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """The study's linear entry as ONNX and as safetensors."""
    out = tmp_path_factory.mktemp("exported")
    return out, api_export(trained / "linear", ["onnx", "safetensors"], out)


@pytest.fixture(scope="module")
def photos(data, tmp_path_factory):
    """The first ten test pictures as files, and the dataset."""
    folder, dataset = tmp_path_factory.mktemp("photos"), load_dataset(data)
    for i, x in enumerate(dataset.test.images[:10].numpy()):
        Image.fromarray(x[0] if len(x) == 1 else x.transpose(1, 2, 0)).save(folder / f"{i}.png")
    return folder, dataset


def test_export_says_what_the_certificate_holds(bakeoff, trained, tmp_path):
    said = bakeoff("export", trained / "linear", "--to", "safetensors", "--out", tmp_path / "x")
    assert said.code == 0
    certificate = json.loads((tmp_path / "x/safetensors/certificate.json").read_text())
    assert said.out.startswith("safetensors: all ")
    assert f"accuracy {certificate['accuracy']:.2%}" in said.out
    assert str(tmp_path / "x/safetensors/model.safetensors") in said.out
    again = bakeoff("export", trained / "linear", "--to", "safetensors", "--out", tmp_path / "x", "--json")
    assert again.code == 2
    assert "is already there" in again.err


def test_the_certificate_is_of_the_run_that_the_report_judged(trained, exported):
    _, done = exported
    results = json.loads((trained / "results.json").read_text())
    entry = next(entry for entry in results["entries"] if entry["name"] == "linear")
    for one in done:
        certificate = one.certificate
        assert certificate.run_key == entry["run_keys"][0]
        assert certificate.seed == min(entry["seeds"])
        assert certificate.accuracy == pytest.approx(entry["test_accuracy"]["values"][0])
        assert (certificate.agreement, certificate.trained_difference < 1e-4) == (1.0, True)


def test_exporting_what_was_judged_is_no_new_look(trained, exported):
    _, done = exported
    keys = [look["run"] for look in looks(trained / "ledger.jsonl")]
    assert keys.count(done[0].certificate.run_key) == 1


def test_onnx_runs_without_us(exported, photos, trained):
    out, done = exported
    _, dataset = photos
    x = dataset.test.images[:10].numpy()
    session = onnxruntime.InferenceSession(out / "onnx/model.onnx", providers=["CPUExecutionProvider"])
    probabilities, logits = session.run(["probabilities", "logits"], {"pictures": x})
    run = load_run(trained / "runs" / done[0].certificate.run_key)
    temperature = fit_temperature(run.validation_logits, run.validation_labels)
    shifted = np.exp(logits.astype(float) / temperature)
    np.testing.assert_allclose(probabilities, shifted / shifted.sum(1, keepdims=True), atol=1e-5)
    notes = onnx.load(out / "onnx/model.onnx").metadata_props
    told = {note.key: json.loads(note.value) for note in notes if note.key in Card.model_fields}
    assert told["classes"] == list(dataset.classes)
    assert told["temperature"] == pytest.approx(temperature)
    assert told["input_shape"] == list(dataset.shape)
    assert (told["study"], told["entry"], told["run_key"]) == ("squares", "linear", run.key)


def test_a_run_its_onnx_and_its_safetensors_answer_alike(bakeoff, trained, exported, photos):
    out, _ = exported
    folder, dataset = photos
    files = [out / "onnx/model.onnx", out / "safetensors/model.safetensors", trained / "linear"]
    found = [json.loads(bakeoff("predict", file, folder, "--json", "--top", 3).out) for file in files]
    assert all(len(answers) == 10 for answers in found)
    for answers in zip(*found, strict=True):
        assert len({answer["file"] for answer in answers}) == 1
        for guesses in zip(*(answer["guesses"] for answer in answers), strict=True):
            assert len({guess["class"] for guess in guesses}) == 1
            assert guesses[0]["confidence"] == pytest.approx(guesses[1]["confidence"], abs=1e-5)
    assert found[0][0]["guesses"][0]["class"] in dataset.classes


def test_predict_for_people_and_for_spreadsheets(bakeoff, exported, photos, tmp_path):
    out, _ = exported
    folder, _ = photos
    hostile = tmp_path / "=cmd()\x1b[31m.png"
    hostile.write_bytes((folder / "0.png").read_bytes())
    plain = bakeoff("predict", out / "onnx/model.onnx", folder / "0.png", hostile)
    assert plain.code == 0
    assert plain.out.splitlines()[0].startswith(f"{folder / '0.png'}: ")
    assert "\x1b" not in plain.out
    assert "2 pictures in" in plain.err
    rows = bakeoff("predict", out / "onnx/model.onnx", folder / "0.png", hostile, "--csv", "--top", 2).out
    first, second = csv.DictReader(io.StringIO(rows))
    assert list(first) == ["file", "class", "confidence", "class_2", "confidence_2", "unlike", "error"]
    assert float(first["confidence"]) >= float(first["confidence_2"])
    assert "\x1b" not in second["file"]


def test_names_come_from_standard_input(bakeoff, exported, photos, monkeypatch):
    out, _ = exported
    folder, _ = photos
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{folder / '3.png'}\n{folder / '1.png'}\n"))
    found = json.loads(bakeoff("predict", out / "onnx/model.onnx", "-", "--json").out)
    assert [answer["file"] for answer in found] == [str(folder / "3.png"), str(folder / "1.png")]


def test_names_on_standard_input_may_be_in_any_encoding(bakeoff, exported, photos, monkeypatch):
    out, _ = exported
    folder, _ = photos
    sent = f"{folder / '3.png'}\n".encode() + b"caf\xe9.png\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(sent), "utf-8"))
    found = json.loads(bakeoff("predict", out / "onnx/model.onnx", "-", "--json").out)
    assert [answer["file"] for answer in found] == [str(folder / "3.png"), "caf\\xe9.png"]
    assert found[1]["error"] == "no such file"


def test_exit_codes_of_predict(bakeoff, exported, photos, tmp_path):
    out, _ = exported
    folder, _ = photos
    model, broken = out / "onnx/model.onnx", tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG")
    some = bakeoff("predict", model, folder / "0.png", broken)
    assert some.code == 3
    assert str(broken) in some.err
    assert "1 could not be read" in some.err
    assert bakeoff("predict", model, broken, "--json").code == 1
    assert bakeoff("predict", model, folder / "*.bmp").code == 2
    assert bakeoff("predict", model, folder, "--json", "--csv").code == 2
    assert bakeoff("predict", tmp_path, folder).code == 1


@pytest.mark.parametrize(("words", "message"), [
    (("linar", "--to", "onnx"), "no entry 'linar'; did you mean 'linear'"),
    (("linear", "--to", "onyx"), "--to onyx: unknown format; did you mean 'onnx'"),
    (("linear", "--seed", 77), "no finished run of seed 77; choose from 0, 1"),
    ((".",), "a study; choose from linear, mlp, cnn in it"),
    (("runs/deadbeef",), "runs/deadbeef: no such run"),
    (("runs",), "no entry 'runs'; choose from"),
    (("nowhere/linear",), "linear: no such file or folder"),
])  # fmt: skip
def test_mistakes_are_named(words, message, bakeoff, trained, tmp_path):
    entry, *rest = words
    said = bakeoff("export", trained / entry, *rest, "--out", tmp_path / "x")
    assert said.code in (1, 2)
    assert message in said.err
    assert not (tmp_path / "x").exists()


def test_an_entry_without_a_run_names_its_study(bakeoff, copied, tmp_path):
    shutil.rmtree(copied / "runs")
    said = bakeoff("export", copied / "linear", "--seed", 0, "--out", tmp_path / "x")
    assert (said.code, "no finished run yet; run its study first" in said.err) == (1, True)


def test_the_study_one_stands_in_is_a_study(bakeoff, trained, monkeypatch):
    monkeypatch.chdir(trained)
    assert "a study; choose from linear, mlp, cnn in it" in bakeoff("predict", ".", "x.png").err


def test_the_folder_of_an_export_is_its_model(bakeoff, exported, photos):
    out, _ = exported
    folder, _ = photos
    for name in ("onnx", "safetensors"):
        assert bakeoff("predict", out / name, folder / "0.png").code == 0
    said = bakeoff("predict", out, folder / "0.png")
    assert (said.code, "a folder of exports; choose from onnx, safetensors in it" in said.err) == (2, True)


@pytest.mark.parametrize(("file", "given", "library"), [
    ("torch-export/model.pt2", "torch-export", "PyTorch"),
    ("torch-export/model.pt2", "torch-export/model.pt2", "PyTorch"),
    ("savedmodel/model/saved_model.pb", "savedmodel", "TensorFlow"),
    ("savedmodel/model/saved_model.pb", "savedmodel/model", "TensorFlow"),
])  # fmt: skip
def test_exports_that_run_elsewhere_say_where(file, given, library, bakeoff, tmp_path):
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()
    said = bakeoff("predict", tmp_path / given, "x.png")
    assert (said.code, f"runs in {library}; predict takes .onnx and .safetensors" in said.err) == (2, True)


def test_a_run_folder_and_a_seed_choose_the_run(bakeoff, trained, tmp_path):
    results = json.loads((trained / "results.json").read_text())
    entry = next(entry for entry in results["entries"] if entry["name"] == "linear")
    seed, key = entry["seeds"][1], entry["run_keys"][1]
    one = bakeoff(
        "export", trained / "linear", "--seed", seed, "--to", "safetensors", "--out", tmp_path / "1", "--json"
    )
    two = bakeoff("export", trained / "runs" / key, "--to", "safetensors", "--out", tmp_path / "2", "--json")
    for said in (one, two):
        (done,) = json.loads(said.out)
        assert done["certificate"]["run_key"] == key
    other = bakeoff("export", trained / "runs" / key, "--seed", seed + 1, "--out", tmp_path / "3")
    assert (other.code, "is the run of seed" in other.err) == (2, True)


def test_damaged_weights_are_not_shipped(bakeoff, copied, tmp_path):
    results = json.loads((copied / "results.json").read_text())
    key = next(entry for entry in results["entries"] if entry["name"] == "linear")["run_keys"][0]
    path = copied / "runs" / key / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    said = bakeoff("export", copied / "linear", "--to", "safetensors", "--out", tmp_path / "x")
    assert said.code == 1
    assert "weights.safetensors differs from its manifest" in said.err
    assert not (tmp_path / "x").exists()


def test_the_python_api_streams_answers(trained, photos):
    folder, _ = photos
    stream = api_predict(trained / "cnn", [folder / "0.png", folder / "gone.png"], top=2)
    first, second = stream
    assert len(first.guesses) == 2
    assert "gone.png" in second.file
    assert second.error


@pytest.mark.parametrize(("model", "images", "top", "message"), [
    ("nothere.onnx", "x.png", 1, "nothere.onnx: no such file"),
    ("nothere.safetensors", "x.png", 1, "nothere.safetensors: no such file"),
    ("linear", "x.png", 0, "top=0: an answer names 1 class or more"),
    ("linear", "x.png", -1, "top=-1"),
    ("linear", np.zeros((2, 1, 8, 8), np.uint8), 1, "files, folders and patterns, not as ndarray"),
    ("linear", 7, 1, "not as int"),
])  # fmt: skip
def test_mistakes_in_python_are_named_at_once(model, images, top, message, trained, tmp_path):
    with pytest.raises(UsageError, match=message):
        api_predict(trained / model if model == "linear" else tmp_path / model, images, top=top)


@pytest.mark.parametrize("below", ["", "deeper"])
def test_an_export_into_a_file_is_refused(below, trained, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(UsageError, match="out: a file; expected a folder"):
        api_export(trained / "linear", "safetensors", tmp_path / "out" / below)


def test_the_help_of_predict_names_what_it_takes(bakeoff):
    assert ".safetensors" in bakeoff("predict", "--help").out
