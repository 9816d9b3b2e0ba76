"""Made-up searches: trials as packs write them, for tests of what reads them. Nothing trains."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.judge.search import Search
from bakeoff.judge.search_results import SpaceFacts
from bakeoff.runs.trials import Trial
from bakeoff.search.spec import SearchSpec

AXES: dict[str, list[Any]] = {
    "layers": [1, 2, 3, 4, 5, 6],
    "hidden": [[300], [300, 150], [300, 250, 150], [300, 250, 150, 50]],
    "lr": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
    "dropout": [False, True],
    "dropout_rate": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    "activation": ["relu", "selu", "elu"],
    "init": ["he_normal", "he_uniform", "lecun_normal", "lecun_uniform"],
    "batch_norm": ["none", "before", "after"],
}
RUNGS = [
    {"epochs": 1, "examples": 6000, "folds": 1, "keep": 1 / 9},
    {"epochs": 3, "examples": 18000, "folds": 1},
    {"epochs": 9, "examples": 18000, "folds": 1, "keep": 1 / 9},
    {"epochs": 10},
    {"epochs": 30},
]


def key_of(point: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(point, sort_keys=True).encode()).hexdigest()[:16]


def draw_point(rng: np.random.Generator, axes: Mapping[str, list[Any]] = AXES) -> dict[str, Any]:
    point = {name: values[int(rng.integers(len(values)))] for name, values in axes.items()}
    if point.get("dropout") is False:
        point.pop("dropout_rate", None)
    return point


def goodness(point: Mapping[str, Any]) -> float:
    """The accuracy that this point would reach in the end, 0..1: the rate matters most, the start not at all."""
    best = 0.895 - 0.055 * (np.log10(point.get("lr", 1e-3)) + 3) ** 2 - 0.01 * abs(point.get("layers", 3) - 3)
    best -= 0.09 * max(0.0, point.get("dropout_rate", 0.0) - 0.3)
    return best - {"relu": 0.0, "selu": 0.006, "elu": 0.004}.get(point.get("activation", "relu"), 0.0)


def trial(
    number: int, point: Mapping[str, Any], stage: int, fold: int, epochs: int, stopped: str, rng: np.random.Generator,
    *, speed: float = 1.0, parent: str = "",
) -> Trial:  # fmt: skip
    """A curve that rises towards the point's goodness, with noise of a fold."""
    end = goodness(point) + rng.normal(0, 0.006)
    at = np.arange(1, epochs + 1)
    accuracy = np.clip(end - (end - 0.1) * 0.45 * np.exp(-0.5 * speed * at) + rng.normal(0, 0.002, epochs), 0.02, 0.999)
    return Trial(
        number=number,
        candidate=key_of(point),
        point=dict(point),
        stage=stage,
        fold=fold,
        job=hashlib.sha256(f"{number} {stage} {fold}".encode()).hexdigest(),
        parameters=1000 * int(point.get("layers", 3)),
        stopped=stopped,
        validation_accuracy=tuple(accuracy.tolist()),
        validation_loss=tuple((2.5 * (1 - accuracy)).tolist()),
        running_loss=tuple((2.4 * (1 - accuracy)).tolist()),
        seconds=tuple((0.3 * at).tolist()),
        parent=parent,
    )


def different_points(count: int, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, Any]] = {}
    while len(found) < count:
        point = draw_point(rng)
        found.setdefault(key_of(point), point)
    return list(found.values())


def random_search(candidates: int = 60, folds: int = 3, epochs: int = 8, seed: int = 0, **spec: Any) -> Search:
    """Every candidate trained to the end; those with the largest rate may diverge."""
    rng = np.random.default_rng(seed)
    trials = []
    for number, point in enumerate(different_points(candidates, seed)):
        bad = point["lr"] == 1e-1 and rng.random() < 0.3
        for fold in range(folds):
            stopped = f"diverged at step {int(rng.integers(20, 900))}" if bad and fold == 1 else "epochs"
            trials.append(trial(number, point, 0, fold, 2 if stopped != "epochs" else epochs, stopped, rng))
    made = SearchSpec(entry="mlp", strategy="random", trials=candidates, folds=folds, over=AXES, **spec)
    return Search("draws", made, trials, AXES, SpaceFacts(declared=151_200, different=29_700, hopeless=2_700))


def halving_search(candidates: int = 300, seed: int = 0, name: str = "grid") -> Search:
    """Three stages, as report A's space is covered: part of the data on one fold, then more, then all on three."""
    rng = np.random.default_rng(seed)
    points = dict(enumerate(different_points(candidates, seed)))
    spec = SearchSpec(entry="mlp", strategy="halving", folds=3, over=AXES, rungs=RUNGS)  # type: ignore[arg-type]
    trials: list[Trial] = []
    alive = list(points)
    for stage, (folds, rungs, speed) in enumerate(((1, (1,), 0.4), (1, (3, 9), 0.7), (3, (10, 30), 1.0))):
        mine: dict[int, float] = {}
        for number in alive:
            bad = points[number]["lr"] == 1e-1 and rng.random() < 0.2
            stopped = f"diverged at step {int(rng.integers(5, 90))}" if bad else "epochs"
            leaves = not bad and len(rungs) > 1 and rng.random() > (0.25 + 3 * (goodness(points[number]) - 0.8))
            epochs = rungs[0] if leaves or bad else rungs[-1]
            stopped = f"rung {epochs}" if leaves else stopped
            made = [trial(number, points[number], stage, f, epochs, stopped, rng, speed=speed) for f in range(folds)]
            trials += made
            if not (bad or leaves):
                mine[number] = float(np.mean([t.validation_accuracy[-1] for t in made]))
        alive = sorted(mine, key=lambda n: -mine[n])[: max(3, len(alive) // 9)]
    return Search(name, spec, trials, AXES, SpaceFacts(declared=151_200, different=29_700, hopeless=2_700))
