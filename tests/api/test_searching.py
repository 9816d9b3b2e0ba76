"""Studies with searches, from the file to the report: winners on fresh seeds, warm starts, refits, resuming."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from squares import write_squares

from bakeoff import api
from bakeoff.api.planning import plan_study, status
from bakeoff.api.search_files import SearchOutcome, kept_outcome
from bakeoff.errors import UsageError
from bakeoff.judge import SpaceFacts
from bakeoff.runs import Store, StudyPaths, TrialStore
from bakeoff.runs.files import write_json

STUDY = """\
study: searching
data: {{path: {data}}}
split: {{validation: 0.25}}
seeds: 2
recipes:
  plain: {{epochs: 2, batch_size: 32}}
entries:
  base: {{model: {{mlp: {{hidden: [8]}}}}, recipe: plain}}
searches:
  wide:
    entry: base
    strategy: halving
    trials: 6
    rungs: [1, 2]
    over: {{hidden: [[8], [12], [9, 5]], lr: {{log_uniform: [1.0e-4, 3.0e-2]}}}}
    finalists: 2
"""
REFINE = """\
  fine:
    entry: base
    strategy: refine
    from: wide
    grow: [6]
    trials: 2
    over: {{hidden: [[8], [12]]}}
"""


@pytest.fixture
def load(tmp_path):
    data = write_squares(tmp_path / "squares.npz")

    def of(more: str = "", **options) -> api.Study:
        path = tmp_path / "study.yaml"
        path.write_text((STUDY + more).format(data=data))
        return api.Study.load(path, **options)

    return of


def results(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())


def test_the_best_candidates_train_again_on_the_studys_seeds_and_stand_beside_the_entry(load, tmp_path):
    out = tmp_path / "out"
    outcome = load().run(out=out)
    assert {entry.name for entry in outcome.results.entries} == {"base", "wide-1", "wide-2"}
    (search,) = results(out)["searches"]
    assert (search["trials"], search["baseline"]["entry"]) == (6, "base")
    assert [finalist["entry"] for finalist in search["finalists"]] == ["wide-1", "wide-2"]
    trials = TrialStore(out / "trials" / "wide").all()
    seeds = {Store(out).load(key).job.seed for key in Store(out)}
    assert seeds == {0, 1}
    assert len(list(Store(out))) == 6
    best = max((t for t in trials if t.stopped == "epochs"), key=lambda t: t.validation_accuracy[-1])
    models = {e.name: Store(out).load(e.run_keys[0]).job.model for e in outcome.results.entries if e.name == "wide-1"}
    assert models["wide-1"]["mlp"]["hidden"] == best.point["hidden"]


def test_a_second_run_trains_and_asks_nothing(load, tmp_path):
    load().run(out=tmp_path / "out")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / "trials").rglob("*")}
    again = load().run(out=tmp_path / "out")
    assert (again.trained, again.reused) == (0, 6)
    planned = plan_study(load().spec, out=tmp_path / "out", measure=False)
    assert (planned.trainings, planned.done) == (0, 6)
    assert (planned.searches[0].trainings, planned.searches[0].done) == (0, 6)
    planned = plan_study(load(overrides=["searches.wide.trials=9"]).spec, out=tmp_path / "out", measure=False)
    assert (planned.searches[0].trainings, planned.searches[0].done, planned.searches[0].finalists) == (9, 6, 4)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / "trials").rglob("*")} == before


def test_more_trials_keep_what_is_there(load, tmp_path):
    load().run(out=tmp_path / "out")
    shards = set((tmp_path / "out" / "trials" / "wide").glob("*.parquet"))
    load(overrides=["searches.wide.trials=9"]).run(out=tmp_path / "out")
    assert shards < set((tmp_path / "out" / "trials" / "wide").glob("*.parquet"))
    assert results(tmp_path / "out")["searches"][0]["candidates"] == 9


def test_a_report_is_drawn_again_with_its_searches(load, tmp_path):
    load().run(out=tmp_path / "out")
    before = results(tmp_path / "out")
    (tmp_path / "out" / "report.html").unlink()
    api.redraw(tmp_path / "out")
    assert (tmp_path / "out" / "report.html").exists()
    assert results(tmp_path / "out")["searches"] == before["searches"]
    assert {entry.name for entry in api.status(tmp_path / "out").entries} == {"base", "wide-1", "wide-2"}


def test_refit_all_trains_the_finalists_and_a_baseline_on_all_but_the_test_set(load, tmp_path):
    out = tmp_path / "out"
    outcome = load(overrides=["searches.wide.refit=all"]).run(out=out)
    assert {e.name for e in outcome.results.entries} == {"base", "wide-1", "wide-2", "wide-baseline"}
    sizes = {}
    for entry in outcome.results.entries:
        run = Store(out).load(entry.run_keys[0])
        sizes[entry.name] = (len(run.validation_logits), run.job.recipe.epochs)
    assert sizes == {"base": (60, 2), "wide-1": (0, 2), "wide-2": (0, 2), "wide-baseline": (0, 2)}


def test_a_warm_winner_trains_its_beginning_again_and_starts_from_it(load, tmp_path):
    out = tmp_path / "out"
    outcome = load(REFINE).run(out=out)
    names = {e.name: e for e in outcome.results.entries}
    assert {"fine-1", "fine-carried", "fine-warm"} <= set(names)
    for seed in range(2):
        warm, carried = (Store(out).load(names[n].run_keys[seed]).job for n in ("fine-warm", "fine-carried"))
        assert warm.start == carried.key
        assert warm.seed == carried.seed == seed
        assert warm.model["mlp"]["hidden"] == [*carried.model["mlp"]["hidden"], 6]


def test_an_entry_starts_from_the_weights_of_another(load, tmp_path):
    """At a rate of next to nothing it still is what it started from."""
    more = "entries.still={model: {mlp: {hidden: [8]}}, recipe: {from: plain, lr: 1.0e-30}, start: base}"
    study = load(overrides=[more], search=False)
    study.run(out=tmp_path / "out")
    store = Store(tmp_path / "out")
    runs = {(run.job.start is not None, run.job.seed): run for run in map(store.load, store)}
    from bakeoff.runs import load_weights

    for seed in range(2):
        base, still = load_weights(runs[False, seed]), load_weights(runs[True, seed])
        assert (base["1.weight"] == still["1.weight"]).all()
        assert not (base["3.weight"] == still["3.weight"]).all()  # the last layer is never carried over


def test_heads_are_searched_behind_one_pass_of_a_frozen_backbone(load, tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    heads = """\
  heads:
    entry: frozen
    strategy: grid
    over: {{lr: [1.0e-3, 1.0e-2, 1.0e-1], dropout: [0.0, 0.5]}}
