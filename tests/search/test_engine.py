"""Searches on real (small) data: the same table and winner on any number of workers, however often interrupted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from squares import write_squares

from bakeoff.data import make_split
from bakeoff.fleet import DataRef, Event, InlineExecutor, PackPlan, ProcessExecutor
from bakeoff.recipe import Recipe
from bakeoff.runs import Store, StudyPaths, TrialStore
from bakeoff.search.engine import Engine, Found
from bakeoff.search.ground import Ground
from bakeoff.search.reading import read_axes
from bakeoff.search.select import rank
from bakeoff.search.space import Space
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies import finer_axes, make_strategy

MODEL = {"mlp": {"hidden": [12]}}
RECIPE = Recipe(epochs=4, batch_size=32)
OVER = {
    "hidden": [[8], [13, 5]],
    "lr": {"log_uniform": [1e-5, 1e-1]},
    "dropout": [0.0, 0.3],
    "activation": ["relu", "elu"],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataRef:
    path = write_squares(tmp_path_factory.mktemp("data") / "squares.npz")
    return DataRef(name=str(path))


def engine(
    data: DataRef, folder: Path, executor: Any = None, histories: Any = None, name: str = "s", **told: Any
) -> Engine:
    known = {one.ask.candidate.key: one.ask.candidate for history in (histories or {}).values() for one in history[0]}
    spec = SearchSpec.model_validate({"entry": "e", "over": OVER, "strategy": "random", "trials": 8} | told)
    dataset = data.load()
    split = make_split(dataset.train.labels.numpy(), validation=0.25)
    over = finer_axes(spec, histories) if spec.strategy == "refine" else spec.over
    axes = read_axes(over, MODEL, RECIPE)
    space = Space(axes, MODEL, RECIPE, dataset.shape, len(dataset.classes))
    strategy = make_strategy(spec, space, histories or {}, RECIPE.epochs)
    ground = Ground(dataset, split, spec, "cpu")
    return Engine(name, ground, strategy, executor or InlineExecutor(data), StudyPaths(folder), known)


def run(one: Engine, stop_after: int | None = None) -> tuple[Found, list[Event]]:
    """`stop_after`: events until somebody asks to stop."""
    events: list[Event] = []
    stop = threading.Event()

    def watch(event: Event) -> None:
        events.append(event)
        if stop_after is not None and len(events) >= stop_after:
            stop.set()

    return one.run(watch, stop), events


def table(found: Found) -> list[tuple]:
    return sorted((t.number, t.stage, t.fold, t.candidate, t.stopped, t.validation_loss) for t in found.trials)


def winner(found: Found) -> str:
    return rank(found.told).cold[0].ask.candidate.key


KINDS: dict[str, dict[str, Any]] = {
    "random": {},
    "folds": {"folds": 2, "trials": 4},
    "halving": {"strategy": "halving", "trials": 9, "rungs": [1, 2, 4], "eta": 2},
    "stages": {
        "strategy": "halving",
        "trials": 6,
        "folds": 2,
        "eta": 3,
        "rungs": [{"epochs": 1, "examples": 40, "folds": 1}, {"epochs": 2, "folds": 2}, {"epochs": 4, "folds": 2}],
    },
    "tpe": {"strategy": "tpe", "trials": 8, "generation": 3},
}


@pytest.mark.parametrize("kind", KINDS)
def test_workers_and_interruptions_change_nothing(data: DataRef, tmp_path: Path, kind: str) -> None:
    whole, _ = run(engine(data, tmp_path / "whole", **KINDS[kind]))
    assert whole.ended == "done"
    assert not whole.failed
    two, _ = run(engine(data, tmp_path / "two", ProcessExecutor(data, 2), **KINDS[kind]))
    assert table(two) == table(whole)
    for _ in range(5):
        pieces, _ = run(engine(data, tmp_path / "pieces", **KINDS[kind]), stop_after=3)
    pieces, _ = run(engine(data, tmp_path / "pieces", **KINDS[kind]))
    assert table(pieces) == table(whole)
    assert winner(pieces) == winner(two) == winner(whole)


def test_a_search_that_is_over_trains_nothing(data: DataRef, tmp_path: Path) -> None:
    first, _ = run(engine(data, tmp_path))
    again, events = run(engine(data, tmp_path))
    assert table(again) == table(first)
    assert events == []


def test_more_trials_train_only_what_is_new(data: DataRef, tmp_path: Path) -> None:
    few, _ = run(engine(data, tmp_path, trials=4))
    shards = {path: path.stat().st_mtime_ns for path in (tmp_path / "trials" / "s").glob("*.parquet")}
    more, _ = run(engine(data, tmp_path, trials=7))
    assert {path: path.stat().st_mtime_ns for path in shards} == shards
    assert len(more.trials) == 7
    assert set(table(few)) <= set(table(more))


def test_a_wider_space_keeps_what_it_has(data: DataRef, tmp_path: Path) -> None:
    grid = {"strategy": "grid", "trials": None}
    run(engine(data, tmp_path, **grid, over={"lr": [1e-3, 1e-2]}))
    wider, events = run(engine(data, tmp_path, **grid, over={"lr": [1e-4, 1e-3, 1e-2]}))
    assert len(wider.trials) == 3
    assert [e.text for e in events if e.kind == "start"] == ["search s: 1 training"]


def test_a_budget_of_trials_and_of_epochs_is_kept(data: DataRef, tmp_path: Path) -> None:
    found, _ = run(engine(data, tmp_path / "a", budget={"trials": 5}))
    assert (len(found.trials), found.ended) == (5, "budget")
    found, _ = run(engine(data, tmp_path / "b", budget={"epochs": 12}))
    assert (sum(t.epochs for t in found.trials), found.ended) == (12, "budget")


def test_a_budget_of_time_ends_with_what_is_there(data: DataRef, tmp_path: Path) -> None:
    told = {"strategy": "tpe", "trials": 100_000, "generation": 4, "budget": {"minutes": 0.15}}
    found, _ = run(engine(data, tmp_path, **told))
    assert found.ended == "budget"
    assert found.trials
    assert winner(found)
    again, events = run(engine(data, tmp_path, **told))
    assert table(again) == table(found)
    assert not [e for e in events if e.kind == "start"]


def test_when_the_time_is_over_a_generation_cut_short_is_told_as_far_as_it_went(data: DataRef, tmp_path: Path) -> None:
    told = {"strategy": "tpe", "trials": 8, "generation": 4}
    whole, _ = run(engine(data, tmp_path, **told))
    last = max((tmp_path / "trials" / "s").glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    last.unlink()
    left, events = run(engine(data, tmp_path, **told, budget={"minutes": 1e-4}))
    assert left.ended == "budget"
    assert not [e for e in events if e.kind == "start"]
    assert set(table(left)) < set(table(whole))
    kept = {trial.job for trial in TrialStore(tmp_path / "trials" / "s").all()}
    assert {trial.job for trial in left.trials} == kept
    assert len(kept) % 4, "some of the last generation are there, some are not"


def test_the_time_spent_is_on_disk_while_it_searches(data: DataRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A kill must not give a budget in minutes its time back."""
    monkeypatch.setattr("bakeoff.search.engine.NOTED_EVERY_S", 0.0)
    searcher = engine(data, tmp_path, strategy="tpe", trials=100_000, generation=4, budget={"minutes": 0.05})
    noted: list[float] = []
    searcher.run(lambda _: noted.append(searcher.shards.seconds_spent()), threading.Event())
    assert noted[0] == 0.0
    assert 0.0 < noted[-1] < searcher.shards.seconds_spent()


