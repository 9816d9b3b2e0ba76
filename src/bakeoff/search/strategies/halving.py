"""Successive halving (Jamieson & Talwalkar 2016): many candidates on little, the best of them on more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.search.candidate import Candidate
from bakeoff.search.rungs import keep_count, ladder
from bakeoff.search.spec import SearchSpec, Stage, stages
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.grid import everything
from bakeoff.search.strategies.once import shuffled
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategy import Ask, Generation, Told


def halving_search(spec: SearchSpec, space: Space, epochs: int) -> Bracket:
    """All of a finite space or `trials` draws from it, through the stages of the search's rungs."""
    candidates = everything(space, spec) if spec.trials is None else Draws(space, spec).first(spec.trials)
    climb = tuple(enumerate(stages(ladder(spec, epochs))))
    return Bracket(line_up(candidates, spec.seed), climb, spec.eta, spec.seed)


def line_up(candidates: Sequence[Candidate], seed: int, start: int = 0) -> tuple[Ask, ...]:
    """Asks in random order, numbered from `start` in that order: packs that take them as they come are random
    companies, and what a budget cuts off is no particular corner of the space."""
    order = shuffled(len(candidates), seed, start)
    return tuple(Ask(start + place, candidates[i]) for place, i in enumerate(order))


@dataclass(frozen=True)
class Bracket:
    """Candidates that start together and climb `stages`, each with its number in the search.

    Inside a stage every company keeps its own best at each rung; between stages the choice is among all at the end.
    """

    asks: tuple[Ask, ...]
    stages: tuple[tuple[int, Stage], ...]
    eta: int
    seed: int

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        if len(told) >= len(self.stages):
            return None
        asks = self._promoted(told[-1], self.stages[len(told) - 1][1]) if told else self.asks
        if not asks:
            return None
        number, stage = self.stages[len(told)]
        if told and len(stage.rungs) > 1:
            asks = tuple(asks[i] for i in shuffled(len(asks), self.seed, number))
        return Generation(asks, stage, number)

    def used(self, told: Sequence[Sequence[Told]]) -> int:
        """How many of these generations are this bracket's: it ends early when no candidate is left to go on."""
        return next((n for n in range(len(told) + 1) if self.next(told[:n]) is None), len(told))

    def _promoted(self, told: Sequence[Told], stage: Stage) -> tuple[Ask, ...]:
        """Those that go on, by number."""
        there = sorted((one for one in told if one.whole and one.score > -math.inf), key=_worth)
        kept = there[: keep_count(stage.rungs[-1], len(there), self.eta)]
        return tuple(sorted((one.ask for one in kept), key=lambda ask: ask.number))


def _worth(one: Told) -> tuple[float, int]:
    return (-one.score, one.ask.number)
