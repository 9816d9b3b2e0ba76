"""Searches that end without a trial: why is said while they run and in the results, and nothing else fails."""

from __future__ import annotations

import json

from squares import write_squares, write_study

from bakeoff import api
from bakeoff.api.planning import plan_study
from bakeoff.api.search_files import SearchOutcome
from bakeoff.api.searching import Searched
from bakeoff.api.untried import untried
from bakeoff.judge import SpaceFacts
from bakeoff.search.spec import SearchSpec

BASE = {"base": "{model: {mlp: {hidden: [8]}}, recipe: plain}"}
SEARCHES = """\
searches:
  hopeless: {entry: base, strategy: grid, over: {dropout: [1.0]}}
  late: {entry: base, strategy: random, over: {lr: {log_uniform: [1.0e-4, 1.0e-2]}}, budget: 0.001s}
  small: {entry: base, strategy: grid, folds: 2, over: {lr: [0.1, 0.01]}, budget: {trials: 1}}
"""
SAID = [
    "hopeless (grid) trained nothing: every point of its space is hopeless.",
    "late (random) trained nothing: its time was over before a training had ended; give it more.",
    "small (grid) trained nothing: its budget does not admit a single candidate.",
]


def test_a_search_that_trained_nothing_says_why(tmp_path):
    path = write_study(tmp_path / "study.yaml", write_squares(tmp_path / "squares.npz"), BASE, seeds=1, epochs=1)
    path.write_text(path.read_text() + SEARCHES)
    study, out, notes = api.Study.load(path), tmp_path / "out", []
    outcome = study.run(out=out, progress=lambda event: notes.append(event.text) if event.kind == "note" else None)
    assert [entry.name for entry in outcome.results.entries] == ["base"]
    assert (outcome.failed, outcome.results.untried) == ([], SAID)
    assert [note for note in notes if note.startswith("search ")] == [
        "search hopeless: done, no training ended",
        "search late: its budget is used up, no training ended",
        "search small: its budget is used up, no training ended",
    ]
    planned = plan_study(study.spec, out=out, measure=False)
    assert [search.note for search in planned.searches] == ["nothing to train: it is over"] * 3
    api.redraw(out)
    assert json.loads((out / "results.json").read_text())["untried"] == SAID


def test_time_that_is_over_in_the_midst_of_the_only_pack_is_the_reason():
    """All was asked then, so the search says that it is done."""
    spec = SearchSpec(entry="base", strategy="halving", trials=400, budget="2s")  # type: ignore[arg-type]
    outcome = SearchOutcome(told={}, ended="done", failed=(), space=SpaceFacts(), winners=(), baseline="base")
    (said,) = untried([Searched("late", spec, outcome, [], {})])
    assert "its time was over before a training had ended" in said
    failed = outcome.model_copy(update={"failed": ("no memory.",)})
    assert untried([Searched("late", spec, failed, [], {})]) == ("late (halving) trained nothing: no memory.",)
