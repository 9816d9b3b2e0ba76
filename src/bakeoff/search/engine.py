"""A search from its first question to its last answer: ask the strategy, train what is new, tell, ask again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from bakeoff.data import save_split
from bakeoff.fleet import Course, Event, Executor, PackPlan, SearchNews, TrialPlan, Watch, launch, make_plan
from bakeoff.recipe import Job
from bakeoff.runs import Store, StudyPaths, Trial, TrialStore
from bakeoff.runs.files import write_json
from bakeoff.search.budget import cut, over
from bakeoff.search.candidate import Candidate
from bakeoff.search.companies import company, shares
from bakeoff.search.ground import Ground
from bakeoff.search.placement import Placement
from bakeoff.search.spec import Stage
from bakeoff.search.strategy import Ask, Generation, Strategy, Told
from bakeoff.search.told import tell

NOTED_EVERY_S = 5.0
"""Seconds of searching that a kill may lose from a budget in minutes."""


@dataclass
class Found:
    """What a search came to. `told`: generation by generation. `ended`: "done", "budget" (it would have gone on),
    "stopped" (somebody asked it to) or "failed" (some of its packs did, so it came to less). `failed`: a sentence for
    each of those."""

    trials: list[Trial] = field(default_factory=list)
    told: list[list[Told]] = field(default_factory=list)
    ended: str = "done"
    failed: list[str] = field(default_factory=list)


def _nothing(_jobs: Sequence[Job]) -> None:
    """Prepare nothing."""


class Engine:
    """One search of a study. `executor`: of its device; `known`: candidates of earlier searches by key, for those that
    start from another's weights; `prepare`: called with jobs before they train."""

    def __init__(
        self,
        name: str,
        ground: Ground,
        strategy: Strategy,
        executor: Executor,
        paths: StudyPaths,
        known: Mapping[str, Candidate] | None = None,
        prepare: Callable[[Sequence[Job]], None] = _nothing,
    ) -> None:
        self.name, self.ground, self.strategy, self.executor, self.paths = name, ground, strategy, executor, paths
        self.spec, self.prepare = ground.spec, prepare
        self.shards = TrialStore(paths.trials(name))
        self.placement = Placement(self.shards)
        self.candidates = dict(known or {})

    def run(self, watch: Watch, stop: threading.Event) -> Found:
        """Search until the strategy or the budget ends it, or `stop` is set. What earlier sittings trained is told
        without training it again."""
        found = Found()
        with self._clock(stop) as (spent, enough):
            while (generation := self._next(found, spent(), enough)) is not None:
                trials = self._train(generation, found, watch, enough)
                told = tell(generation, trials, self.spec)
                if enough.is_set() and len(told) < len(generation.asks):
                    found.ended = "budget"
                if trials:
                    found.trials += trials
                    found.told.append(told)
                if stop.is_set():
                    found.ended = "stopped"
                if stop.is_set() or not trials:  # without any: the time is over, or all packs failed
                    break
        if found.failed and found.ended != "stopped":
            found.ended = "failed"
        return found

    def _next(self, found: Found, seconds: float, enough: threading.Event) -> Generation | None:
        asked = self.strategy.next(found.told)
        if asked is None:
            return None
        generation = cut(asked, self.spec, found.trials)
        if generation is not asked and (generation is None or len(generation.asks) < len(asked.asks)):
            found.ended = "budget"
        if generation is not None and over(self.spec, found.trials, seconds):
            found.ended = "budget"
            # What is there already is told all the same: the time was spent on it.
            enough.set()
        return generation

    def _train(self, generation: Generation, found: Found, watch: Watch, stop: threading.Event) -> list[Trial]:
        """The trials of a generation, those of which the training ended."""
        self.candidates |= {ask.candidate.key: ask.candidate for ask in generation.asks}
        for split in self.ground.splits(generation.stage):
            if not self.paths.split(split.digest).exists():
                save_split(self.paths.split(split.digest), split)
        starts = self._parents(generation, found, watch, stop)
        asked = [
            (_plan_of(ask), self.ground.jobs(ask.candidate, generation.stage, starts.get(ask.parent, ())))
            for ask in generation.asks
            if not ask.parent or ask.parent in starts
        ]
        names = {job.key: f"{self.name} {trial.number}" for trial, jobs in asked for job in jobs}
        placed = self.placement.place(asked, self._course(generation, asked))
        self._launch(placed.packs, names, found, watch, stop)
        # Never from all shards: what the search was before may have trained the same in another company.
        trained = {**placed.trained, **self.placement.trained(placed.packs)}
        return [
            replace(trained[job.key], number=trial.number, point=trial.point, stage=generation.stage_number)
            for trial, jobs in asked
            for job in jobs
            if job.key in trained
        ]

    def _course(self, generation: Generation, asked: Sequence[tuple[TrialPlan, Sequence[Job]]]) -> Course:
        stage = generation.stage
        return Course(
            search=self.name,
            stage=generation.stage_number,
            networks={job.key: self.ground.network(job) for _, jobs in asked for job in jobs},
            examples={split.digest: len(split.train) for split in self.ground.splits(stage)},
            rungs=shares(stage, len(generation.asks), self.spec.eta),
            declared=declared(stage, self.spec.eta),
            metric=self.spec.metric,
            company=company(stage, len(generation.asks), self.spec.eta),
        )

    def _parents(
        self, generation: Generation, found: Found, watch: Watch, stop: threading.Event
    ) -> dict[str, list[str | None]]:
        """By candidate, the keys of its runs, one a fold, whose weights others start from. Trials keep no weights, so
        parents train once more, as runs."""
        of = {
            parent: self.ground.jobs(self.candidates[parent], generation.stage)
            for parent in dict.fromkeys(ask.parent for ask in generation.asks if ask.parent)
        }
        store = Store(self.paths.root)
        jobs = [job for jobs in of.values() for job in jobs]
        missing = [job for job in jobs if not store.has(job.key)]
        if missing:
            networks = {job.key: self.ground.network(job) for job in missing}
            examples = max(len(split.train) for split in self.ground.splits(generation.stage))
            names = {job.key: f"{self.name}: weights to start from" for job in missing}
            self._launch(list(make_plan(missing, networks, examples).packs), names, found, watch, stop)
        return {key: [job.key for job in jobs] for key, jobs in of.items() if all(store.has(job.key) for job in jobs)}

    def _launch(
        self, packs: list[PackPlan], names: Mapping[str, str], found: Found, watch: Watch, stop: threading.Event
    ) -> None:
        if packs and not stop.is_set():
            count = sum(len(pack.jobs) for pack in packs)
            stage = 1 + max(pack.heat.stage if pack.heat else 0 for pack in packs)
            text = f"search {self.name}{f', stage {stage}' if stage > 1 else ''}: {count:,} training"
            watch(Event("start", text + ("" if count == 1 else "s"), search=SearchNews(self.name, stage=stage)))
            self.prepare([job for pack in packs for job in pack.jobs])
            packs = sorted(packs, key=lambda pack: -pack.cost)  # short ones fill the gaps at the end
            outcome = launch(packs, self.executor, self.paths.root, names, watch, stop)
            found.failed += sorted(set(outcome.failed.values()))

    @contextmanager
    def _clock(self, stop: threading.Event) -> Iterator[tuple[Callable[[], float], threading.Event]]:
        """(seconds of searching so far, in all sittings; an event that is set when they are over or `stop` is)"""
        file = self.shards.spent
        before = self.shards.seconds_spent()
        started, enough, ended = time.monotonic(), threading.Event(), threading.Event()

        def spent() -> float:
            return before + time.monotonic() - started

        def note() -> None:
            write_json(file, {"seconds": round(spent(), 3)})

        def watch_the_time() -> None:
            limit, noted = 60 * (self.spec.budget.minutes or float("inf")), time.monotonic()
            while not ended.wait(0.1):
                if stop.is_set() or spent() >= limit:
                    enough.set()
                if time.monotonic() - noted > NOTED_EVERY_S:
                    with suppress(OSError):  # a full disk must not stop the clock; the last note below complains
                        note()
                    noted = time.monotonic()

        watcher = threading.Thread(target=watch_the_time, daemon=True)
        watcher.start()
        try:
            yield spent, enough
        finally:
            ended.set()
            watcher.join()
            note()


def _plan_of(ask: Ask) -> TrialPlan:
    return TrialPlan(number=ask.number, candidate=ask.candidate.key, point=ask.candidate.point, parent=ask.parent)


def declared(stage: Stage, eta: int) -> str:
    """How a search declares the rungs of a stage, whatever the number of candidates."""
    return ", ".join(f"{rung.epochs}: {f'1/{eta}' if rung.keep is None else rung.keep}" for rung in stage.rungs[:-1])
