"""Runs whose files are damaged: what reads a study names them, judges the rest, and says 3."""

from __future__ import annotations

import json

import pytest

from bakeoff.runs import Run, Store


@pytest.fixture
def damage(copied):
    """(entry, how many of its runs) -> their keys, after a byte of their weights was changed."""

    def spoil(entry: str, count: int) -> list[str]:
        entries = json.loads((copied / "results.json").read_text())["entries"]
        keys = next(one for one in entries if one["name"] == entry)["run_keys"][:count]
        for key in keys:
            path = copied / "runs" / key / "weights.safetensors"
            path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
        return keys

    return spoil


def test_a_report_names_a_damaged_run_and_judges_the_rest(bakeoff, copied, damage):
    (key,) = damage("mlp", 1)
    said = bakeoff("report", copied)
    assert (said.code, said.out) == (3, f"{copied / 'report.html'}\n")
    assert said.err.startswith("failed: mlp seed 0: ")
    assert f"{key}/weights.safetensors differs from its manifest" in said.err
    assert "bakeoff doctor" in said.err
    told = json.loads(bakeoff("report", copied, "--json").out)
    assert len(told["failed"]) == 1
    assert {entry["name"]: len(entry["seeds"]) for entry in told["results"]["entries"]} == {
        "linear": 2, "mlp": 1, "cnn": 2,
    }  # fmt: skip


def test_a_report_names_an_entry_without_a_sound_run(bakeoff, copied, damage):
    damage("mlp", 2)
    said = bakeoff("report", copied, "--json")
    assert (said.code, said.err.count("failed: mlp seed")) == (3, 2)
    assert {entry["name"] for entry in json.loads(said.out)["results"]["entries"]} == {"linear", "cnn"}


def test_a_comparison_names_the_damaged_runs_of_what_it_was_asked_for(bakeoff, copied, damage):
    damage("mlp", 1)
    sound = bakeoff("compare", copied / "linear", copied / "cnn")
    assert (sound.code, sound.err) == (0, "")
    for asked in ([copied / "mlp", copied / "cnn"], [copied]):
        said = bakeoff("compare", *asked, "--json")
        assert (said.code, said.err.count("failed: ")) == (3, 1)
        assert json.loads(said.out)["failed"][0].startswith("mlp seed 0: ")


def test_a_comparison_with_an_entry_whose_runs_are_all_damaged(bakeoff, copied, damage):
    damage("mlp", 2)
    said = bakeoff("compare", copied / "mlp", copied / "cnn")
    assert (said.code, said.out) == (1, "")
    assert "mlp seed 0: " in said.err
    assert "differs from its manifest" in said.err
    whole = bakeoff("compare", copied, "--json")
    assert (whole.code, len(json.loads(whole.out)["failed"])) == (3, 2)


def test_a_study_whose_runs_are_all_damaged(bakeoff, copied, damage):
    for entry in ("linear", "mlp", "cnn"):
        damage(entry, 2)
    for words in (["report", copied], ["compare", copied]):
        said = bakeoff(*words)
        assert (said.code, said.out) == (1, "")
        assert "differs from its manifest" in said.err
        assert "doctor" in said.err


@pytest.mark.parametrize("command", ["report", "compare"])
def test_every_run_is_read_once(bakeoff, copied, command, monkeypatch):
    load, read = Store.load, []

    def loading(store: Store, key: str) -> Run:
        read.append(key)
        return load(store, key)

    monkeypatch.setattr(Store, "load", loading)
    assert bakeoff(command, copied).code == 0
    assert sorted(read) == sorted(Store(copied))
