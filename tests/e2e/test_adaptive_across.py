"""Seeds until decided on several datasets: each decides for itself, nothing is looked at too early, and all is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from squares import write_squares, write_study
from test_adaptive_seeds import ENTRIES, RULE, write_either_or

from bakeoff.api import Across, opened_across, redraw_across, status_across
from bakeoff.errors import StoreError
from bakeoff.fleet.executors import InlineExecutor

LABELS = ("either", "squares")


@pytest.fixture(autouse=True, scope="module")
def _quick():
    """Trained in this process; a dataset's report is a word: figures take seconds."""

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        patch.setattr("bakeoff.api.running.write_report", write_report)
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("both")
    first, second = write_either_or(folder / "either.npz"), write_squares(folder / "squares.npz")
    file = write_study(folder / "both.yaml", first, ENTRIES, seeds=RULE, epochs=6)
    file.write_text(file.read_text().replace(f"'{first}'", f"['{first}', '{second}']"))
    return file


@pytest.fixture(scope="module")
def ran(file, tmp_path_factory):
    return Across.load(file).run(out=tmp_path_factory.mktemp("ran") / "out", workers=1)


def seeds_of(ran) -> dict[str, dict[str, int]]:
    return {label: {e.name: len(e.seeds) for e in part.results.entries} for label, part in ran.parts.items()}


def test_each_dataset_decides_for_itself(ran):
    assert seeds_of(ran) == {"either": {"one": 4, "other": 4, "linear": 2}, "squares": dict.fromkeys(ENTRIES, 4)}
    for label, part in ran.parts.items():
        assert part.results.seeds.wanted == seeds_of(ran)[label]
        opened = [json.loads(line)["run"] for line in (part.study_dir / "ledger.jsonl").read_text().splitlines()]
        assert sorted(opened) == sorted(key for e in part.results.entries for key in e.run_keys), (
            "opened once, at the end"
        )
    counts = [{name: len(a.values) for name, a in d.accuracy.items()} for d in ran.results.datasets]
    assert counts == list(seeds_of(ran).values())


def test_the_overview_says_how_many_seeds_there_were(ran):
    said = "Seeds were added until decided, on each dataset by itself: either 2 to 4, squares 4 an entry."
    assert [line for line in ran.results.methods if line.startswith(said)]
    assert said in ran.report.read_text()
    assert said in ran.report.with_suffix(".md").read_text()


def test_a_shared_first_rank_is_not_given_to_one(ran):
    assert ran.results.answer.startswith("one and other share the best average rank over 2 datasets, 1.75 of 3.")


def test_plan_and_status_tell_of_seeds_on_each_dataset(ran, file, tmp_path):
    before = Across.load(file).plan(out=tmp_path / "nothing", workers=1, difference=0.02)
    assert {label: (p.trainings, p.at_most, p.difference) for label, p in before.items()} == dict.fromkeys(
        LABELS, (6, 12, 0.02)
    )
    after = Across.load(file).plan(out=ran.study_dir, workers=1)
    assert {label: (p.trainings, p.at_most) for label, p in after.items()} == dict.fromkeys(LABELS, (0, 0))
    found = status_across(opened_across(ran.study_dir), ran.study_dir)
    assert {label: {e.name: e.done for e in one.entries} for label, one in found.items()} == seeds_of(ran)
    assert all(one.seeds.stopped for one in found.values())


def test_a_dataset_whose_seeds_are_not_settled_stays_closed(ran, file, tmp_path):
    """The others are judged, it is named, and the same command goes on with it."""
    folder = Path(shutil.copytree(ran.study_dir, tmp_path / "out"))
    last = next(e for e in ran.parts["squares"].results.entries if e.name == "other").run_keys[-1]
    shutil.rmtree(folder / "squares" / "runs" / last)
    (folder / "squares" / "ledger.jsonl").unlink()
    redraw_across(opened_across(folder), folder)
    assert json.loads((folder / "results.json").read_text())["left_out"] == ["squares has no results yet"]
    assert not (folder / "squares" / "ledger.jsonl").exists()
    shutil.rmtree(folder / "either")
    with pytest.raises(StoreError, match="squares: seeds are not settled"):
        redraw_across(opened_across(folder), folder)
    again = Across.load(file).run(out=folder, workers=1)
    assert {label: part.trained for label, part in again.parts.items()} == {"either": 10, "squares": 1}
    assert seeds_of(again) == seeds_of(ran)


def test_seeds_from_the_command_line_hold_for_every_dataset(file, tmp_path):
    rule = Across.load(file, seeds="2..3")
    assert {label: study.seed_rule.max for label, study in rule.specs.items()} == dict.fromkeys(LABELS, 3)
    fixed = Across.load(file, seeds=2)
    assert all(study.seed_rule is None and len(study.seeds) == 2 for study in fixed.specs.values())
    assert Across.load(_dumped(rule, tmp_path)).specs["squares"].seed_rule == rule.specs["squares"].seed_rule


def _dumped(across: Across, folder: Path) -> Path:
    (folder / "study.yaml").write_text(across.dump())
    return folder / "study.yaml"
