"""`bakeoff clean` and `bakeoff doctor --repair`: what is shown, what goes, what stays."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from older import make_older
from squares import contents, study_text, write_study

from bakeoff import api
from bakeoff.fleet import load_plan
from bakeoff.lease import lease
from bakeoff.runs import Store

pytestmark = pytest.mark.usefixtures("undrawn")
BEGUN = (".tmp-abcdefgh", ".tmp-ijkl_123")


@pytest.fixture
def littered(copied):
    """A study folder with the run of a model that it does not have, the checkpoint of a pack that is done, and files
    that were being written. (folder, run of no entry)"""
    store = Store(copied)
    key = next(iter(store))
    lost = Path(shutil.copytree(store.paths.run(key), store.paths.runs / ("f" * 64)))
    pack = store.paths.pack(load_plan(store.paths.plan).packs[0].id)
    pack.mkdir(parents=True)
    (pack / "checkpoint.safetensors").write_bytes(b"x" * 5_000)
    (copied / "runs" / BEGUN[0]).mkdir()
    (copied / BEGUN[1]).write_bytes(b"x")
    return copied, lost


def flip(file, at=40):
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def test_without_a_terminal_nothing_goes(bakeoff, littered):
    folder, lost = littered
    before = contents(folder / "runs")
    answer = bakeoff("clean", folder)
    assert answer.code == 0
    assert f"not asked for by the last command: 1 thing, 0.01 MB\n  runs/{lost.name}: run of " in answer.out
    assert "left over: 3 things, 0.01 MB\n  packs/" in answer.out
    assert answer.err == (
        "nothing was removed; --yes removes what is left over and --yes --not-asked removes what is not asked for by "
        "the last command\n"
    )
    assert contents(folder / "runs") == before


def test_yes_removes_what_is_left_over_and_nothing_else(bakeoff, littered):
    folder, lost = littered
    before = contents(folder / "runs")
    said = json.loads(bakeoff("clean", folder, "--yes", "--json").out)
    assert len(said["removed"]) == 3
    assert {one["path"] for one in said["removable"]} == {*said["removed"], f"runs/{lost.name}"}
    assert contents(folder / "runs") == before
    assert not list(folder.rglob(".tmp-*"))
    assert list((folder / "packs").iterdir()) == []
    assert json.loads(bakeoff("clean", folder, "--yes", "--not-asked", "--json").out)["removed"] == [
        f"runs/{lost.name}"
    ]
    after = contents(folder / "runs")
    assert after == {name: content for name, content in before.items() if not name.startswith(lost.name)}
    assert [row["key"] for row in Store(folder).rows()] == list(Store(folder))
    again = bakeoff("clean", folder)
    assert again.out.splitlines()[-1] == "nothing to remove: the study refers to all of it"
    assert again.err == ""


@pytest.mark.parametrize("answered", ["n", "y"])
def test_a_terminal_is_asked(bakeoff, littered, monkeypatch, answered):
    folder, lost = littered
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda _question: answered == "y")
    assert bakeoff("clean", folder).code == 0
    assert lost.exists() == (answered == "n")
    assert (folder / BEGUN[1]).exists() == (answered == "n")


def test_what_a_study_has_is_counted(bakeoff, copied):
    said = json.loads(bakeoff("clean", copied, "--json").out)
    files = [path for path in copied.rglob("*") if path.is_file()]
    assert sum(use["bytes"] for use in said["used"]) == sum(path.stat().st_size for path in files)
    assert sum(use["files"] for use in said["used"]) == len(files)
    assert said["removable"] == []


def test_an_entry_that_was_taken_out_can_go(bakeoff, copied, data, tmp_path):
    file = write_study(tmp_path / "less.yaml", data, {"linear": "{model: {linear: {}}, recipe: plain}"})
    assert bakeoff("run", file, "--out", copied).code == 0
    assert "not asked for by the last command: 4 things, " in bakeoff("clean", copied).out


def test_what_an_earlier_command_asked_for_stays(bakeoff, data, tmp_path):
    """Entries, winners, trials and seeds: a command that asks for less does not make the rest litter."""
    file, folder = tmp_path / "s.yaml", tmp_path / "trap"
    entries = {"a": "{model: {linear: {}}, recipe: plain}", "b": "{model: {mlp: {hidden: [6]}}, recipe: plain}"}
    search = "searches:\n  wide: {entry: b, strategy: grid, rungs: none, over: {lr: [0.003, 0.01]}}\n"
    file.write_text(study_text(data, entries, epochs=1) + search)
    assert bakeoff("run", file, "--out", folder).code == 0
    assert bakeoff("run", file, "--out", folder, "--entry", "b", "--seeds", "1", "--no-search").code == 0
    before = contents(folder / "runs") | contents(folder / "trials")
    assert json.loads(bakeoff("clean", folder, "--yes", "--json").out)["removed"] == []
    assert contents(folder / "runs") | contents(folder / "trials") == before
    assert bakeoff("run", file, "--out", folder).err.startswith("nothing to train")
    assert json.loads(bakeoff("clean", folder, "--json").out)["removable"] == []


def test_runs_of_an_earlier_version_are_kept_apart(bakeoff, copied):
    make_older(copied)
    said = json.loads(bakeoff("clean", copied, "--yes", "--not-asked", "--json").out)
    assert said["removed"] == []
    assert [one["group"] for one in said["removable"]] == 6 * ["other version"]
    assert "of another version: 6 things" in bakeoff("clean", copied).out
    assert len(json.loads(bakeoff("clean", copied, "--yes", "--other-versions", "--json").out)["removed"]) == 6


@pytest.mark.parametrize("indexed", [True, False])
def test_a_damaged_run_is_named_and_left_to_the_doctor(bakeoff, copied, indexed):
    store = Store(copied)
    key = next(iter(store))
    file = store.paths.run(key) / "job.json"
    file.write_bytes(file.read_bytes()[:30])
    if not indexed:
        store.index.delete()
    answer = bakeoff("clean", copied, "--yes")
    assert answer.code == 0
    assert f"runs/{key}: damaged; see bakeoff doctor {copied} --repair" in answer.out
    assert store.paths.run(key).exists()
    assert "1 run cannot be read" in bakeoff("status", copied).out


def test_what_is_wanted_again_by_the_time_it_would_go_stays(copied, data, tmp_path):
    """Somebody may run the study between the question and the answer."""
    wide = (copied / "study.yaml").read_text()
    less = write_study(tmp_path / "less.yaml", data, {"linear": "{model: {linear: {}}, recipe: plain}"})
    (copied / "study.yaml").write_text(api.Study.load(less).spec.dump())
    found = api.disk_use(copied).removable
    assert len(found) == 4
    (copied / "study.yaml").write_text(wide)
    assert api.clean(copied, found) == []
    assert len(list(Store(copied))) == 6


@pytest.mark.parametrize("words", ["clean {} --yes", "doctor {} --repair"])
def test_a_study_under_way_is_left_alone(bakeoff, littered, words):
    folder, lost = littered
    with lease(Store(folder).paths.lock, shared=True):
        answer = bakeoff(*words.format(folder).split())
    assert answer.code == 1
    assert "a process is at work on this study" in answer.err
    assert lost.exists()


def test_a_folder_without_a_study_cannot_be_cleaned(bakeoff, tmp_path):
    answer = bakeoff("clean", tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert "not a study folder" in answer.err


def test_repair_sets_a_damaged_run_aside_and_a_run_makes_it_again(bakeoff, copied, study_file, hashes_of):
    before = hashes_of(copied)
    key = next(iter(Store(copied)))
    flip(copied / "runs" / key / "weights.safetensors", 200)
    found = bakeoff("doctor", copied)
    assert found.code == 1
    assert "--repair" in found.out.splitlines()[-1]
    mended = bakeoff("doctor", copied, "--repair")
    assert mended.code == 0
    assert f"set aside as {copied / 'broken' / 'runs' / key}" in mended.out
    assert (copied / "broken" / "runs" / key / "weights.safetensors").exists()
    assert bakeoff("run", study_file, "--out", copied).code == 0
    assert hashes_of(copied) == before
    assert bakeoff("doctor", copied).code == 0


@pytest.fixture
def hashes_of():
    def of(folder):
        files = folder.glob("runs/*/summary.json")
        return {file.parent.name: json.loads(file.read_text())["weights_sha256"] for file in files}

    return of


def test_every_kind_of_damage_is_found_and_mended(bakeoff, copied, study_file):
    (split,) = (copied / "splits").iterdir()
    flip(split, len(split.read_bytes()) // 2)
    flip(copied / "plan.json", 5)
    (copied / "results.json").write_text("{")
    (copied / "packs" / "x").mkdir(parents=True)
    (copied / "packs" / "x" / "checkpoint.safetensors").write_bytes(b"nonsense")
    (copied / "trials" / "s").mkdir(parents=True)
    (copied / "trials" / "s" / "a.parquet").write_bytes(b"nonsense")
    (copied / "index.sqlite").write_bytes(b"nonsense" * 100)
    (copied / ".tmp-abcdefgh").touch()
    said = [c for c in json.loads(bakeoff("doctor", copied, "--json").out) if c["status"] not in ("ok",)]
    assert {c["name"] for c in said} == {"splits", "plan", "results", "checkpoints", "searches", "index", "unfinished",
                                         "repair"}  # fmt: skip
    mended = json.loads(bakeoff("doctor", copied, "--repair", "--json").out)
    assert len([c for c in mended if c["status"] == "mended"]) == len(said) - 1
    answer = bakeoff("run", study_file, "--out", copied)
    assert (answer.code, answer.err) == (0, "nothing to train: all 6 runs are there\n")
    assert bakeoff("doctor", copied).code == 0


def test_a_ledger_that_cannot_be_read_is_for_a_person(bakeoff, copied):
    """It is the record of looks at the test set: nothing of it is thrown away."""
    ledger = copied / "ledger.jsonl"
    ledger.write_text("nonsense\n" + ledger.read_text())
    before = ledger.read_text()
    assert bakeoff("doctor", copied, "--repair").code == 1
    assert ledger.read_text() == before


def test_repair_needs_a_folder(bakeoff):
    answer = bakeoff("doctor", "--repair")
    assert (answer.code, answer.out) == (2, "")


def test_a_fetched_archive_is_held_against_its_sum(bakeoff, tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"not that")
    answer = bakeoff("doctor")
    assert answer.code == 1
    assert f"failed  cifar10: {tmp_path / 'cifar-10-python.tar.gz'}: damaged" in answer.out


def test_a_network_disk_is_named(bakeoff, copied, monkeypatch):
    monkeypatch.setattr(sys.modules["bakeoff.api.doctor"], "is_network", lambda _path: True)
    answer = bakeoff("doctor", copied)
    assert answer.code == 0
    assert "warning file system: " in answer.out


def test_a_copy_of_the_folder_can_be_checked_and_cleaned(bakeoff, copied, tmp_path):
    other = shutil.copytree(copied, tmp_path / "other")
    assert bakeoff("doctor", other).code == 0
    assert "nothing to remove" in bakeoff("clean", other).out
