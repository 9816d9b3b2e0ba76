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
class Event:
    """`done` of `total` is the share of the launch's estimated work; `best` the best validation score so far.

    "past" comes first, where somebody watches the curves: it has the `roster`, and the `news` of all epochs that
    earlier launches trained. `pack` is the id of the pack that
    an event is about, `reason` why it failed.
    """

    kind: Literal["start", "past", "pack_started", "epoch", "pack_done", "pack_failed", "note"]
    text: str
    done: float = 0.0
    total: float = 1.0
    best: str | None = None
    pack: str | None = None
    reason: str = ""
    news: tuple[EpochNews, ...] = ()
    roster: Roster | None = None


Watch = Callable[[Event], None]
