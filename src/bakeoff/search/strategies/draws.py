"""Different candidates, drawn at random: the same ones in the same order, however many are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bakeoff.recipe import derive_seed
from bakeoff.search.candidate import Candidate
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies.space import Space

_REPEATS = 200
"""So many draws in a row that bring nothing new mean that nearly all of the space has been seen."""


class Draws:
    """The candidates of a space in random order, none twice, none hopeless. What was drawn is remembered, which only
    saves time: it could be drawn again."""

    def __init__(self, space: Space, spec: SearchSpec) -> None:
        self._stream = _stream(space, np.random.Generator(np.random.PCG64(derive_seed(spec.seed, "search"))))
        self._drawn: list[Candidate] = []

    def first(self, count: int | None) -> list[Candidate]:
        """The first `count`, fewer where the space has no more; all of it for None, which only a finite space ends."""
        while count is None or len(self._drawn) < count:
            candidate = next(self._stream, None)
            if candidate is None:
                break
            self._drawn.append(candidate)
        return self._drawn[:count]

    def __iter__(self) -> Iterator[Candidate]:
        place = 0
        while len(self.first(place + 1)) > place:
            yield self._drawn[place]
            place += 1


def _stream(space: Space, rng: np.random.Generator) -> Iterator[Candidate]:
    seen: set[str] = set()
    repeats = 0
    while repeats < _REPEATS:
        candidate = space.candidate(space.draw(rng))
        repeats += 1
        if candidate.key not in seen:
            seen.add(candidate.key)
            if not space.hopeless(candidate):
                repeats = 0
                yield candidate
    if space.declared is None:
        return
    rest = [c for c in space.candidates() if c.key not in seen and not space.hopeless(c)]
    for place in rng.permutation(len(rest)):
        yield rest[place]
