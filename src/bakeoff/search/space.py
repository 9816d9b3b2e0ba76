"""A space of hyper-parameters: its points, and the different trainings that they lead to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from bakeoff.errors import UsageError, nearest
from bakeoff.models import build
from bakeoff.models.layers import Dropout
from bakeoff.recipe import Recipe
from bakeoff.search.axis import Axis
from bakeoff.search.candidate import Candidate, Point
from bakeoff.search.conditions import holds, order
from bakeoff.search.cuts import Cuts
from bakeoff.search.equal import Shape
from bakeoff.search.reading import idle_axes, read_axes
from bakeoff.search.trainings import Trainings

COUNTABLE = 1_000_000
"""Most points that are looked at one by one to count the different trainings among them."""


class Space:
    """Points around a base model and recipe, for pictures of `shape` (C, H, W) in `classes` classes.

    A point gives every axis a value. `axes`: as `reading.read_axes` gives them; conditions decide which of them play a
    part at a point.
    """

    def __init__(
        self, axes: Mapping[str, Axis], model: Mapping[str, Any], recipe: Recipe, shape: Shape, classes: int
    ) -> None:
        self.axes = dict(axes)
        self.model, self.recipe = dict(model), recipe
        self.shape, self.classes = shape, classes
        self._order = order(self.axes)
        self._cuts = Cuts(self.axes, self.model)
        self._trainings = Trainings(self.axes, self.model, recipe, shape, classes)

    def with_axes(self, over: Mapping[str, Any]) -> Space:
        """Other axes, as a study file writes them, around the same base; those that play a part at no point are left
        out. Raises SpaceError."""
        idle = idle_axes(over, self.model)
        over = {name: axis for name, axis in over.items() if name not in idle}
        return Space(read_axes(over, self.model, self.recipe), self.model, self.recipe, self.shape, self.classes)

    @property
    def declared(self) -> int | None:
        """How many points; None if an axis is a continuum."""
        sizes = [axis.size for axis in self.axes.values()]
        return None if None in sizes else math.prod(size or 0 for size in sizes)

    @property
    def countable(self) -> bool:
        """Whether `candidates` can be counted in seconds."""
        return self.declared is not None and self.declared <= COUNTABLE and self._distinct_models <= 1_000

    @property
    def _distinct_models(self) -> int:
        """At most so many: each may need its budget solved."""
        return math.prod(axis.size or 0 for axis in self.axes.values() if axis.target.of_model)

    def points(self) -> Iterator[Point]:
        """Every point, the last axis fastest. Raises UsageError if there is no end of them."""
        if self.declared is None:
            endless = ", ".join(name for name, axis in self.axes.items() if axis.size is None)
            raise UsageError(f"a continuous range has no list of points: {endless}; draw from it")
        for values in product(*(axis.listed() for axis in self.axes.values())):
            yield dict(zip(self.axes, values, strict=True))

    def draw(self, rng: np.random.Generator) -> Point:
        """A point at random: each axis on its own, listed values evenly, ranges evenly on their scale."""
        return {name: axis.draw(rng) for name, axis in self.axes.items()}

    def candidate(self, point: Mapping[str, Any]) -> Candidate:
        """What a point trains. Its own point names only the axes that play a part, each value in one spelling; an axis
        that `point` leaves out stays as the base has it. Raises UsageError for what lies outside the space or cannot
        be trained."""
        for name in point:
            if name not in self.axes:
                raise UsageError(f"{name}: no axis of this space{nearest(name, self.axes)}")
        active = self._settled({name: self.axes[name].settle(value) for name, value in point.items()})
        training = self._trainings.of(active)
        return Candidate(active, training.model, training.recipe)

    def candidates(self) -> Iterator[Candidate]:
        """The different trainings among all points, each where its first point stands."""
        seen: set[tuple[str, str]] = set()
        for point in self.points():
            active = self._settled(point)
            training = self._trainings.of(active)
            if training.told not in seen:
                seen.add(training.told)
                yield Candidate(active, training.model, training.recipe)

    def worth_training(self) -> tuple[list[Candidate], int]:
        """The different candidates that can learn something, and how many others there are."""
        every = list(self.candidates())
        worth = [candidate for candidate in every if not self.hopeless(candidate)]
        return worth, len(every) - len(worth)

    def hopeless(self, candidate: Candidate) -> str | None:
        """Why nothing can be learned, or None: a layer that drops everything cuts the pictures off."""
        rates = (candidate.recipe.dropout, candidate.recipe.conv_dropout)
        if max(rates) < 1:
            return None
        network = build(candidate.model, input_shape=self.shape, classes=self.classes, **candidate.recipe.layers)
        cut = any(isinstance(layer, Dropout) and layer.rate >= 1 for layer in network.layers)
        return "dropout 1.0 lets nothing of the pictures through: nothing can be learned" if cut else None

    def _settled(self, point: Mapping[str, Any]) -> Point:
        """The values of the axes that play a part, in the order of the axes."""
        active = self._active(point)
        first = self._cuts.first(active)
        if first != active:
            active = self._active({**point, **first})
        return {name: active[name] for name in self.axes if name in active}

    def _active(self, point: Mapping[str, Any]) -> Point:
        active: Point = {}
        for name in self._order:
            when = self.axes[name].when
            if name in point and (not when or holds(when, active)):
                active[name] = point[name]
        return active
