"""Refine (report A's third search): a finer space around the best of another search, then layers on top of the best
there, which go on from its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.search.select import rank
from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.finer import best_of, origin_of
from bakeoff.search.strategies.grid import everything
from bakeoff.search.strategies.growth import check_grows, grown
from bakeoff.search.strategies.once import asked, once
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategy import Ask, Generation, Histories, Told


def refine_search(spec: SearchSpec, space: Space, histories: Histories, epochs: int) -> Refine:
    """`space`: over `finer_axes(spec, histories)`. The best of the other search is trained again beside its neighbours:
    scores of other folds or epochs would not compare. Raises UsageError, also where one of them could not grow."""
    best = best_of(spec, origin_of(spec, histories))
    around = everything(space, spec) if spec.trials is None else Draws(space, spec).first(spec.trials)
    # Where the finer space has the best too, it stands there with the axes of this search.
    here = next((candidate for candidate in around if candidate.key == best.key), best)
    candidates = [here, *(candidate for candidate in around if candidate is not here)]
    if spec.grow:
        for candidate in candidates:  # any of them may turn out the best: found out before they train
            check_grows(candidate)
    return Refine(once(candidates, spec, epochs).generation, spec.grow)


@dataclass(frozen=True)
class Refine:
    """First what is near, then what grows on the best of it: 1, 2, ... all of the layers of `grow`, each warm and cold.

    A warm ask has a `parent`, its cold twin has none: the same candidate from scratch, since the layers and the longer
    training could each be the reason for a better score.
    """

    near: Generation
    grow: tuple[int, ...]

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        if not told:
            return self.near
        best = next(iter(rank(told).cold), None)
        if len(told) > 1 or not self.grow or best is None:
            return None
        parent, number, asks = best.ask.candidate, asked(told), []
        for layers in range(1, len(self.grow) + 1):
            candidate = grown(parent, self.grow[:layers])
            asks += [Ask(number, candidate, parent.key), Ask(number + 1, candidate)]
            number += 2
        # Without rungs: warm and cold ones must not put each other out.
        return Generation(tuple(asks), Stage(rungs=self.near.stage.rungs[-1:]), self.near.stage_number)
