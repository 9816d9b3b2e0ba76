"""`bakeoff import` from the command line: what it prints, for people and for programs, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from foreign import as_tensorflow, net, taught, unit


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAKEOFF_DATA", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Nhwc, probabilities, of pictures 0..1. Its name means no good."""
    return as_tensorflow(taught(net(), unit), tmp_path_factory.mktemp("theirs") / "\x1b[31mnet.onnx")


def test_a_person_reads_what_was_tried_and_what_it_came_to(bakeoff, data, file, tmp_path):
    said = bakeoff("import", file, "--data", data, "--out", tmp_path / "run", "--name", "theirs")
    assert (said.code, "\x1b" in said.out) == (0, False)
    lines = said.out.splitlines()
    assert lines[0].startswith("?[31mnet.onnx (SHA-256 ")
    assert lines[1] == "takes pictures nhwc, pixels unit: tried on training pictures, not on the test set"
    assert any(line.startswith("nhwc    unit     100.00%  [98.") for line in lines)
    assert any(line.startswith("nchw    any") and "pictures of 8 channels" in line for line in lines)
    assert f"    bakeoff predict {tmp_path}/run/theirs photo.jpg" in lines
    assert "theirs reaches 100.00% test accuracy" in said.out


def test_a_program_reads_one_document(bakeoff, data, file, tmp_path):
    bakeoff("run", _study(tmp_path, data), "--out", tmp_path / "ours")
    said = bakeoff(
        "import", file, "--data", data, "--out", tmp_path / "run", "--name", "theirs", "--beside", tmp_path / "ours",
        "--layout", "nhwc", "--set", "entries.theirs.model.onnx.pixels=unit", "--json",
    )  # fmt: skip
    told = json.loads(said.out)
    assert said.code == 0
    assert told["arguments"]["pixels"] == "unit"
    assert [one["pixels"] for one in told["tried"]] == ["given"]
    assert told["tried"][0]["right"] == told["tried"][0]["pictures"]
    assert told["results"]["entries"][0]["imported"]["sha256"] == told["sha256"]
    assert {entry["name"] for entry in told["beside"]["entries"]} == {"theirs", "linear"}


def _study(folder: Path, data: Path) -> Path:
    file = folder / "ours.yaml"
    file.write_text(
        f"study: ours\ndata: '{data}'\nseeds: 2\nentries:\n  linear: {{model: linear, recipe: {{epochs: 1}}}}\n"
    )
    return file


def test_mistakes_end_in_one_line(bakeoff, data, file, tmp_path):
    cases = {
        ("--layout", "nhcw"): "--layout nhcw: unknown layout; did you mean 'nhwc'?",
        ("--set", "entries.thers.model.onnx.pixels=unit"): "unknown key; did you mean 'theirs'?",
        ("--set", "entries.theirs.model.onnx.pixels=units"): "unknown pixels 'units'; did you mean 'unit'?",
        ("--labels", "left,middle,rigth"): "none of them is the class 'right'; did you mean 'rigth'?",
        ("--labels", "none.txt"): "--labels none.txt: no such file",
        ("--labels", "no/names"): "--labels no/names: no such file",
        ("--labels", "a" * 300 + ",b"): "--labels: 2 names for the 3 values that",
    }
    for words, expected in cases.items():
        said = bakeoff("import", file, "--data", data, "--name", "theirs", "--out", tmp_path / "run", *words)
        assert (said.code, said.err.count("\n"), said.out) == (2, 1, ""), words
        assert expected in said.err
        assert not (tmp_path / "run").exists()
    assert bakeoff("import", file).code == 2  # on nothing


def test_a_file_that_is_refused_leaves_no_copy(bakeoff, data, file, tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    junk = tmp_path / "junk.onnx"
    junk.write_text("no network at all")
    assert "junk.onnx: not an ONNX file" in bakeoff("import", junk, "--data", data).err
    assert bakeoff("import", file, "--data", data, "--labels", "a,b", "--name", "theirs").code == 2
    assert not list((tmp_path / "home/kept").glob("*"))


def test_it_is_called_as_it_is_called_this_time(bakeoff, data, file, tmp_path):
    for name in ("first.onnx", "second.onnx"):
        (tmp_path / name).write_bytes(file.read_bytes())
        said = bakeoff("import", tmp_path / name, "--data", data, "--out", tmp_path / name[:-5], "--json")
        told = json.loads(said.out)
        assert (told["file"], told["results"]["entries"][0]["imported"]["file"]) == (name, name)
        assert told["results"]["question"] == f"How good is {name} on {data}?"


def test_bakeoff_models_lists_its_arguments(bakeoff):
    said = bakeoff("models")
    assert "    pixels: string or mapping; unit unless said otherwise" in said.out.splitlines()
    assert "    size: 2 of integer 1..4096" in said.out.splitlines()
