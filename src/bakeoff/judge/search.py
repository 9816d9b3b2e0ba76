"""What is said of a search: the best of its trials, what became of it on fresh seeds, what mattered, what it cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bakeoff.judge.agreement import agreements
from bakeoff.judge.effects import effects
from bakeoff.judge.estimates import Estimate, Interval
from bakeoff.judge.intervals import mean_interval
from bakeoff.judge.results import EntryResult, by_any_name
from bakeoff.judge.search_axes import Axes
from bakeoff.judge.search_results import (
    Baseline,
    Ended,
    Failure,
    Finalist,
    Metric,
    RungResult,
    SearchResult,
    Selected,
    SpaceFacts,
    StageResult,
    Step,
    Unlike,
)
from bakeoff.judge.search_words import search_sentence
from bakeoff.judge.standings import Standing, Standings, depth, ranked, standings
from bakeoff.runs.trials import Trial
from bakeoff.search.spec import SearchSpec, stages

FAILURES = 100


@dataclass(frozen=True)
class Search:
    """What is put before the judge of one search. `finalists`: entry -> key of the candidate that it trains again, best
    first; `warm`: those of them that go on from another's weights, as the candidate did: the same one may have been
    tried cold too. `baseline`: the entry beside them. All may name entries that have no run yet."""

    name: str
    spec: SearchSpec
    trials: Sequence[Trial]
    axes: Axes = field(default_factory=dict)
    space: SpaceFacts = field(default_factory=SpaceFacts)
    finalists: Mapping[str, str] = field(default_factory=dict)
    baseline: str | None = None
    warm: Collection[str] = ()
    ended: Ended = "done"
    failed: Sequence[str] = ()
    """A sentence for each pack that failed: its candidates are not among the trials."""


def judge_search(search: Search, entries: Sequence[EntryResult], train_examples: int | None = None) -> SearchResult:
    """`entries`: what the judge made of the study's entries; those of the search are among them. `train_examples`: how
    many pictures the entries trained on, where that is known. Raises ValueError if there is no trial."""
    if not search.trials:
        raise ValueError(f"search {search.name}: no trial to judge")
    found = standings(search.trials, search.spec)
    winner = chosen(search, found)
    metric = search.spec.metric
    judged = by_any_name(entries)
    by_key = {(s.key, s.warm): s for s in found.every}
    finalists = [
        _finalist(name, by_key.get((key, name in search.warm)), key, judged.get(name), found)
        for name, key in search.finalists.items()
    ]
    baseline = None
    if search.baseline is not None:
        fresh, test = _fresh(judged.get(search.baseline), metric)
        base = judged.get(search.baseline)
        chosen_too = next((name for name in search.finalists if base and judged.get(name) is base), None)
        baseline = Baseline(entry=search.baseline, fresh=fresh, test_accuracy=test, same_as=chosen_too)
    failed = [trial for trial in found.trials if trial.diverged]
    result = SearchResult(
        name=search.name,
        entry=search.spec.entry,
        strategy=search.spec.strategy,
        metric=metric,
        space=search.space,
        candidates=len(found.every),
        trials=len(found.trials),
        epochs=sum(trial.epochs for trial in found.trials),
        seconds=sum(_seconds(trial) for trial in found.trials),
        stages=_stages(found),
        ended=search.ended,
        planned_stages=max(1, len(stages(search.spec.written_rungs))),
        diverged=sum(s.diverged for s in found.every),
        failures=[failure(trial) for trial in failed[:FAILURES]],
        failed=list(search.failed),
        best_so_far=best_so_far(found),
        winner=_selected(winner, found),
        warm_winner=_selected(next(iter(ranked(found.warm)), None), found),
        finalists=finalists,
        unlike=_unlike(search, winner, judged.values(), train_examples),
        baseline=baseline,
        effects_at=found.shared,
        effects=effects(found, search.axes),
        agreement=agreements(found, winner),
        sentence="",
    )
    return result.model_copy(update={"sentence": search_sentence(result)})


def _unlike(
    search: Search, winner: Standing | None, entries: Iterable[EntryResult], train_examples: int | None
) -> Unlike | None:
    """Folds take training and validation pictures together; entries keep to the study's split."""
    validated = max((entry.validation_examples for entry in entries), default=0)
    if search.spec.folds == 1 or winner is None or winner.last is None or not validated or not train_examples:
        return None
    fresh = train_examples / (train_examples + validated)
    return Unlike(folds=winner.last.folds, selected=1 - 1 / search.spec.folds, fresh=fresh)


def chosen(search: Search, found: Standings) -> Standing | None:
    """The best cold candidate: the first finalist that is one, else the first of our own ranking."""
    by_key = {s.key: s for s in ranked(found.cold)}
    named = [by_key[key] for key in search.finalists.values() if key in by_key]
    return next(iter(named or ranked(found.cold)), None)


