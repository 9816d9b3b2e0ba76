"""Searches on stdout."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.api.search_plan import SearchPlan
from bakeoff.api.search_status import SearchStatus
from bakeoff.cli.output import about
from bakeoff.cli.printing import add_row, new_table, say, show_table
from bakeoff.judge.search_words import score_words
from bakeoff.judge.words import counted
from bakeoff.show.search_tables import point_words


def search_plan(plan: SearchPlan) -> None:
    """What a search would train: a line of points, a row a stage, a line of what it comes to."""
    say()
    claimed = f"claimed {counted(plan.claimed, 'point')}; " if plan.claimed else ""
    declared = "a continuous range" if plan.declared is None else f"{counted(plan.declared, 'point')} declared"
    if plan.strategy == "refine":
        most = "" if plan.declared is None else f", at most {counted(plan.declared, 'point')}"
        declared = f"around the best of another search{most}"
    different = f", {counted(plan.different, 'different training')}" if plan.different is not None else ""
    hopeless = f", {plan.hopeless:,} of them hopeless" if plan.hopeless else ""
    say(f"search {plan.name} ({plan.strategy}): {claimed}{declared}{different}{hopeless}")
    timed = ["minutes"] if any(stage.minutes is not None for stage in plan.stages) else []
    columns = ["candidates", "folds", "pictures a fold", "epochs", "trainings", "epochs in all", *timed]
    table = new_table(*columns, numbers=[name for name in columns if name not in ("pictures a fold", "epochs")])
    for stage in plan.stages:
        pictures = "all" if stage.examples is None else f"at most {stage.examples:,}"
        rungs = ", ".join(map(str, stage.rungs))
        minutes = ["" if stage.minutes is None else f"{stage.minutes:,.1f}"] if timed else []
        counts = (f"{stage.trainings:,}", f"{stage.epochs:,}")
        add_row(table, f"{stage.candidates:,}", str(stage.folds), pictures, rungs, *counts, *minutes)
    if plan.stages:
        show_table(table)
    parts = [
        plan.trainings and f"{counted(plan.trainings, 'training')} of {plan.epochs:,} epochs in all",
        plan.done and f"{plan.done:,} done already",
        plan.trainings != 0 and plan.minutes is not None and about(plan.minutes),
        plan.disk_mb and f"{max(plan.disk_mb, 0.1):,.1f} MB of disk",
        plan.note,
    ]
    say("; ".join(part for part in parts if part))
    if plan.finalists is None:
        say("then its finalists, on as many seeds as it takes")
    elif plan.finalists:
        say(f"then at most {counted(plan.finalists, 'training')} of finalists, not counted here")


def search_status(found: Sequence[SearchStatus]) -> None:
    """A row a search: how it stands, what it has tried, its best so far."""
    numbers = ("trainings", "diverged", "minutes")
    table = new_table("search", "strategy", "state", "trainings", "diverged", "minutes", "best so far", numbers=numbers)
    for one in found:
        best = "" if one.best is None else f"{score_words(one.best, one.metric)}: {point_words(one.point or {})}"
        minutes = f"{one.seconds / 60:,.1f}"
        add_row(table, one.name, one.strategy, one.state, f"{one.trials:,}", f"{one.diverged:,}", minutes, best)
    say()
    show_table(table)
