"""The searches of a study: run them one after the other, and put their winners among the contestants."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from bakeoff.api.bench import Bench, arrange
from bakeoff.api.search_files import SearchOutcome, Winner, keep, kept_outcome, kept_trials, told_of, trials_so_far
from bakeoff.api.search_watch import SearchWatch
from bakeoff.cores import cores
from bakeoff.errors import BakeoffError, UsageError
from bakeoff.fleet import Event, Executor, Watch, choose_executor, extract, needed_features
from bakeoff.judge import Search, SpaceFacts
from bakeoff.judge.search_axes import Range as JudgedRange
from bakeoff.recipe import Job
from bakeoff.runs import Trial, TrialStore
from bakeoff.search.axis import Axis, Choices
from bakeoff.search.candidate import Candidate
from bakeoff.search.engine import Engine, Found
from bakeoff.search.ground import Ground
from bakeoff.search.rungs import check_rungs, ladder
from bakeoff.search.select import rank
from bakeoff.search.space import Space
from bakeoff.search.spec import Rung, SearchSpec, Stage
from bakeoff.search.strategies import finer_axes, make_strategy
from bakeoff.search.strategy import Told
from bakeoff.study import Entry, Study

History = Sequence[Sequence[Told]]


@dataclass(frozen=True)
class Searched:
    """A search that has ended, or was stopped."""

    name: str
    spec: SearchSpec
    outcome: SearchOutcome
    trials: list[Trial]
    axes: Mapping[str, Axis]

    def for_the_judge(self) -> Search:
        outcome = self.outcome
        return Search(
            self.name,
            self.spec,
            self.trials,
            axes={name: _judged(axis) for name, axis in self.axes.items()},
            space=outcome.space,
            finalists={winner.entry: winner.candidate for winner in outcome.winners},
            warm=[winner.entry for winner in outcome.winners if winner.start],
            baseline=outcome.baseline,
            ended=outcome.ended,
            failed=outcome.failed,
        )


def _judged(axis: Axis) -> Any:
    return list(axis.values) if isinstance(axis, Choices) else JudgedRange(axis.low, axis.high, axis.log)


def run_searches(bench: Bench, workers: int | None, watch: Watch, stop: threading.Event) -> list[Searched]:
    """Run every search of a study in its order. What earlier sittings trained is not trained again; what is over and
    has not changed is not asked again either, unless packs of it failed or a later search builds on it. Raises
    UsageError before anything trains where folds cannot be made."""
    check_folds(bench)
    before = {name: recall(bench, name) for name in bench.study.searches}
    asked = _to_ask(bench.study, {name for name, done in before.items() if done and not done.outcome.failed})
    searched = []
    with closing(choose_executor(bench.data, workers, bench.device)) as executor:
        sitting = _Sitting(bench, workers, watch, stop, executor)
        for name, done in before.items():
            if stop.is_set():
                break
            if done is None or name in asked:
                done = sitting.search(name)
            else:
                _news(bench, name, watch).end(done.outcome.ended, done.trials)
            searched.append(done)
    return searched


@dataclass
class _Sitting:
    """What the searches of a study share while they run. `histories` and `known`: what was told, for those that build
    on earlier ones."""

    bench: Bench
    workers: int | None
    watch: Watch
    stop: threading.Event
    executor: Executor
    histories: dict[str, History] = field(default_factory=dict)
    known: dict[str, Candidate] = field(default_factory=dict)

    def search(self, name: str) -> Searched:
        """Raises UsageError for a search that cannot be asked as the study declares it. What a refine search is over
        only the scores of another decide: where they leave it without a beginning, it alone has failed."""
        spec = self.bench.study.searches[name]
        try:
            return self._search(name, spec)
        except UsageError as error:
            if spec.strategy != "refine":
                raise UsageError(f"searches.{name}: {error}") from error
            return self._failed(name, spec, f"could not begin: {error}")

    def _failed(self, name: str, spec: SearchSpec, reason: str) -> Searched:
        self.watch(Event("note", f"search {name}: {reason}"))
        self.histories[name] = ()
        told = told_of(self.bench, spec)
        outcome = SearchOutcome(
            told=told, ended="failed", failed=(reason,), space=SpaceFacts(), winners=(), baseline=spec.entry
        )
        keep(self.bench.store.paths, name, outcome, [])
        return Searched(name, spec, outcome, [], {})

    def _search(self, name: str, spec: SearchSpec) -> Searched:
        bench, recipe = self.bench, self.bench.study.entry(spec.entry).recipe
        news = _news(bench, name, self.watch)
        over = finer_axes(spec, self.histories) if spec.strategy == "refine" else None
        space = _space(bench, name, over)
        if over is not None:
            check_rungs(spec.model_copy(update={"over": over}), recipe)
            for axis in [axis for axis in over if axis not in space.axes]:
                text = f"search {name}: {axis} plays no part at the best of {spec.origin} and is left out"
                self.watch(Event("note", text))
        ground = Ground(bench.dataset, bench.split, spec, bench.device)
        strategy = make_strategy(spec, space, self.histories, recipe.epochs)

        def pass_through_backbones(jobs: Sequence[Job]) -> None:
            features = needed_features([(job, ground.whole(job)) for job in jobs], bench.dataset)
            extract(features, bench.data, self.workers or cores(), self.watch, self.stop)

        paths = bench.store.paths
        engine = Engine(name, ground, strategy, self.executor, paths, self.known, pass_through_backbones)
        found = engine.run(news, self.stop)
        self.histories[name] = found.told
        self.known |= {one.ask.candidate.key: one.ask.candidate for told in found.told for one in told}
        outcome = _outcome(bench, name, spec, found, space, over)
        keep(paths, name, outcome, found.trials)
        news.end(found.ended, found.trials)
        return Searched(name, spec, outcome, found.trials, space.axes)


def check_folds(bench: Bench) -> None:
    """Raises UsageError where the pictures are too few for the folds of a search."""
    for name, spec in bench.study.searches.items():
        try:
            Ground(bench.dataset, bench.split, spec, bench.device).splits(Stage(rungs=(Rung(epochs=1),)))
        except BakeoffError as error:
            raise UsageError(f"searches.{name}.{error}") from error


def _news(bench: Bench, name: str, watch: Watch) -> SearchWatch:
    spec = bench.study.searches[name]
    epochs, shards = bench.study.entry(spec.entry).recipe.epochs, TrialStore(bench.store.paths.trials(name))
    return SearchWatch(name, spec, epochs, shards, watch, trials_so_far(bench, name))


def _to_ask(study: Study, over: Collection[str]) -> set[str]:
    """The searches to ask: all but those that are `over`, and what they build on, however long the way."""
    asked: set[str] = set()
    for name, spec in reversed(study.searches.items()):
        if name not in over or name in asked:
            asked |= {name, spec.origin or name}
    return asked


def recall(bench: Bench, name: str) -> Searched | None:
    """A search that has ended, from its folder; None if it has not, if something about it has changed since, or
    if trials are gone."""
    spec, paths = bench.study.searches[name], bench.store.paths
    outcome = kept_outcome(paths, name)
    if outcome is None or outcome.ended == "stopped" or outcome.told != told_of(bench, spec):
        return None
    trials = kept_trials(paths, name)
    if trials is None:
        return None
    return Searched(name, spec, outcome, trials, _space(bench, name, outcome.over).axes)


def with_searches(bench: Bench, device: str) -> tuple[Bench, list[Searched]]:
    """The bench with the winners of its searches that are over as contestants, and these searches. `device`: as
    `set_up` takes it."""
    found = [recall(bench, name) for name in bench.study.searches]
    searched = [one for one in found if one is not None]
    if searched:
        study, out = with_winners(bench.study, searched), bench.store.paths.root
        bench = arrange(study, bench.dataset, out=out, device=device, earlier=bench.earlier)
    return bench, searched


def with_winners(study: Study, searched: Sequence[Searched]) -> Study:
    """The study with the finalists of its searches as entries of their own."""
    entries = {entry.name: entry for entry in study.entries}
    for one in searched:
        fit = one.spec.refit
        for winner in one.outcome.winners:
            model: dict[str, Any] = dict(winner.model)
            entries.setdefault(winner.entry, Entry(winner.entry, model, winner.recipe, start=winner.start, fit=fit))
        if one.outcome.baseline not in entries and one.outcome.winners:
            base = study.entry(one.spec.entry)
            recipe = base.recipe.model_copy(update={"epochs": one.outcome.winners[0].recipe.epochs})
            entries[one.outcome.baseline] = replace(
                base, name=one.outcome.baseline, recipe=recipe, seed_id=None, fit=fit
            )
    return replace(study, entries=tuple(entries.values()))


def _space(bench: Bench, name: str, over: dict[str, Any] | None) -> Space:
    """`over`: axes in place of those that the study declares."""
    space = bench.study.space(name, bench.dataset.shape, len(bench.dataset.classes))
    return space if over is None else space.with_axes(over)


def _outcome(
    bench: Bench, name: str, spec: SearchSpec, found: Found, space: Space, over: dict[str, Any] | None
) -> SearchOutcome:
    base = bench.study.entry(spec.entry)
    ranking = rank(found.told, {trial.candidate: trial.parameters for trial in found.trials})
    epochs = None if spec.rungs == "none" else ladder(spec, base.recipe.epochs)[-1].epochs

    def winner(entry: str, candidate: Candidate, start: str | None = None) -> Winner:
        recipe = candidate.recipe if epochs is None else candidate.recipe.model_copy(update={"epochs": epochs})
        return Winner(entry=entry, candidate=candidate.key, model=candidate.model, recipe=recipe, start=start)

    best = [one.ask.candidate for one in ranking.cold[: spec.finalists]]
    winners = [winner(f"{name}-{place}", candidate) for place, candidate in enumerate(best, 1)]
    if ranking.warm and spec.finalists:
        # The whole way again: its beginning from scratch, then the best that grew on it.
        top = ranking.warm[0].ask
        origin = next(o.ask.candidate for told in found.told for o in told if o.ask.candidate.key == top.parent)
        winners += [winner(f"{name}-carried", origin), winner(f"{name}-warm", top.candidate, f"{name}-carried")]
    as_is = bool(winners) and spec.refit == "train" and winners[0].recipe.epochs == base.recipe.epochs
    return SearchOutcome(
        told=told_of(bench, spec),
        ended=found.ended,
        failed=tuple(found.failed),
        space=_facts(space),
        over=over,
        winners=tuple(winners),
        baseline=base.name if as_is or not winners else f"{name}-baseline",
    )


def _facts(space: Space) -> SpaceFacts:
    if not space.countable:
        return SpaceFacts(declared=space.declared)
    worth, hopeless = space.worth_training()
    return SpaceFacts(declared=space.declared, different=len(worth) + hopeless, hopeless=hopeless)
