"""The pages of reproductions: what is kept beside them is enough to judge and draw again."""

from __future__ import annotations

import signal
from argparse import Namespace

import numpy as np
import pytest
from squares import write_squares, write_study

from bakeoff.api.running import run_study
from bakeoff.fleet.executors import InlineExecutor
from bakeoff.judge import Results
from bakeoff.judge.claim_results import ClaimResult
from bakeoff.judge.results import DatasetResult
from bakeoff.runs import Store
from bakeoff.study import Study
from scripts import kept, reproduce


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(the study, the folder of its runs)"""
    folder = tmp_path_factory.mktemp("reproduced")
    study = Study.load(write_study(folder / "squares.yaml", write_squares(folder / "squares.npz")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        run_study(study, out=folder / "runs")
    return study, folder / "runs"


def runs_in(folder):
    store = Store(folder)
    return [store.load(key) for key in store]


def arguments(**given):
    known = {"study": "squares", "data": None, "name": None, "set": [], "entry": None, "seeds": None, "page": None,
             "minutes": None, "redraw": False, "no_search": False}  # fmt: skip
    return Namespace(**(known | given))


def test_a_page_drawn_again_from_what_is_kept_says_the_same(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "PAGES", tmp_path)
    study, folder = trained
    out = tmp_path / "squares"
    reproduce.page(study, folder, out, arguments())
    first = Results.model_validate_json((out / "results.json").read_text())
    kept.restore(out, tmp_path / "restored", earlier=True)
    reproduce.page(study, tmp_path / "restored", out, arguments(redraw=True))
    again = Results.model_validate_json((out / "results.json").read_text())
    for one, other in zip(first.entries, again.entries, strict=True):
        assert (one.name, one.run_keys, one.test_accuracy) == (other.name, other.run_keys, other.test_accuracy)
        assert other.nll.mean == pytest.approx(one.nll.mean, abs=2e-3)
    text = (out / "README.md").read_text()
    assert "make reproduce STUDY=squares" in text
    assert all((out / "figures" / f"{stem}.svg").exists() for stem in reproduce.FIGURES)
    assert "| [squares](squares/README.md) |" in (tmp_path / "README.md").read_text()


SEARCH = """searches:
  width:
    entry: mlp
    strategy: halving
    rungs: [1, 3]
    trials: 6
    over: {lr: {log_uniform: [0.001, 0.1]}, hidden: [[6], [12]]}
