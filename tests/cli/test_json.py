"""`--json`: one JSON document on stdout and nothing else, on every command that prints results."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
import typer

from bakeoff.cli.app import app

COMMANDS = {
    # command: (the words after it, the keys of what it prints or of each item of a list)
    "plan": ("{study} --out {empty}", {"study", "trainings", "done", "packs", "workers", "minutes", "memory_mb",
                                       "disk_mb", "detectable", "assumptions", "notes", "difference", "needed",
                                       "seeds", "at_most", "searches"}),
    "run": ("{study} --out {folder}", {"study_dir", "trained", "reused", "trials", "failed", "stopped", "report",
                                          "results"}),
    "status": ("{folder}", {"study", "folder", "entries", "report", "searches", "seeds"}),
    "report": ("{folder}", {"report", "results", "failed"}),
    "compare": ("{folder}/mlp {folder}/cnn", {"entries", "answer", "margin", "pairs", "failed", "report"}),
    "claims": ("{study}", {"study", "folder", "dataset", "quick", "claims", "conclusions"}),
    "models": ("", {"name", "description", "arguments"}),
    "models list": ("", {"name", "description", "arguments"}),
    "models show": ("{study}", {"study", "entry", "seed_id", "model", "note", "trainable", "parameters", "buffers",
                                "keras_total", "flops_forward", "layers"}),
    "data": ("", {"name", "pictures", "shape", "classes", "licence", "where"}),
    "data list": ("", {"name", "pictures", "shape", "classes", "licence", "where"}),
    "data show": ("{data}", {"name", "source", "licence", "shape", "train", "test", "classes", "fingerprint",
                             "superclasses", "skipped"}),
    "data audit": ("{data}", {"name", "fingerprint", "findings", "audit", "page"}),
    "data fetch": ("cifar10 --to {fetched}", {"name", "path"}),
    "data export": ("{data} {empty}/pictures", {"name", "folder", "pictures", "written"}),
    "clean": ("{folder}", {"folder", "used", "removable", "damaged", "removed"}),
    "doctor": ("{folder}", {"name", "status", "said"}),
}  # fmt: skip


def document(text):
    """The one JSON document that `text` is. NaN and Infinity are no JSON."""

    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def fetched_before(tmp_path, monkeypatch):
    """An archive that needs no download."""
    (tmp_path / "archive.tar.gz").write_bytes(b"published")
    monkeypatch.setattr(
        "bakeoff.data.fetch.ARCHIVES", {"cifar10": {"archive.tar.gz": sha256(b"published").hexdigest()}}
    )
    monkeypatch.setattr("bakeoff.data.fetch.HOSTS", {"archive.tar.gz": ("http://127.0.0.1:9",)})


@pytest.mark.usefixtures("a_minute_a_pack", "undrawn", "fetched_before")
@pytest.mark.parametrize("command", COMMANDS)
def test_stdout_is_one_document_with_the_known_keys(bakeoff, copied, study_file, data, tmp_path, command):
    words, keys = COMMANDS[command]
    empty = tmp_path / "empty"
    places = {"study": study_file, "folder": copied, "data": data, "empty": empty, "fetched": tmp_path}
    filled = (word.format(**places) for word in words.split())
    answer = bakeoff(*command.split(), *filled, "--json")
    assert answer.code == 0, answer.err
    found = document(answer.out)
    for item in found if isinstance(found, list) else [found]:
        assert set(item) == keys
    assert answer.out.endswith("\n")
    assert not answer.out.endswith("\n\n")


def test_no_command_that_takes_json_is_left_out_here():
    def walk(command, words):
        if any("--json" in option.opts for option in command.params):
            yield " ".join(words)
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, [*words, name])

    # In test_quick_command.py, test_ship_commands.py and test_import_command.py.
    elsewhere = {"quick", "export", "predict", "import"}
    assert set(walk(typer.main.get_command(app), [])) == set(COMMANDS) | elsewhere


@pytest.mark.usefixtures("undrawn")
def test_progress_of_a_run_is_on_stderr(bakeoff, study_file, tmp_path):
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--entry", "mlp", "--json")
    found = document(answer.out)
    assert (found["trained"], found["reused"], found["failed"]) == (2, 0, [])
    assert answer.err.splitlines() == ["2 trainings in 1 pack", "100%  mlp seed 0, mlp seed 1: done"]


@pytest.mark.usefixtures("undrawn")
def test_results_of_a_run_are_those_on_disk(bakeoff, copied, study_file):
    found = document(bakeoff("run", study_file, "--out", copied, "--json").out)
    assert found["study_dir"] == str(copied)
    assert found["report"] == str(copied / "report.html")
    assert found["results"] == json.loads((copied / "results.json").read_text())


@pytest.mark.usefixtures("undrawn")
def test_a_report_says_in_json_what_is_on_disk(bakeoff, copied):
    found = document(bakeoff("report", copied, "--json").out)
    assert found["report"] == str(copied / "report.html")
    assert found["results"] == json.loads((copied / "results.json").read_text())
    codes = {finding["code"] for finding in found["results"]["findings"]}
    assert len(codes) >= 15
    assert {"calibration"} < set(found["results"]["entries"][0])
    assert {"received", "equal_seconds", "sizes"} < set(found["results"]["fairness"])


def test_an_error_leaves_stdout_empty(bakeoff, tmp_path):
    for words in (("status", tmp_path), ("models", "show", "quikstart"), ("data", "show", tmp_path / "no.npz")):
        answer = bakeoff(*words, "--json")
        assert (answer.out, answer.err.count("\n")) == ("", 1)
        assert answer.code in (1, 2)


def test_architectures_come_with_a_schema_of_their_arguments(bakeoff):
    found = {item["name"]: item["arguments"]["properties"] for item in document(bakeoff("models", "--json").out)}
    assert found["linear"] == {}
    assert {"hidden", "budget", "depth", "activation"} <= set(found["mlp"])
    assert {"channels", "budget", "depth", "kernel"} <= set(found["cnn"])
