"""What a launch tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bakeoff.fleet.blocks import Block
from bakeoff.fleet.plan import PackPlan
from bakeoff.recipe import Job
from bakeoff.runs import EpochRow


@dataclass(frozen=True)
class EpochNews:
    """An epoch of one training: its line of the curves, and the losses of its steps in blocks. The news of what was
    trained before has the blocks of all epochs with the last one."""

    key: str
    row: EpochRow
    losses: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Roster:
    """Who takes part: the jobs of each entry in the study's order, by seed, and the packs that are still to train."""

    entries: Mapping[str, Sequence[Job]]
    packs: Sequence[PackPlan]


@dataclass(frozen=True)
class SearchNews:
    """How a search stands: `trials` have ended, in this sitting and before, `diverged` of them without a score; `best`
    in words, empty without one. `share`: 0..1, of the whole search where its length is known (`of_all`), else of its
    `stage`, which counts from 1. `ended`: "" while it runs, else why."""

    name: str
    strategy: str = ""
    stage: int = 1
    trials: int = 0
    diverged: int = 0
    best: str = ""
    share: float = 0.0
    of_all: bool = False
    ended: str = ""


@dataclass(frozen=True)
class Event:
    """`done` of `total` is the share of the launch's estimated work; `best` the best validation score so far.

    "past" comes first, where somebody watches the curves: it has the `roster`, and the `news` of all epochs that
    earlier launches trained. `pack` is the id of the pack that
    an event is about, `reason` why it failed. `search`: how the search stands whose trials are trained; a "search" has
    nothing else to say.
    """

    kind: Literal["start", "past", "pack_started", "epoch", "pack_done", "pack_failed", "note", "search"]
    text: str
    done: float = 0.0
    total: float = 1.0
    best: str | None = None
    pack: str | None = None
    reason: str = ""
    news: tuple[EpochNews, ...] = ()
    roster: Roster | None = None
    search: SearchNews | None = None


Watch = Callable[[Event], None]
