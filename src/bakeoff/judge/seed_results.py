"""How many seeds, where a study lets the runs decide: the rule, and what it decided. Part of `results.json`.

Differences are a - b in validation accuracy (0.0123, never 1.23).
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bakeoff.judge.estimates import Interval
from bakeoff.recipe import Frozen

GROWTH = 1.5
"""From one look to the next there are about this many times as many seeds: few looks, and each adds enough trainings
to fill packs and workers."""


class SeedRule(Frozen):
    """`seeds: {min: 3, max: 20, until: decided}`: every entry trains with `min` seeds, the entries of undecided pairs
    with more, up to `max`."""

    min: int = Field(3, ge=2)
    max: int = Field(le=1_000)
    until: Literal["decided"] = "decided"

    @field_validator("max")
    @classmethod
    def _room_to_grow(cls, value: int, so_far: ValidationInfo) -> int:
        least = so_far.data.get("min", 2)
        if value <= least:
            raise ValueError(f"expected more than min, which is {least}, not {value}")
        return value

    @property
    def looks(self) -> tuple[int, ...]:
        """Seeds an entry at each look, rising from `min` to `max`; fixed before anything is trained."""
        steps = math.ceil(math.log(self.max / self.min) / math.log(GROWTH))
        ratio = (self.max / self.min) ** (1 / steps)
        return tuple(sorted({round(self.min * ratio**i) for i in range(steps)} | {self.max}))


PairState = Literal["better", "equivalent", "open", "out of reach", "not compared"]


class PairLook(Frozen):
    """One pair at one look. `decision`: *better* or *equivalent* on validation; *out of reach*: more seeds would not
    decide it; *not compared*: fewer than two sound trainings, or no validation pictures. `level`: what `p` must stay
    below; `interval`: at the level of this look, so that all looks together cover 95%."""

    a: str
    b: str
    decision: PairState
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    level: float | None = None


class SeedLook(Frozen):
    """A look at the validation set with so many `seeds` of the entries that were still trained. `pairs`: those that
    were open before it; `open`: how many still were after it."""

    seeds: int
    entries: list[str]
    pairs: list[PairLook]
    open: int


class SeedsResult(Frozen):
    """The whole record. `planned`: seeds at each look, had all been needed; `wanted`: the seeds of each entry;
    `stopped`: why there are no more, a sentence, empty while trainings are missing."""

    rule: SeedRule
    planned: list[int]
    spending: str
    """How the looks share an error of 5%."""
    level: float
    """What of 0.05 they leave for the test set: its verdicts and intervals are made at this level."""
    looks: list[SeedLook]
    wanted: dict[str, int]
    stopped: str = ""
    test_seen: bool = False
    """True if the test set had been opened before the last seeds were decided."""
    sentences: list[str] = Field(default_factory=list)
    """The same in words."""
