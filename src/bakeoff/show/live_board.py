"""What is known of a study under way, built from a launch's events alone: the state behind the page and the chart."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bakeoff.fleet import Block, EpochNews, Event, PackPlan, SearchNews
from bakeoff.recipe import Job
from bakeoff.runs import EpochRow

State = Literal["waiting", "running", "done", "failed"]
Ending = Literal["", "done", "stopped", "failed"]


@dataclass(eq=False)
class Training:
    """One job. `rows`: its epochs so far; `blocks`: the training loss of its steps; `heard`: when it last reported, as
    a count of news."""

    job: Job
    state: State = "done"
    rows: list[EpochRow] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    heard: int = 0

    @property
    def diverged(self) -> bool:
        return bool(self.rows) and not math.isfinite(number(self.rows[-1]["train_loss"]))

    @property
    def best(self) -> EpochRow | None:
        """The epoch of the highest validation accuracy, the first of equals; None without one."""
        scored = [row for row in self.rows if math.isfinite(number(row["validation_accuracy"]))]
        return max(scored, key=lambda row: row["validation_accuracy"], default=None)

    def add(self, news: EpochNews) -> None:
        """Take an epoch. A worker that starts again from a checkpoint tells some epochs twice: the later word
        counts."""
        while self.rows and self.rows[-1]["epoch"] >= news.row["epoch"]:
            self.rows.pop()
        while news.losses and self.blocks and self.blocks[-1].last >= news.losses[0].first:
            self.blocks.pop()
        self.rows.append(news.row)
        self.blocks += news.losses


@dataclass(frozen=True, eq=False)
class Entry:
    """A contestant and its trainings, by seed."""

    name: str
    trainings: tuple[Training, ...]

    @property
    def latest(self) -> Training | None:
        """The training that reported last; None before the first epoch."""
        return max((t for t in self.trainings if t.rows), key=lambda t: t.heard, default=None)

    @property
    def best(self) -> Training | None:
        """The training with the highest validation accuracy so far."""
        scored = [t for t in self.trainings if t.best]
        return max(scored, key=lambda t: t.best["validation_accuracy"] if t.best else 0.0, default=None)


@dataclass(eq=False)
class PackState:
    """A pack of the launch and those of its trainings that belong to entries; `reason`: why it failed."""

    plan: PackPlan
    trainings: tuple[Training, ...]
    state: State = "waiting"
    reason: str = ""

    @property
    def epoch(self) -> int:
        """How many epochs its furthest training has done."""
        return max((len(training.rows) for training in self.trainings), default=0)

    @property
    def work(self) -> float:
        """What of its estimated work is done."""
        ended = self.state in ("done", "failed")
        return self.plan.cost * (1.0 if ended else min(1.0, self.epoch / self.plan.jobs[0].recipe.passes))

    def turn(self, state: State) -> None:
        self.state = state
        for training in self.trainings:
            training.state = state


def number(value: float | None) -> float:
    """Curves read from a file have None where a value is not finite."""
    return math.nan if value is None else value


class Board:
    """Takes the events of a launch in their order. `clock` gives seconds, for the time left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.entries: list[Entry] = []
        self.packs: dict[str, PackState] = {}
        self.searches: dict[str, SearchNews] = {}
        self.ending: Ending = ""
        self.reason = ""
        self._clock = clock
        self._started = clock()
        self._ended: float | None = None
        self._by_key: dict[str, Training] = {}
        self._heard = 0
        self._before = 0.0
        self._told = self._started
        self._paced: float | None = None

    def take(self, event: Event) -> None:
        """Take one event; what it says of jobs that belong to no entry is left out."""
        if event.search is not None:
            self.searches[event.search.name] = event.search
        if event.roster is not None:
            self._enrol(event)
        for news in event.news:
            if training := self._by_key.get(news.key):
                self._heard += 1
                self._told = self._clock()
                training.heard = self._heard
                training.add(news)
        if event.kind == "past":
            self._before = sum(pack.work for pack in self.packs.values())
        pack = self.packs.get(event.pack or "")
        if pack is None:
            return
        if event.kind in ("pack_done", "pack_failed"):
            pack.turn("failed" if event.kind == "pack_failed" else "done")
            pack.reason = event.reason
        elif pack.state == "waiting" and event.kind == "pack_started":
            self._paced = self._clock() if self._paced is None else self._paced
            pack.turn("running")

    def end(self, ending: Ending, reason: str = "", order: list[str] | None = None) -> None:
        """The study is over. `order`: the names of entries from the first in rank, which gives them the colours that
        the report gives them."""
        self.ending, self.reason = ending, reason
        self._ended = self._clock()
        rank = {name: n for n, name in enumerate(order or [])}
        self.entries.sort(key=lambda entry: rank.get(entry.name, len(rank)))

    def _enrol(self, event: Event) -> None:
        assert event.roster is not None
        self._by_key = {job.key: Training(job) for jobs in event.roster.entries.values() for job in jobs}
        self.entries = [
            Entry(name, tuple(self._by_key[job.key] for job in jobs)) for name, jobs in event.roster.entries.items()
        ]
        for plan in event.roster.packs:
            members = (self._by_key.get(job.key) for job in plan.jobs)
            self.packs[plan.id] = PackState(plan, tuple(training for training in members if training))
            self.packs[plan.id].turn("waiting")

    @property
    def trainings(self) -> list[Training]:
        """Every training once."""
        return list(self._by_key.values())

    def count(self, state: State) -> int:
        return sum(training.state == state for training in self._by_key.values())

    @property
    def best(self) -> tuple[Entry, Training] | None:
        """The entry and training of the highest validation accuracy so far."""
        found = [(entry, t) for entry in self.entries if (t := entry.best)]
        return max(found, key=lambda pair: pair[1].best["validation_accuracy"] if pair[1].best else 0.0, default=None)

    @property
    def searching(self) -> SearchNews | None:
        """The search that runs, or was stopped: entries train when the last one is over."""
        return None if self.entries else next(reversed(self.searches.values()), None)

    @property
    def over(self) -> bool:
        """True once no pack is left to train."""
        return all(pack.state in ("done", "failed") for pack in self.packs.values())

    @property
    def share(self) -> float:
        """0..1: how much of the launch's estimated work is done, what was trained before included; of the search, or of
        its stage, while one runs."""
        if self.searching:
            return self.searching.share
        total = sum(pack.plan.cost for pack in self.packs.values())
        return sum(pack.work for pack in self.packs.values()) / total if total else 1.0

    @property
    def elapsed(self) -> float:
        """Seconds since the launch began, to its end if it has ended."""
        return (self._clock() if self._ended is None else self._ended) - self._started

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at the pace of this launch's packs; None before its first epoch."""
        total = sum(pack.plan.cost for pack in self.packs.values())
        done = self.share * total
        trained = done - self._before
        if trained <= 0:
            return None
        spent = self._told - (self._started if self._paced is None else self._paced)
        return max(0.0, spent * (total - done) / trained - (self._clock() - self._told))