def test_each_fold_is_scored_and_no_test_picture_is_seen(data: DataRef, tmp_path: Path) -> None:
    found, _ = run(engine(data, tmp_path, **KINDS["folds"]))
    assert Counter((t.number, t.fold) for t in found.trials) == {(n, k): 1 for n in range(4) for k in range(2)}
    told = {one.ask.number: one.score for one in found.told[0]}
    for n in range(4):
        folds = [t.validation_accuracy[-1] for t in found.trials if t.number == n]
        assert told[n] == pytest.approx(np.mean(folds))
    assert not (tmp_path / "runs").exists()


class Failing(InlineExecutor):
    """Packs with one of these learning rates run out of memory."""

    def __init__(self, data: DataRef, fails: Callable[[float], bool]) -> None:
        super().__init__(data)
        self.fails, self.tried = fails, 0

    def run(self, packs: Sequence[PackPlan], *rest: Any) -> Iterator[Any]:
        for pack in packs:
            self.tried += 1
            if any(self.fails(job.recipe.lr) for job in pack.jobs):
                yield pack, MemoryError("too large")
            else:
                yield from super().run([pack], *rest)


@pytest.mark.parametrize("told", [{"strategy": "tpe", "generation": 3}, {"trials": None, "budget": {"trials": 6}}])
def test_when_every_pack_fails_it_ends(data: DataRef, tmp_path: Path, told: Any) -> None:
    executor = Failing(data, lambda lr: lr > 0)
    found, _ = run(engine(data, tmp_path, executor, **told))
    assert (found.trials, found.ended) == ([], "failed")
    assert found.failed
    assert executor.tried < 20


def test_what_failed_is_tried_again(data: DataRef, tmp_path: Path) -> None:
    told = {"strategy": "grid", "trials": None, "over": {"lr": [1e-4, 1e-2], "hidden": [[4], [9]]}}
    whole, _ = run(engine(data, tmp_path / "whole", **told))
    found, _ = run(engine(data, tmp_path / "parts", Failing(data, lambda lr: lr > 1e-3), **told))
    assert found.ended == "failed"
    assert 0 <= len(found.trials) < 4
    again, _ = run(engine(data, tmp_path / "parts", **told))
    assert (table(again), again.ended, again.failed) == (table(whole), "done", [])


def test_refine_starts_from_the_weights_of_the_best(data: DataRef, tmp_path: Path) -> None:
    over = {"hidden": [[8], [13, 5]], "lr": [1e-3, 1e-2]}
    grid, _ = run(engine(data, tmp_path, strategy="grid", trials=None, over=over))
    told = {"strategy": "refine", "trials": 4, "grow": [7], "over": {}, "from": "s"}
    refine = engine(data, tmp_path, histories={"s": grid.told}, name="r", **told)
    found, _ = run(refine)
    assert not found.failed
    warm = [t for t in found.trials if t.parent]
    assert warm
    best = winner(grid)
    assert {t.parent for t in warm} == {best}
    parents = [Store(tmp_path).load(key) for key in Store(tmp_path)]
    assert [p.job.model for p in parents] == [refine.candidates[best].model]
    cold = {t.validation_loss for t in found.trials if not t.parent}
    assert not cold & {t.validation_loss for t in warm}
