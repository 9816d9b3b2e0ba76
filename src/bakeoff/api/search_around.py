"""How many points a refine search can come to, told before the search that it starts from is done."""

from __future__ import annotations

import math

from bakeoff.search.axis import Choices
from bakeoff.search.space import Space
from bakeoff.search.strategies.distributions import is_number
from bakeoff.study import Study

MOST_FINER = 5
"""Values of a number between its two neighbours: two steps to either side, and itself."""


def most_around(study: Study, name: str, shape: tuple[int, int, int], classes: int) -> int | None:
    """At most so many points are near the best of another search, wherever that lies, for pictures of `shape` (C, H, W)
    in `classes` classes; None where the search draws from a range and so finds no end of them."""
    spec, own = study.searches[name], study.space(name, shape, classes)
    sizes = [_finer(n, spec.trials is not None) for n in _numbers_before(study, name, shape, classes).values()]
    sizes += [math.inf if axis.size is None else axis.size for axis in own.axes.values()]
    points = math.prod(sizes)
    return None if points == math.inf else int(points)


def _numbers_before(study: Study, name: str, shape: tuple[int, int, int], classes: int) -> dict[str, float]:
    """Of each axis that a refine search takes over from its origin: how many numbers may have been tried there."""
    spec = study.searches[name]
    origin = spec.origin or ""
    found = _numbers(study.space(origin, shape, classes))
    if study.searches[origin].strategy == "refine":
        drawn = study.searches[origin].trials is not None
        before = _numbers_before(study, origin, shape, classes)
        found = {axis: _finer(n, drawn) for axis, n in before.items()} | found
    return {axis: n for axis, n in found.items() if axis not in spec.over}


def _numbers(space: Space) -> dict[str, float]:
    return {
        name: sum(map(is_number, axis.values)) if isinstance(axis, Choices) else math.inf
        for name, axis in space.axes.items()
    }


def _finer(numbers: float, drawn: bool) -> float:
    """At most so many values, where the best is one of so many numbers, or no number at all."""
    if numbers < 2:
        return 1
    return math.inf if drawn else MOST_FINER if numbers > 2 else MOST_FINER // 2 + 1
