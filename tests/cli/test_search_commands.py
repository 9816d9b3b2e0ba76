"""A study with searches from the command line: plan, run, stop, go on, change, status, report."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from bakeoff.cli.progress import Progress
from bakeoff.runs import TrialStore

STUDY = """\
study: searching
data: {{path: {data}}}
split: {{validation: 0.25}}
seeds: 2
recipes:
  plain: {{epochs: 3, batch_size: 32, lr: 0.01}}
entries:
  base: {{model: {{mlp: {{hidden: [8]}}}}, recipe: plain}}
searches:
  wide:
    entry: base
    strategy: halving
    trials: 6
    folds: 2
    rungs: [{{epochs: 1, examples: 60, folds: 1, keep: 4}}, {{epochs: 1}}, {{epochs: 3}}]
    over:
      hidden: [[8], [12], [9, 5]]
      lr: {{log_uniform: [1.0e-4, 3.0e-2]}}
      dropout: [false, true]
      dropout_rate: {{values: [0.1, 0.3], when: {{dropout: true}}}}
  fine: {{entry: base, strategy: refine, from: wide, trials: 2, grow: [6], finalists: 0}}
"""
FINER = 'searches.finer={"entry": "base", "strategy": "refine", "from": "fine", "trials": 2, "finalists": 0}'

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(scope="module")
def study(data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("searching") / "searching.yaml"
    path.write_text(STUDY.format(data=data), encoding="utf-8")
    return path


@pytest.fixture
def stopped_at(monkeypatch):
    """(event of this kind) -> Ctrl-C when it is told, once."""

    def at(kind: str) -> None:
        watch, heard = Progress.watch, []

        def stopping(self, event) -> None:
            watch(self, event)
            if event.kind == kind and not heard:
                heard.append(event)
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(Progress, "watch", stopping)

    return at


def searches(bakeoff, folder: Path) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(bakeoff("status", folder, "--json").out)["searches"]}


@pytest.mark.usefixtures("a_minute_a_pack")
def test_from_plan_to_report(bakeoff, study, tmp_path):
    folder = tmp_path / "out"
    planned = bakeoff("plan", study, "--out", folder, "--set", "searches.fine.trials=2")
    assert "search wide (halving): a continuous range" in planned.out
    assert not folder.exists()
    ran = bakeoff("run", study, "--out", folder)
    assert ran.code == 0, ran.err
    said = [line for line in ran.err.splitlines() if line.startswith("search")]  # a slow one says more in between
    assert said[:2] == ["search wide: 6 trainings", "search wide, stage 2: 8 trainings"]
    assert said[2].startswith("search wide: done, 14 trainings; best ")
    assert "% validation accuracy (trial " in said[2]
    assert sum(line.startswith("search fine: done") for line in said) == 1
    assert "search wide (halving) tried 6 candidates in 14 trainings" in ran.out
    assert "wide-1" in ran.out
    status = bakeoff("status", folder).out
    assert [line.split()[:4] for line in status.splitlines() if line.startswith(("wide ", "fine "))] == [
        ["wide", "halving", "done", "14"],
        ["fine", "refine", "done", str(searches(bakeoff, folder)["fine"]["trials"])],
    ]
    before = json.loads((folder / "results.json").read_text())["searches"]
    assert bakeoff("report", folder).code == 0
    assert json.loads((folder / "results.json").read_text())["searches"] == before
    again = bakeoff("run", study, "--out", folder)
    assert again.err == "nothing to train: all 4 runs are there\n"


def test_ctrl_c_keeps_what_is_trained_and_the_same_command_goes_on(bakeoff, study, tmp_path, stopped_at, monkeypatch):
    whole, folder = tmp_path / "whole", tmp_path / "out"
    assert bakeoff("run", study, "--out", whole).code == 0
    with monkeypatch.context():
        stopped_at("pack_done")
        stopped = bakeoff("run", study, "--out", folder)
    monkeypatch.undo()
    assert stopped.code == 130
    assert stopped.out == ""
    assert "Traceback" not in stopped.err
    assert stopped.err.splitlines()[-1].endswith(" of searches. The same command goes on from here.")
    now = searches(bakeoff, folder)
    assert (now["wide"]["state"], now["fine"]["state"]) == ("stopped", "not begun")
    assert 0 < now["wide"]["trials"] <= 6, "the first pack, and what the other worker had done by then"
    assert 0 < now["wide"]["best"] <= 1
    (folder / "trials" / "wide" / "outcome.json").unlink()
    (folder / "trials" / "wide" / "asked.jsonl").unlink()
    assert searches(bakeoff, folder)["wide"]["state"] == "begun", "as kill -9 leaves it"
    assert bakeoff("run", study, "--out", folder).code == 0
    for name in ("wide", "fine"):
        assert (folder / "trials" / name / "asked.jsonl").read_text() == (
            whole / "trials" / name / "asked.jsonl"
        ).read_text()


def test_what_changed_since_is_said_and_trials_of_the_old_space_do_not_count(bakeoff, study, tmp_path, stopped_at):
    folder = tmp_path / "out"
    options = ["run", study, "--out", folder, "--set", "searches.fine.finalists=0"]
    assert bakeoff(*options).code == 0
    stopped_at("pack_done")
    assert bakeoff(*options, "--set", "searches.wide.over.hidden=[[7], [11]]").code == 130
    now = searches(bakeoff, folder)
    assert now["wide"]["state"] == "stopped"
    assert now["fine"]["state"] == "changed", "it builds on the other"


def test_a_search_of_a_search_of_a_search_can_be_added(bakeoff, study, tmp_path):
    folder = tmp_path / "out"
    assert bakeoff("run", study, "--out", folder).code == 0
    more = bakeoff("run", study, "--out", folder, "--set", FINER)
    assert more.code == 0, more.err
    assert more.err.startswith("search finer: ")
    assert searches(bakeoff, folder)["finer"]["state"] == "done"


def test_a_damaged_shard_is_named_and_once_deleted_trains_again(bakeoff, study, tmp_path):
    folder = tmp_path / "out"
    assert bakeoff("run", study, "--out", folder).code == 0
    before = json.loads((folder / "results.json").read_text())["searches"][0]
    shard = min((folder / "trials" / "wide").glob("*.parquet"))
    shard.write_bytes(b"")
    for command in (("status", folder), ("report", folder), ("run", study, "--out", folder)):
        said = bakeoff(*command)
        assert said.code == 1
        assert said.err.startswith(f"error: {shard}: cannot read these trials")
        assert said.err.endswith("; delete it to train them again\n")
    shard.unlink()
    spent = folder / "trials" / "wide" / "spent.json"
    spent.write_text("{")
    assert bakeoff("status", folder).err.startswith(f"error: {spent}: cannot read the time spent")
    spent.unlink()
    assert searches(bakeoff, folder)["wide"]["state"] == "begun"
    assert bakeoff("run", study, "--out", folder).code == 0
    after = json.loads((folder / "results.json").read_text())["searches"][0]
    assert (after["trials"], after["winner"]) == (before["trials"], before["winner"])


def test_json_of_a_stopped_search(bakeoff, study, tmp_path, stopped_at):
    stopped_at("pack_done")
    stopped = bakeoff("run", study, "--out", tmp_path / "out", "--json")
    told = json.loads(stopped.out)
    assert (stopped.code, told["stopped"], told["trained"], told["results"]) == (130, True, 0, None)
    # Which pack is over first is up to the machine.
    assert told["trials"] == len(TrialStore(tmp_path / "out" / "trials" / "wide").all()) > 0


def test_without_searches_only_the_entries_train(bakeoff, study, tmp_path):
    ran = bakeoff("run", study, "--out", tmp_path / "out", "--no-search")
    assert ran.code == 0
    assert "search wide" not in ran.out + ran.err
    assert not (tmp_path / "out" / "trials").exists()


def test_a_search_in_which_everything_diverges_is_reported(bakeoff, study, tmp_path):
    wild = "searches={w: {entry: base, strategy: list, points: [{lr: 1.0e38}, {lr: 2.0e38}]}}"
    ran = bakeoff("run", study, "--out", tmp_path / "out", "--set", wild, "--set", "recipes.plain.optimizer=sgd")
    assert ran.code == 0, ran.err
    assert "none of them has a score" in ran.err
    assert "none of them has a score" in ran.out
    assert "2" in bakeoff("status", tmp_path / "out").out.splitlines()[-1]