def failure(trial: Trial) -> Failure:
    return Failure(
        number=trial.number,
        candidate=trial.candidate,
        point=trial.point,
        stage=trial.stage,
        fold=trial.fold,
        stopped=trial.stopped,
    )


def _seconds(trial: Trial) -> float:
    return float(trial.seconds[-1]) if trial.seconds else 0.0


def _selected(standing: Standing | None, found: Standings) -> Selected | None:
    if standing is None or standing.last is None:
        return None
    return Selected(
        number=standing.number,
        candidate=standing.key,
        point=standing.point,
        parameters=standing.parameters,
        at=standing.last,
        score=found.shown(standing.score),
        folds=[found.shown(value) for value in standing.folds[standing.last]],
        warm=standing.warm,
    )


def _stages(found: Standings) -> list[StageResult]:
    out = []
    for stage in dict.fromkeys(trial.stage for trial in found.trials):
        mine = [trial for trial in found.trials if trial.stage == stage]
        out.append(
            StageResult(
                stage=stage,
                candidates=len({(trial.number, trial.candidate) for trial in mine}),
                trials=len(mine),
                epochs=sum(trial.epochs for trial in mine),
                seconds=sum(_seconds(trial) for trial in mine),
                rungs=_rungs(found, stage),
            )
        )
    return out


def _rungs(found: Standings, stage: int) -> list[RungResult]:
    follows = dict(zip(found.comparisons, found.comparisons[1:], strict=False))
    rungs = []
    for at in (c for c in found.comparisons if c.stage == stage):
        reached = [s for s in found.every if at in s.scores]
        after = follows.get(at)
        went_on = sum(after in s.scores for s in reached) if after else 0
        rungs.append(RungResult(at=at, reached=len(reached), went_on=went_on))
    return rungs


def ends(found: Standings) -> dict[tuple[int, int], tuple[int, float]]:
    """(stage, number) of a candidate -> how many trials and seconds of training the search had spent by its end."""
    ended: dict[tuple[int, int], tuple[int, float]] = {}
    seconds = 0.0
    for count, trial in enumerate(found.trials, 1):
        seconds += _seconds(trial)
        ended[trial.stage, trial.number] = (count, seconds)
    return ended


def best_so_far(found: Standings) -> list[Step]:
    """Every new best, stage by stage and warm apart from cold: scores over different data do not compare. A candidate
    counts when its last fold has ended, with its score at the furthest comparison of the stage that it reached."""
    ended = ends(found)
    steps: list[Step] = []
    for warm, group in ((False, found.cold), (True, found.warm)):
        for stage in dict.fromkeys(at.stage for at in found.comparisons):
            best: tuple[tuple, float] | None = None
            for standing in group:
                here = max((at for at in standing.scores if at.stage == stage), key=depth, default=None)
                if here is None or (best and (depth(here), standing.scores[here]) <= best):
                    continue
                best = (depth(here), standing.scores[here])
                trials, after = ended[stage, standing.number]
                shown = found.shown(standing.scores[here])
                steps.append(
                    Step(stage=stage, warm=warm, trials=trials, seconds=after, score=shown, number=standing.number)
                )
    return steps


def _fresh(entry: EntryResult | None, metric: Metric) -> tuple[Estimate | None, Estimate | None]:
    """The entry's metric on validation pictures with an interval, and its test accuracy, as far as there are such."""
    if entry is None:
        return None, None
    if not entry.validation_examples:
        return None, entry.test_accuracy
    fresh = entry.validation_accuracy if metric == "validation_accuracy" else entry.validation_loss
    interval = fresh.interval or mean_interval(fresh.values, "t over seeds")
    return fresh.model_copy(update={"interval": interval}), entry.test_accuracy


def _finalist(name: str, standing: Standing | None, key: str, entry: EntryResult | None, found: Standings) -> Finalist:
    fresh, test = _fresh(entry, found.metric)
    selected = found.shown(standing.score) if standing and standing.last else None
    shrinkage = interval = None
    whole = standing is not None and standing.last is not None and standing.last.examples is None
    best_epoch = entry is not None and entry.selected
    if selected is not None and fresh is not None and whole and not best_epoch:
        sign = found.shown(1.0)
        shrinkage = sign * (selected - fresh.mean)
        if fresh.interval:
            ends = sorted(sign * (selected - v) for v in (fresh.interval.low, fresh.interval.high))
            interval = Interval(low=ends[0], high=ends[1], kind=f"fresh: {fresh.interval.kind}")
    return Finalist(
        entry=name,
        candidate=key,
        selected=selected,
        fresh=fresh,
        shrinkage=shrinkage,
        shrinkage_interval=interval,
        test_accuracy=test,
        best_epoch=best_epoch,
    )