"""
    more = "entries.frozen={model: {pretrained: {size: 32}}, recipe: plain}"
    outcome = load(heads, overrides=[more, "searches.wide.trials=2"]).run(out=tmp_path / "out", workers=2)
    assert "heads-1" in {entry.name for entry in outcome.results.entries}
    trials = TrialStore(tmp_path / "out" / "trials" / "heads").all()
    assert len(trials) == 6
    assert len(list((tmp_path / "home").rglob("view-*.f16"))) == 2  # of the training and of the test pictures


@pytest.mark.parametrize(("start", "said"), [("bass", "did you mean 'base'"), ("late", "no entry before this one")])
def test_a_start_that_is_not_there_is_named(load, start, said):
    more = [f"entries.still={{model: {{linear: {{}}}}, recipe: plain, start: {start}}}", "entries.late={model: linear}"]
    with pytest.raises(UsageError, match=said):
        load(overrides=more)


def test_a_start_that_would_carry_nothing_is_refused_before_anything_trains(load, tmp_path):
    more = ["entries.still={model: {mlp: {hidden: [9]}}, recipe: plain, start: base}"]
    with pytest.raises(UsageError, match="entry still: start: nothing would be carried over"):
        load(overrides=more, search=False).run(out=tmp_path / "out")


def test_a_search_survives_kills(load, tmp_path):
    """kill -9 again and again: what is written stays, and the end is that of a search nobody disturbed."""
    load(overrides=["searches.wide.trials=60"]).run(out=tmp_path / "whole")
    command = [sys.executable, "-m", "bakeoff", "run", str(tmp_path / "study.yaml"), "--out", str(tmp_path / "killed"),
               "--set", "searches.wide.trials=60", "--workers", "1"]  # fmt: skip
    shards = tmp_path / "killed" / "trials" / "wide"
    for kills in range(3):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 60
        while len(list(shards.glob("*.parquet"))) <= kills and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)

    def table(folder: Path) -> list[tuple]:
        return [(t.number, t.stopped, t.validation_loss) for t in TrialStore(folder / "trials" / "wide").all()]

    assert table(tmp_path / "killed") == table(tmp_path / "whole")
    assert (
        results(tmp_path / "killed")["searches"][0]["finalists"][0]["candidate"]
        == (results(tmp_path / "whole")["searches"][0]["finalists"][0]["candidate"])
    )


@pytest.mark.parametrize("change", ["searches.wide.trials=9", "searches.wide.over.hidden=[[7], [11], [16]]"])
def test_a_changed_search_counts_the_trials_of_its_own_space_only(load, tmp_path, change):
    """Shards of the search as it was stay where they are; its numbers may be others now."""
    load().run(out=tmp_path / "out")
    changed = load(overrides=[change])
    changed.run(out=tmp_path / "out")
    fresh = results(tmp_path / "out")["searches"]
    api.redraw(tmp_path / "out")
    assert results(tmp_path / "out")["searches"] == fresh
    changed.run(out=tmp_path / "alone")
    assert results(tmp_path / "alone")["searches"][0]["candidates"] == fresh[0]["candidates"]


HOPELESS = """\
  lost:
    entry: base
    strategy: list
    points: [{{lr: 1.0e+30}}]
    over: {{lr: [1.0e+30], optimizer: [sgd], activation: [none]}}
  finer:
    entry: base
    strategy: refine
    from: lost
  finest:
    entry: base
    strategy: refine
    from: finer
  last:
    entry: base
    strategy: list
    points: [{{lr: 0.01}}]
