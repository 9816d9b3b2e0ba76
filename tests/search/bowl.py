"""A small space, learning curves that anybody can compute, and packs that train by looking them up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from bakeoff.recipe import Recipe
from bakeoff.runs.trials import Trial
from bakeoff.search.budget import cut, over
from bakeoff.search.candidate import Candidate, Point
from bakeoff.search.companies import company as company_of
from bakeoff.search.companies import shares
from bakeoff.search.rungs import stage_folds
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategy import Ask, Generation, Strategy, Told
from bakeoff.search.told import tell

Curve = Callable[[Candidate, int, int], float]
"""Candidate, fold, epoch (from 1) -> validation accuracy; NaN where the training has diverged."""


@dataclass(frozen=True)
class Listed:
    name: str
    values: Sequence[Any]
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        return len(self.values)

    def listed(self) -> Sequence[Any]:
        return self.values

    def draw(self, rng: np.random.Generator) -> Any:
        return self.values[rng.integers(len(self.values))]


@dataclass(frozen=True)
class Continuum:
    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    step: int = 1
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        return int(self.high) - int(self.low) + 1 if self.whole else None

    def listed(self) -> Sequence[Any]:
        return range(int(self.low), int(self.high) + 1)

    def draw(self, rng: np.random.Generator) -> Any:
        value = math.exp(rng.uniform(math.log(self.low), math.log(self.high))) if self.log else None
        value = rng.uniform(self.low, self.high) if value is None else value
        return round(value) if self.whole else value


class SmallSpace:
    """Axes in the order in which they depend on each other."""

    def __init__(self, *axes: Listed | Continuum) -> None:
        self.axes = {axis.name: axis for axis in axes}

    @property
    def declared(self) -> int | None:
        sizes = [axis.size for axis in self.axes.values()]
        return None if None in sizes else math.prod(size or 0 for size in sizes)

    def draw(self, rng: np.random.Generator) -> Point:
        return {name: axis.draw(rng) for name, axis in self.axes.items()}

    def candidate(self, point: Mapping[str, Any]) -> Candidate:
        active: Point = {}
        for name, axis in self.axes.items():
            if name in point and all(active.get(other) in allowed for other, allowed in axis.when.items()):
                active[name] = point[name]
        model = {"mlp": {"hidden": [active.get("width", 8)], "activation": active["activation"]}}
        return Candidate(active, model, Recipe(lr=active["lr"], dropout=active.get("rate", 0.0)))

    def candidates(self) -> Iterator[Candidate]:
        points = (dict(zip(self.axes, p, strict=True)) for p in product(*(a.listed() for a in self.axes.values())))
        yield from {c.key: c for c in map(self.candidate, points)}.values()

    def hopeless(self, candidate: Candidate) -> str | None:
        return "nothing is left" if candidate.point.get("rate") == 1.0 else None


def finite() -> SmallSpace:
    """72 points, 36 different, 12 of them hopeless."""
    return SmallSpace(
        Listed("lr", [1e-4, 1e-3, 1e-2, 1e-1]),
        Listed("dropout", [False, True]),
        Listed("rate", [0.2, 0.5, 1.0], {"dropout": (True,)}),
        Listed("activation", ["relu", "selu", "elu"]),
    )


def endless() -> SmallSpace:
    return SmallSpace(
        Continuum("lr", 1e-5, 1.0, log=True),
        Continuum("width", 4, 256, log=True, whole=True),
        Listed("dropout", [False, True]),
        Continuum("rate", 0.0, 0.9, when={"dropout": (True,)}),
        Listed("activation", ["relu", "selu", "elu"]),
    )


def quality(candidate: Candidate) -> float:
    """0..1, best at lr 1e-2, dropout 0.2 and relu."""
    point = candidate.point
    rate = point.get("rate", 0.0)
    off = abs(math.log10(point["lr"]) + 2) / 3 + abs(rate - 0.2) + 0.1 * (point["activation"] != "relu")
    return math.exp(-off - abs(math.log(point.get("width", 64) / 64)) / 4)


def bowl(candidate: Candidate, fold: int, epoch: int) -> float:
    return quality(candidate) * (1 - 0.5**epoch) + 1e-4 * fold


def trained(generation: Generation, spec: SearchSpec, curve: Curve, company: int | None = None) -> list[Trial]:
    """Packs of `company` asks (as many as a search puts together) in the order asked; each keeps its own best at every
    rung."""
    asks, trials = generation.asks, []
    company = company or company_of(generation.stage, len(asks), spec.eta)
    for start in range(0, len(asks), company):
        trials += _pack(asks[start : start + company], generation, spec, curve)
    return trials


def _pack(asks: Sequence[Ask], generation: Generation, spec: SearchSpec, curve: Curve) -> list[Trial]:
    folds = range(stage_folds(generation.stage, spec.folds))
    alive, ends = list(asks), {ask.number: generation.stage.epochs for ask in asks}
    for epoch, share in shares(generation.stage, len(generation.asks), spec.eta):
        scores = {a.number: float(np.mean([curve(a.candidate, f, epoch) for f in folds])) for a in alive}
        best = sorted(alive, key=lambda a: (-np.nan_to_num(scores[a.number], nan=-np.inf), a.number))
        alive = best[: max(1, round(len(best) * share))]
        for ask in best[len(alive) :]:
            ends[ask.number] = epoch
    return [_trial(ask, generation, fold, ends[ask.number], curve) for ask in asks for fold in folds]


def _trial(ask: Ask, generation: Generation, fold: int, epochs: int, curve: Curve) -> Trial:
    values = [curve(ask.candidate, fold, epoch) for epoch in range(1, epochs + 1)]
    bad = next((i for i, value in enumerate(values) if math.isnan(value)), None)
    stopped = "epochs" if epochs == generation.stage.epochs else f"rung {epochs}"
    accuracy = tuple(values if bad is None else values[: bad + 1])  # the epoch in which it diverged is the last
    return Trial(
        number=ask.number,
        candidate=ask.candidate.key,
        point=ask.candidate.point,
        stage=generation.stage_number,
        fold=fold,
        job="",
        parameters=10,
        stopped=stopped if bad is None else "diverged at step 7",
        validation_accuracy=accuracy,
        validation_loss=tuple(1 - value for value in accuracy),
        running_loss=accuracy,
        seconds=accuracy,
        parent=ask.parent,
    )


def searched(
    strategy: Strategy, spec: SearchSpec, curve: Curve = bowl, company: int | None = None
) -> tuple[list[Generation], list[list[Told]], list[Trial]]:
    """The whole search: generations, what was told of each, all trials."""
    generations: list[Generation] = []
    told: list[list[Told]] = []
    trials: list[Trial] = []
    while not over(spec, trials) and (asked := strategy.next(told)):
        generation = cut(asked, spec, trials)
        if generation is None:
            break
        fresh = trained(generation, spec, curve, company)
        generations.append(generation)
        told.append(tell(generation, fresh, spec))
        trials += fresh
        assert len(generations) < 200, "no end in sight"
    return generations, told, trials


def plain(generation: Generation | None) -> Any:
    """A generation as values that compare."""
    if generation is None:
        return None
    asks = [(ask.number, ask.candidate.key, ask.candidate.point, ask.parent) for ask in generation.asks]
    return asks, generation.stage, generation.stage_number
