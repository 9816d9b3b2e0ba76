"""Random search (Bergstra & Bengio 2012): different candidates, drawn independently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.once import asked, full_stage, once
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategy import Ask, Generation, Strategy, Told


def random_search(spec: SearchSpec, space: Space, epochs: int) -> Strategy:
    """`trials` candidates at once; without a number, one generation after the other until the budget is used up or the
    space is."""
    draws = Draws(space, spec)
    if spec.trials is None:
        return Endless(draws, full_stage(spec, epochs), spec.generation)
    return once(draws.first(spec.trials), spec, epochs)


@dataclass(frozen=True)
class Endless:
    draws: Draws
    stage: Stage
    size: int

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        start = asked(told)
        fresh = self.draws.first(start + self.size)[start:]
        asks = tuple(Ask(start + place, candidate) for place, candidate in enumerate(fresh))
        return Generation(asks, self.stage, 0) if asks else None
