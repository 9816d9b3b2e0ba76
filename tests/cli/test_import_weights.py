"""`bakeoff import` of weights: a Keras file without Keras, PyTorch's for the entry of a study, and what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from squares import pictures, write_squares, write_study
from torch import nn

MODEL = "{cnn: {channels: [4], kernel: 3}}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(tmp_path) -> Path:
    return write_squares(tmp_path / "squares.npz")


def unit(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).float() / 255


@pytest.fixture(scope="module")
def theirs() -> nn.Sequential:
    """Three steps of plain PyTorch on pixels 0..1."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 3))
    images, labels = pictures(240)
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(unit(images)), torch.from_numpy(labels)).backward()
        optimizer.step()
    return model.eval()


@pytest.fixture
def torch_file(theirs, tmp_path) -> Path:
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    return tmp_path / "theirs.pth"


@pytest.fixture
def keras_file(theirs, tmp_path) -> Path:
    """The same as Keras 3 writes weights: another layout, pixels flattened in another order."""
    conv, dense = theirs[0], theirs[4]
    with h5py.File(tmp_path / "theirs.weights.h5", "w") as file:
        file["layers/conv2d/vars/0"] = conv.weight.detach().permute(2, 3, 1, 0).numpy()
        file["layers/conv2d/vars/1"] = conv.bias.detach().numpy()
        kernel = dense.weight.detach().reshape(3, 4, 4, 4).permute(2, 3, 1, 0).reshape(64, 3)
        file["layers/dense/vars/0"] = kernel.numpy()
        file["layers/dense/vars/1"] = dense.bias.detach().numpy()
    return tmp_path / "theirs.weights.h5"


def accuracy(model) -> float:
    images, labels = pictures(90, seed=1000)
    with torch.no_grad():
        return float((model(unit(images)).argmax(1).numpy() == labels).mean())


