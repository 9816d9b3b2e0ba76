"""`bakeoff models show`: the weights of each entry, as arithmetic says."""

from __future__ import annotations

import json
import math

import pytest
from squares import write_study

from bakeoff.study import Study, packaged_studies

WEIGHTS = {"fcn-50k": 49_755, "fcn-100k": 100_968, "fcn-200k": 201_759,
          "cnn-10k": 9_516, "cnn-20k": 19_306, "cnn-50k": 49_644, "cnn-100k": 96_474,
          "fcn-100k-tanh": 100_968, "cnn-100k-tanh": 96_474,
          "fcn-50k-once": 49_755, "fcn-100k-once": 100_968, "fcn-200k-once": 201_759}  # fmt: skip


@pytest.fixture
def sheets(bakeoff):
    def of(*names):
        answer = bakeoff("models", "show", *names, "--json")
        assert (answer.code, answer.err) == (0, "")
        return {sheet["entry"]: sheet for sheet in json.loads(answer.out)}

    return of


def test_weights_of_report_d(sheets):
    found = sheets("d-fcn-vs-cnn")
    assert {name: sheet["trainable"] for name, sheet in found.items()} == WEIGHTS
    variants = ["D2-tanh", "D7-tanh", "D1-once", "D2-once", "D3-once"]
    assert [sheet["seed_id"] for sheet in found.values()] == [*(f"D{i}" for i in range(1, 8)), *variants]
    assert {sheet["study"] for sheet in found.values()} == {"d-fcn-vs-cnn"}


def test_layers_add_up_and_follow_from_one_another(sheets):
    for sheet in sheets("d-fcn-vs-cnn").values():
        assert all(set(x) == {"name", "kind", "output_shape", "parameters", "formula"} for x in sheet["layers"])
        assert sum(layer["parameters"] for layer in sheet["layers"]) == sheet["parameters"] == sheet["trainable"]
        assert sheet["keras_total"] == sheet["parameters"] + sheet["buffers"]
        assert sheet["layers"][-1]["output_shape"] == [10]


def test_flops_of_a_dense_net_are_two_a_multiplication(sheets):
    sheet = sheets("d-fcn-vs-cnn:fcn-50k")["fcn-50k"]
    assert sheet["model"]["mlp"]["hidden"] == [59, 49]
    assert sheet["flops_forward"] == 2 * (784 * 59 + 59 * 49 + 49 * 10)


def test_flops_of_a_convolutional_net_are_two_a_multiplication(sheets):
    sheet = sheets("d-fcn-vs-cnn:cnn-10k")["cnn-10k"]
    (size,) = [x["output_shape"] for x in sheet["layers"] if x["parameters"] == 7 * 25 + 7]
    (deep,) = [x["output_shape"] for x in sheet["layers"] if x["parameters"] == 14 * 7 * 25 + 14]
    dense = sheet["layers"][-1]["parameters"] - 10
    assert sheet["flops_forward"] == 2 * (math.prod(size) * 25 + math.prod(deep) * 7 * 25 + dense)


def test_running_statistics_are_buffers_and_not_weights(bakeoff, data, tmp_path):
    model = "{model: {cnn: {channels: [4], kernel: 3, batch_norm: after}}, recipe: plain}"
    file = write_study(tmp_path / "s.yaml", data, {"normed": model})
    (sheet,) = json.loads(bakeoff("models", "show", file, "--json").out)
    assert sheet["buffers"] == 2 * 4
    assert sheet["keras_total"] == sheet["parameters"] + 8
    assert sheet["parameters"] == (4 * 9 + 4) + 2 * 4 + (4 * 4 * 4 * 3 + 3)


def test_a_study_an_entry_of_it_and_a_bare_entry(sheets, study_file):
    assert list(sheets(study_file)) == ["linear", "mlp", "cnn"]
    assert sheets(study_file)["linear"]["seed_id"] is None
    assert list(sheets(f"{study_file}:mlp")) == ["mlp"]
    assert list(sheets("cnn-100k")) == ["cnn-100k"]
    assert list(sheets(f"{study_file}:cnn", "cnn-100k")) == ["cnn", "cnn-100k"]


def test_an_entry_of_two_packaged_studies_is_shown_of_both(bakeoff):
    found = json.loads(bakeoff("models", "show", "cnn-20k", "--json").out)
    assert {sheet["study"] for sheet in found} == {"quickstart", "d-fcn-vs-cnn"}


def test_text_says_the_same_in_a_table(bakeoff, study_file):
    answer = bakeoff("models", "show", f"{study_file}:mlp")
    lines = answer.out.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert lines[0] == 'squares:mlp  {"mlp": {"hidden": [12]}}'
    assert lines[1].split() == ["layer", "kind", "output", "weights", "formula"]
    assert any("780" in line and "12" in line for line in lines[2:])
    assert lines[-2].startswith("819 weights, 819 trainable, 0 buffers, Keras total 819; 1,608 FLOPs")


def test_all_is_every_entry_of_every_packaged_study_without_any_data(bakeoff, monkeypatch):
    def untouched(self):
        raise AssertionError(f"{self.name} was loaded")

    monkeypatch.setattr("bakeoff.fleet.DataRef.load", untouched)
    answer = bakeoff("models", "show", "--all", "--json")
    assert (answer.code, answer.err) == (0, "")
    expected = [(name, entry.name) for name in packaged_studies() for entry in Study.load(name).entries]
    assert [(sheet["study"], sheet["entry"]) for sheet in json.loads(answer.out)] == expected


@pytest.mark.parametrize("words", [[], ["--all", "quickstart"]])
def test_names_or_all_but_one_of_them(bakeoff, words):
    answer = bakeoff("models", "show", *words)
    assert (answer.code, answer.out) == (2, "")
    assert "--all" in answer.err
