"""What a search tells whoever watches it: the launches of its packs, with how the search itself stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bakeoff.fleet import Event, SearchNews, Watch
from bakeoff.judge.search_words import metric_words, score_words
from bakeoff.judge.words import counted
from bakeoff.runs import Trial, TrialStore
from bakeoff.search.leader import Leader
from bakeoff.search.rungs import ladder
from bakeoff.search.spec import SearchSpec, stages
from bakeoff.search.strategies.hyperband import bracket_sizes
from bakeoff.show.search_tables import point_words

ENDS = {"done": "done", "budget": "its budget is used up", "stopped": "stopped", "failed": "failed in part"}
"""By how a search ended, words for it."""


class SearchWatch:
    """Call it with the events of a search's launches; it adds the news and passes them on. `epochs`: of the entry that
    the search is around; `before`: trials of earlier sittings."""

    def __init__(
        self, name: str, spec: SearchSpec, epochs: int, shards: TrialStore, watch: Watch, before: Iterable[Trial] = ()
    ) -> None:
        self.name, self.spec, self.epochs, self.shards, self.watch = name, spec, epochs, shards, watch
        self.leader = Leader(spec, epochs)
        self.leader.take(before)
        self.trained = 0
        self._all = _trainings_in_all(spec, epochs)
        self._stage, self._share = self.leader.stage + 1, 0.0

    def __call__(self, event: Event) -> None:
        if event.kind == "pack_done" and event.pack and self.shards.has(event.pack):
            trials = self.shards.read(event.pack)
            self.trained += len(trials)
            self.leader.take(trials)
        if event.search is not None:
            self._stage = event.search.stage
        self._share = event.done / event.total if event.total else 0.0
        self.watch(replace(event, search=self.news(), best=self._best() or None))

    def end(self, ended: str, trials: Iterable[Trial]) -> None:
        """The search is over, with these trials; if it trained anything, a line says what it came to, or that it never
        did."""
        # Afresh: what was there before may have been of another company, and the packs met what they had already.
        self.leader = Leader(self.spec, self.epochs)
        self.leader.take(trials)
        best, nothing = self.leader.best, not self.leader.trials and ended != "stopped"
        found = f"; best {self._best()}: {point_words(best.point)}" if best else "; none of them has a score"
        came_to = "no training ended" if nothing else f"{counted(self.leader.trials, 'training')}{found}"
        text = f"search {self.name}: {ENDS[ended]}, {came_to}"
        self.watch(Event("note" if self.trained or nothing else "search", text, search=self.news(ended)))

    def news(self, ended: str = "") -> SearchNews:
        known = self._all is not None
        return SearchNews(
            name=self.name,
            strategy=self.spec.strategy,
            stage=self._stage,
            trials=self.leader.trials,
            diverged=self.leader.diverged,
            best=self._best(),
            share=min(1.0, self.leader.trials / self._all) if self._all else self._share,
            of_all=known,
            ended=ended,
        )

    def _best(self) -> str:
        """ "83.03% validation accuracy (trial 70)"; empty before the first score."""
        leader, metric = self.leader, self.spec.metric
        if leader.best is None:
            return ""
        score = leader.score if metric == "validation_accuracy" else -leader.score
        return f"{score_words(score, metric)} {metric_words(metric)} (trial {leader.best.number})"


def _trainings_in_all(spec: SearchSpec, epochs: int) -> int | None:
    """Where a search asks in many generations of one stage, and it is known how many trainings they come to."""
    rungs = ladder(spec, epochs)
    if spec.strategy not in ("tpe", "random", "hyperband") or len(stages(rungs)) > 1:
        return None
    brackets = sum(bracket_sizes(len(rungs), spec.eta, spec.trials)) if spec.strategy == "hyperband" else None
    numbers = [(brackets or spec.trials or 0) * spec.folds, spec.budget.trials]
    return min((number for number in numbers if number), default=None)