"""


def test_a_refine_without_a_beginning_fails_alone_and_is_named(load, tmp_path):
    said = []
    study = load(HOPELESS, overrides=["searches.wide.trials=2"])
    outcome = study.run(out=tmp_path / "out", progress=lambda event: said.append(event.text))
    reason = "could not begin: from: search 'lost' has no candidate to refine: every one diverged or none was trained"
    assert outcome.failed[0] == f"search finer: {reason}"
    assert outcome.failed[1].startswith("search finest: could not begin: from: search 'finer' has no candidate")
    assert f"search finer: {reason}" in said
    assert {"base", "wide-1", "last-1"} <= {entry.name for entry in outcome.results.entries}
    assert outcome.report.exists()
    again = study.run(out=tmp_path / "out")
    assert (again.trained, again.failed) == (0, outcome.failed)


def test_a_search_whose_packs_failed_says_so_and_is_tried_again(load, tmp_path, monkeypatch):
    class Full:
        def run(self, packs, *_):
            yield from ((pack, MemoryError("no more")) for pack in packs)

        def close(self):
            pass

    whole = load().run(out=tmp_path / "whole")
    assert whole.failed == []

    study = load(overrides=["searches.wide.finalists=0"])
    with monkeypatch.context() as patch:
        patch.setattr("bakeoff.api.searching.choose_executor", lambda *_: Full())
        outcome = study.run(out=tmp_path / "out")
    assert "MemoryError" in outcome.failed[0]
    assert "wide (halving) trained nothing" in outcome.results.untried[0]
    assert [one.state for one in status(tmp_path / "out").searches] == ["failed"]
    again = study.run(out=tmp_path / "out")
    assert again.failed == []
    assert again.results.searches[0].trials == whole.results.searches[0].trials
    assert [one.state for one in status(tmp_path / "out").searches] == ["done"]


@pytest.mark.parametrize("name", ["wide-1", "wide-2", "wide-baseline"])
def test_an_entry_may_not_have_a_finalists_name(load, tmp_path, name):
    load()
    path = tmp_path / "study.yaml"
    path.write_text(path.read_text().replace("searches:", f"  {name}: {{model: linear, recipe: plain}}\nsearches:"))
    with pytest.raises(UsageError, match=rf"entries\.{name}: this name is that of a finalist of search wide"):
        api.Study.load(path)
    path.write_text(path.read_text().replace(name, "wide-3"))
    api.Study.load(path)


def test_too_few_pictures_for_folds_are_found_before_anything_trains(load, tmp_path):
    more = "  second: {{entry: base, strategy: grid, over: {{lr: [0.01]}}, folds: 20}}\n"
    study = load(more, overrides=["train_examples=30", "split.validation=0.1"])
    for ask in (study.run, study.plan):
        with pytest.raises(UsageError, match=r"searches\.second\.folds: class \d has"):
            ask(out=tmp_path / "out")
    assert not (tmp_path / "out/trials").exists()


def test_a_refine_whose_best_has_a_schedule_that_depends_on_the_length_takes_no_rungs(load, tmp_path):
    more = """\
  shapes: {{entry: base, strategy: grid, over: {{schedule: [cosine], lr: [0.01, 0.02]}}, finalists: 0}}
  fine: {{entry: base, strategy: refine, from: shapes, rungs: [1, 2]}}
