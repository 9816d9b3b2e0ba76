"""From what was told to the winner: the candidates of a search in the order of their worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bakeoff.search.strategy import Told


@dataclass(frozen=True)
class Ranking:
    """Best first, each candidate once. `warm` started from another candidate's weights: they have had more training
    than their epochs say, so they are not compared with `cold` ones."""

    cold: tuple[Told, ...]
    warm: tuple[Told, ...]


def rank(told: Iterable[Sequence[Told]], parameters: Mapping[str, int] | None = None) -> Ranking:
    """Rank candidates by where they got to: the latest stage, its end before any of its rungs, the latest rung, then
    the score; equal ones by fewer weights, then by number. Those that diverged are left out.

    `parameters`: by candidate key, as the trials have them; unknown ones count as equal.
    """
    sizes = parameters or {}
    latest: dict[int, Told] = {}
    for generation in told:
        for one in generation:
            if one.ask.number not in latest or one.stage_number >= latest[one.ask.number].stage_number:
                latest[one.ask.number] = one

    def worth(one: Told) -> tuple[float, ...]:
        size, number = sizes.get(one.ask.candidate.key, 0), one.ask.number
        rungs = 0 if one.whole else len(one.scores)  # brackets of Hyperband end alike, however many rungs they had
        return (-one.stage_number, -one.whole, -rungs, -one.score, size, number)

    sound = sorted((one for one in latest.values() if one.score > -math.inf), key=worth)
    return Ranking(
        cold=tuple(one for one in sound if not one.ask.parent),
        warm=tuple(one for one in sound if one.ask.parent),
    )