"""


def test_a_page_tells_of_searches_too(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "PAGES", tmp_path / "pages")
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
    monkeypatch.setattr("bakeoff.api.searching.choose_executor", lambda data, *_: InlineExecutor(data))
    file = write_study(tmp_path / "squares.yaml", write_squares(tmp_path / "squares.npz"))
    file.write_text(file.read_text() + SEARCH)
    study, out = Study.load(file), tmp_path / "pages" / "squares"
    run_study(study, out=tmp_path / "runs")
    reproduce.page(study, tmp_path / "runs", out, arguments())
    first = (out / "README.md").read_text()
    assert "## Searches" in first
    assert "candidates tried 6" in first
    pictures = {line.split("](")[1].rstrip(")") for line in first.splitlines() if line.startswith("![")}
    assert all((out / picture).exists() for picture in pictures)
    assert any("search-1-width" in picture for picture in pictures)
    kept.restore(out, tmp_path / "restored", earlier=True)
    reproduce.page(study, tmp_path / "restored", out, arguments(redraw=True))
    again = Results.model_validate_json((out / "results.json").read_text())
    assert again.searches[0].trials == 6
    assert [line for line in first.splitlines() if "make reproduce" not in line] == [
        line for line in (out / "README.md").read_text().splitlines() if "make reproduce" not in line
    ]


def test_runs_of_a_page_are_not_trained_again(trained, tmp_path):
    study, folder = trained
    kept.keep(runs_in(folder), folder, tmp_path)
    kept.restore(tmp_path, tmp_path / "study", earlier=False)
    outcome = run_study(study, out=tmp_path / "study")
    assert (outcome.trained, outcome.reused) == (0, len(runs_in(folder)))


def test_a_stopped_sitting_goes_on_on_another_machine(trained, tmp_path, monkeypatch):
    """Finished runs and epochs of unfinished ones come along, and the end is that of trainings that never stopped."""
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", 0)
    (study, whole), here, elsewhere, out = trained, tmp_path / "here", tmp_path / "elsewhere", tmp_path / "page"
    epochs = []

    def stop_in_the_second_pack(event):
        epochs.append(event.pack) if event.kind == "epoch" else None
        if len(set(epochs)) == 2:
            signal.raise_signal(signal.SIGINT)

    assert run_study(study, out=here, progress=stop_in_the_second_pack).stopped
    kept.keep(runs_in(here), here, out, stopped=True)
    kept.restore(out, elsewhere, earlier=False)
    assert len(runs_in(elsewhere)) == len(runs_in(here)) > 0
    assert list(elsewhere.glob("packs/*/checkpoint.safetensors"))
    begun, again = len(epochs), []
    outcome = run_study(study, out=elsewhere, progress=lambda e: again.append(e) if e.kind == "epoch" else None)
    assert outcome.reused == len(runs_in(here))
    assert begun + len(again) == len(all_epochs(study, tmp_path / "at once"))
    one, other = ({run.key: run.summary["weights_sha256"] for run in runs_in(f)} for f in (elsewhere, whole))
    assert one == other
    kept.keep(runs_in(elsewhere), elsewhere, out)
    assert not (out / "packs.zip").exists()


def test_a_stopped_sitting_takes_no_run_from_a_page(trained, tmp_path):
    """Not those either that it did not bring along, as runs of earlier numerics."""
    _, folder = trained
    first, *others = runs_in(folder)
    kept.keep(others, folder, tmp_path)
    kept.keep([first], folder, tmp_path, stopped=True)
    kept.restore(tmp_path, tmp_path / "study", earlier=True)
    assert set(Store(tmp_path / "study")) == {run.key for run in (first, *others)}
    kept.keep([first], folder, tmp_path)
    kept.restore(tmp_path, tmp_path / "page", earlier=True)
    assert list(Store(tmp_path / "page")) == [first.key]


def all_epochs(study, folder):
    seen = []
    run_study(study, out=folder, progress=lambda e: seen.append(e) if e.kind == "epoch" else None)
    return seen


def test_what_is_kept_is_small_and_no_pickle(trained, tmp_path):
    _, folder = trained
    kept.keep(runs_in(folder), folder, tmp_path)
    with np.load(tmp_path / "runs.npz", allow_pickle=False) as arrays:
        kinds = {array.dtype.kind for array in (arrays[name] for name in arrays.files)}
        logits = [arrays[name] for name in arrays.files if name.endswith("/test")]
    assert kinds <= {"f", "u"}
    assert {array.dtype for array in logits} == {np.dtype("float16")}


def test_departures_are_on_the_page_and_in_its_command(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "PAGES", tmp_path)
    study, folder = trained
    given = arguments(set=["recipes.plain.epochs=3"], seeds=2, data="/somewhere/pictures", name="mine")
    reproduce.page(study, folder, tmp_path / "squares", given)
    text = (tmp_path / "squares" / "README.md").read_text()
    assert "Departures from the study file" in text
    assert "`recipes.plain.epochs=3`" in text
    assert "DATA=pictures NAME=mine MORE='--set recipes.plain.epochs=3 --seeds 2'" in text
    assert "Ours trained for other epochs" in text
    assert "so that an epoch has fewer steps" not in text
    assert "/somewhere" not in text


def test_fewer_pictures_and_others_than_the_reports_are_said(trained):
    study, _ = trained
    claim = ClaimResult.model_construct(metric="test_accuracy", entries=["fine-tuned"])
    dataset = DatasetResult.model_construct(name="mine", train_examples=1000)
    results = Results.model_construct(dataset=dataset, claims=[claim])
    few = arguments(study="pretrained-or-scratch", set=["data.name=folder", "train_examples=1000"])
    assert reproduce._cut_short(results, few).startswith("Ours trained on 1,000 pictures, so that")
    assert reproduce._theirs(study, few) == "cifar10"
    assert reproduce._theirs(study, arguments()) == study.data.name
    assert reproduce._other_data(results, "cifar10") == "The report's figures are of cifar10, ours of mine."