@pytest.mark.parametrize("which", ["torch_file", "keras_file"])
def test_what_went_where_and_the_score_at_home(which, request, data, theirs, bakeoff):
    file = request.getfixturevalue(which)
    said = bakeoff("import", file, "--model", MODEL, "--data", data, "--input", "unit", "--name", "theirs", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert (told["input"], told["tried"], told["file"]) == ("unit", [], file.name)
    assert [row["ours"] for row in told["tensors"]] == ["0.weight", "0.bias", "4.weight", "4.bias"]
    turned = which == "keras_file"
    assert told["tensors"][2]["done"] == ("HWC to CHW, in x out to out x in" if turned else "as it is")
    (entry,) = told["results"]["entries"]
    assert entry["test_accuracy"]["mean"] == pytest.approx(accuracy(theirs))
    assert entry["imported"]["as_it_is"]


def test_the_inputs_that_were_tried_are_shown(torch_file, tmp_path, bakeoff):
    data = write_squares(tmp_path / "many.npz", train=4000)
    said = bakeoff("import", torch_file, "--model", MODEL, "--data", data).out
    assert "input unit: found by trying on 4,000 training pictures, not the test set" in said
    rows = [line.split() for line in said.splitlines() if line.startswith(("unit ", "byte ", "standard ", "signed "))]
    assert [rows[0][0], len(rows)] == ["unit", 4]
    assert all("%" in row[1] for row in rows)


def test_too_few_pictures_to_tell_are_said_with_the_figures(data, torch_file, bakeoff):
    said = bakeoff("import", torch_file, "--model", MODEL, "--data", data)
    assert said.code == 2
    assert "about as good and do not answer alike: unit 93.8% (loss 0.161)" in said.err
    assert "on 240 training pictures; say which it was trained with: --input" in said.err


def test_for_an_entry_of_a_study_it_takes_its_model_data_and_input(data, torch_file, tmp_path, theirs, bakeoff):
    entries = {"net": f"{{model: {MODEL}, recipe: {{from: plain, input: unit, dropout: 0.2}}}}"}
    study = write_study(tmp_path / "study.yaml", data, entries)
    words = ("import", torch_file, "--entry", f"{study}/net", "--out", "runs/in")
    said = bakeoff(*words, "--fine-tune", 1).out
    assert "input the entry's own" in said
    assert "theirs-tuned" in said
    results = json.loads(Path("runs/in/results.json").read_text())
    by_name = {entry["name"]: entry for entry in results["entries"]}
    assert by_name["theirs"]["test_accuracy"]["mean"] == pytest.approx(accuracy(theirs))
    assert (by_name["theirs-tuned"]["recipe"]["epochs"], by_name["theirs-tuned"]["recipe"]["batch_size"]) == (1, 32)
    assert len(by_name["theirs-tuned"]["seeds"]) == 3
    # The same command again trains nothing, and the folder is no place for another.
    assert "nothing to train" in bakeoff(*words, "--fine-tune", 1).err
    again = bakeoff(*words)
    assert again.code == 2
    assert "holds another study" in again.err


MISTAKES = {
    "no model": ((), "theirs.pth holds weights: say of which model, --entry <study>/<entry>, or --model and --data"),
    "both": (("--entry", "quickstart/x", "--model", MODEL), "--entry says the model and the data; give it, or"),
    "no such entry": (("--entry", "quickstart/cnn-2k"), "has no entry 'cnn-2k'; did you mean 'cnn-20k'?"),
    "no entry": (("--entry", "quickstart"), "expected <study file or packaged study>/<entry>"),
    "no such input": (("--model", MODEL, "--data", "DATA", "--input", "bite"), "did you mean 'byte'?"),
    "layout": (("--model", MODEL, "--data", "DATA", "--layout", "nhwc"), "--layout is for .onnx files"),
    "labels": (("--model", MODEL, "--data", "DATA", "--labels", "a,b"), "--labels is for .onnx files"),
    "does not fit": (("--model", "{mlp: {hidden: [4]}}", "--data", "DATA"), "0, conv [4, 1, 3, 3], stands at place 1"),
    "no such model": (("--model", "{cnm: {}}", "--data", "DATA"), "unknown architecture 'cnm'; did you mean 'cnn'?"),
    "no YAML": (("--model", "{cnn: ", "--data", "DATA"), "--model:1: not YAML"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes_in_one_line(what, data, torch_file, bakeoff):
    words, told = MISTAKES[what]
    said = bakeoff("import", torch_file, *(data if word == "DATA" else word for word in words))
    assert told in said.err
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_names_of_a_file_do_not_pass_for_output(data, tmp_path, bakeoff):
    state = {"a\x1b[31m\n.weight": torch.zeros(3, 64), "a\x1b[31m\n.bias": torch.zeros(3)}
    torch.save(state, tmp_path / "m.pth")
    said = bakeoff("import", "m.pth", "--model", "linear", "--data", data, "--input", "unit")
    assert said.code == 0
    assert "\x1b" not in said.out


def test_what_we_exported_comes_back_by_its_card(data, tmp_path, bakeoff):
    entries = {"net": f"{{model: {MODEL}, recipe: {{from: plain, batch_norm: {{epsilon: 0.01}}}}}}"}
    bakeoff("run", write_study(tmp_path / "study.yaml", data, entries), "--out", "ours")
    bakeoff("export", "ours/net", "--to", "safetensors", "--out", "ex")
    file = tmp_path / "ex/safetensors/model.safetensors"
    said = bakeoff("import", file, "--data", data, "--name", "back", "--fine-tune", 1, "--json")
    told = json.loads(said.out)
    assert (said.code, told["input"], told["tried"]) == (0, "its card's own", [])
    assert "its 3 values are, by its own notes, the classes of squares in their order" in told["notes"]
    ours = json.loads(Path("ours/results.json").read_text())["entries"][0]
    back, tuned = told["results"]["entries"]
    assert back["test_accuracy"]["mean"] == ours["test_accuracy"]["values"][0]
    assert (tuned["recipe"]["batch_size"], tuned["recipe"]["batch_norm"]["epsilon"]) == (32, 0.01)
    assert "model.safetensors: nothing to judge it on; give --data" in bakeoff("import", file).err


def test_a_card_of_other_classes_is_refused(data, tmp_path, bakeoff):
    entries = {"net": f"{{model: {MODEL}, recipe: plain}}"}
    bakeoff("run", write_study(tmp_path / "study.yaml", data, entries), "--out", "ours")
    bakeoff("export", "ours/net", "--to", "safetensors", "--out", "ex")
    file = tmp_path / "ex/safetensors/model.safetensors"
    with np.load(data) as arrays:
        np.savez(tmp_path / "turned.npz", **{**arrays, "classes": np.array(["right", "middle", "left"])})
    said = bakeoff("import", file, "--data", "turned.npz")
    assert said.code == 2
    assert "answers with left, middle, right, in this order, turned has right, middle, left; with --model" in said.err
