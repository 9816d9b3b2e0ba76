"""What every strategy is: a pure function of what has been told so far to what to train next.

No strategy keeps state of its own. An interrupted search asks again from the start, finds that the first generations
are already there, and goes on; on any number of workers the same things are asked and told in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bakeoff.search.candidate import Candidate
from bakeoff.search.spec import Stage


@dataclass(frozen=True)
class Ask:
    """Train `candidate` at a generation's stage, on all of that stage's folds. `number`: the candidate's place in the
    order in which the search first asked for it. `parent`: the key of the candidate whose weights it starts from."""

    number: int
    candidate: Candidate
    parent: str = ""


@dataclass(frozen=True)
class Generation:
    """What is trained before the strategy is asked again. `stage_number`: counts the stages of the search from 0."""

    asks: tuple[Ask, ...]
    stage: Stage
    stage_number: int


@dataclass(frozen=True)
class Told:
    """What came of an `Ask`. `scores`: the metric, larger is better (a loss with its sign turned), as the mean over
    folds, after each rung that the candidate reached; -inf where it diverged. `whole`: it reached the stage's end."""

    ask: Ask
    stage_number: int
    scores: tuple[float, ...]
    whole: bool

    @property
    def score(self) -> float:
        """At the last rung that it reached."""
        return self.scores[-1] if self.scores else -math.inf


class Strategy(Protocol):
    """`told`: every generation's results in the order asked, each by the order of its asks; empty at first. None: the
    search is over. With equal `told` the answer is equal."""

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None: ...


Histories = Mapping[str, Sequence[Sequence[Told]]]
"""By name of search: what a strategy that builds on another search is given."""