"""
    outcome = load(more, overrides=["searches.wide.trials=2"]).run(out=tmp_path / "out")
    (sentence,) = outcome.failed
    assert sentence.startswith("search fine: could not begin: rungs: schedule cosine depends on the length")
    assert outcome.results is not None


def test_axes_of_a_refine_that_play_no_part_are_named_and_left_out(load, tmp_path):
    more = """\
  flat: {{entry: base, strategy: grid, over: {{dropout: [false], lr: [0.01, 0.02]}}, finalists: 0}}
  fine: {{entry: base, strategy: refine, from: flat, over: {{dropout_rate: [0.1, 0.2]}}}}
"""
    said = []
    study = load(more, overrides=["searches.wide.trials=2"])
    outcome = study.run(out=tmp_path / "out", progress=lambda event: said.append(event.text))
    assert "search fine: dropout_rate plays no part at the best of flat and is left out" in said
    assert outcome.failed == []
    before = results(tmp_path / "out")["searches"]
    api.redraw(tmp_path / "out")
    assert results(tmp_path / "out")["searches"] == before


def test_a_search_that_cannot_be_asked_as_declared_is_named(load, tmp_path):
    more = """\
  pairs: {{entry: base, strategy: grid, over: {{optimizer: [sgd], nesterov: [false, true], momentum: [0.0, 0.9]}}}}
"""
    with pytest.raises(UsageError, match=r"searches\.pairs: the point .* cannot be trained"):
        load(more, overrides=["searches.wide.trials=2"]).run(out=tmp_path / "out")


def test_the_axes_that_a_search_found_keep_their_order_on_disk(tmp_path):
    over = {"lr": [0.1], "activation": ["relu"], "hidden": [[8]]}
    told = SearchOutcome(
        told={}, ended="done", failed=(), space=SpaceFacts(), over=over, winners=(), baseline="base"
    ).model_dump(mode="json")
    paths = StudyPaths(tmp_path)
    for kept, axes in ((told, list(over)), (told | {"over": over}, sorted(over)), (told | {"over": None}, None)):
        write_json(paths.trials("s") / "outcome.json", kept)
        found = kept_outcome(paths, "s")
        assert (found.over if axes is None else list(found.over)) == axes
