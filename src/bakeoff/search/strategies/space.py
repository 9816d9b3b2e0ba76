"""What a strategy needs to know of a space of candidates and of its axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from bakeoff.search.candidate import Candidate, Point


class Axis(Protocol):
    """`size`: how many values, None for a continuum. `listed()`: those values. `when`: the values of other axes at
    which this one plays a part; all must hold. Of axis `model`: names of architectures."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def when(self) -> Mapping[str, tuple[Any, ...]]: ...
    def listed(self) -> Sequence[Any]: ...


@runtime_checkable
class Range(Axis, Protocol):
    """An axis of numbers from `low` to `high`, both included. `log`: what counts is the ratio of two values, not their
    difference; `whole`: whole numbers only, every `step`-th from `low`."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def log(self) -> bool: ...
    @property
    def whole(self) -> bool: ...
    @property
    def step(self) -> int: ...


class Space(Protocol):
    """`declared`: the number of points, None where an axis is a continuum. The point of a candidate names only the axes
    that play a part; `candidates()` are the different ones. `hopeless`: why one can learn nothing, or None."""

    @property
    def axes(self) -> Mapping[str, Axis]: ...
    @property
    def declared(self) -> int | None: ...
    def draw(self, rng: np.random.Generator) -> Point: ...
    def candidate(self, point: Mapping[str, Any]) -> Candidate: ...
    def candidates(self) -> Iterable[Candidate]: ...
    def hopeless(self, candidate: Candidate) -> str | None: ...
