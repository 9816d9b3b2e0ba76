"""The tables of a search: what the page shows, and every trial for those who reckon further."""

from __future__ import annotations

from bakeoff.judge.search import Search, failure
from bakeoff.judge.search_axes import words
from bakeoff.judge.search_results import Failure, SearchResult
from bakeoff.judge.search_words import place_words, score_words
from bakeoff.show.escape import csv_text, slug
from bakeoff.show.table import Column, Table

SHOWN = 50
"""Failures that the page lists; the file has all."""


def stem(number: int, name: str) -> str:
    """What the names of a search's files begin with; `number` counts the study's searches from 1."""
    return f"search-{number}-{slug(name)}"


def _score(result: SearchResult, key: str, title: str) -> Column:
    return Column(key, title, "percent" if result.metric == "validation_accuracy" else "number")


def finalists(result: SearchResult) -> Table:
    """Selected beside fresh; the baseline has no selected score."""
    accuracy = result.metric == "validation_accuracy"
    columns = (
        Column("entry", "entry", "name"),
        _score(result, "selected", "selected, optimistic"),
        _score(result, "fresh", "on fresh seeds"),
        Column("fresh_interval", "95% interval", "interval" if accuracy else "number"),
        Column("seeds", "seeds", "count"),
        Column("shrinkage", "shrinkage", "points" if accuracy else "number"),
        Column("shrinkage_interval", "95% interval", "span" if accuracy else "number"),
        Column("test_accuracy", "test accuracy", "percent"),
        Column("role", "", "text"),
    )
    rows = [
        (
            f.entry,
            f.selected,
            f.fresh.mean if f.fresh else None,
            _between(f.fresh.interval if f.fresh else None, accuracy),
            len(f.fresh.values) if f.fresh else None,
            f.shrinkage,
            _between(f.shrinkage_interval, accuracy),
            f.test_accuracy.mean if f.test_accuracy else None,
            _role(f.entry, n, result),
        )
        for n, f in enumerate(result.finalists)
    ]
    if b := result.baseline:
        fresh = b.fresh.mean if b.fresh else None
        test = b.test_accuracy.mean if b.test_accuracy else None
        seeds = len(b.fresh.values) if b.fresh else None
        interval = _between(b.fresh.interval if b.fresh else None, accuracy)
        rows.append((b.entry, None, fresh, interval, seeds, None, None, test, "baseline"))
    strong = frozenset({0}) if result.finalists else frozenset()
    return Table("finalists", "The selected and what became of them", columns, tuple(rows), strong)


def _role(entry: str, place: int, result: SearchResult) -> str:
    """A warm winner and its beginning, which a search adds at the end, are compared with none of the others."""
    apart = {f"{result.name}-carried": "beginning of the warm one", f"{result.name}-warm": "best of the warm ones"}
    return apart.get(entry) or ("winner" if place == 0 else f"finalist {place + 1}")


def _between(interval, accuracy: bool):
    if interval is None or accuracy:
        return interval
    return f"[{interval.low:.4f}, {interval.high:.4f}]"


def stages(result: SearchResult) -> Table:
    columns = (
        Column("stage", "stage", "count"),
        Column("rests", "each trained", "text"),
        Column("candidates", "candidates", "count"),
        Column("trials", "trials", "count"),
        Column("epochs", "epochs, all", "count"),
        Column("seconds", "time, all", "seconds"),
        Column("rungs", "compared, at epoch", "text"),
    )
    rows = tuple(
        (
            s.stage + 1,
            f"at most {place_words(s.rungs[-1].at)}" if s.rungs else None,
            s.candidates,
            s.trials,
            s.epochs,
            s.seconds,
            ", ".join(f"{r.reached:,} at {r.at.epochs}" for r in s.rungs),
        )
        for s in result.stages
    )
    return Table("stages", "What each stage cost", columns, rows)


def effects(result: SearchResult) -> Table:
    accuracy = result.metric == "validation_accuracy"
    columns = (
        Column("axis", "hyper-parameter", "name"),
        Column("importance", "explains", "percent"),
        Column("importance_interval", "95% interval", "interval"),
        Column("value", "value", "name"),
        Column("candidates", "candidates", "count"),
        Column("diverged", "diverged", "count"),
        _score(result, "mean", "mean"),
        Column("mean_interval", "95% interval", "interval" if accuracy else "number"),
        _score(result, "best", "best"),
        Column("to_the_end", "reached the end", "count"),
    )
    rows = tuple(
        (
            e.axis, e.importance, e.interval, v.value, v.candidates, v.diverged, v.mean, _between(v.interval, accuracy),
            v.best, v.to_the_end,
        )
        for e in result.effects
        for v in e.values
    )  # fmt: skip
    return Table("effects", "The effect of each hyper-parameter", columns, rows)


def agreement(result: SearchResult) -> Table:
    columns = (
        Column("before", "from", "text"),
        Column("after", "to", "text"),
        Column("candidates", "candidates", "count"),
        Column("spearman", "Spearman", "number"),
        Column("spearman_interval", "95% interval", "number"),
        Column("kendall", "Kendall", "number"),
        Column("kendall_interval", "95% interval", "number"),
        Column("winner", "the winner’s place before", "number"),
    )
    rows = tuple(
        (
            f"stage {a.before.stage + 1}: {place_words(a.before)}",
            f"stage {a.after.stage + 1}: {place_words(a.after)}",
            a.candidates,
            a.spearman,
            f"[{a.spearman_interval.low:.2f}, {a.spearman_interval.high:.2f}]",
            a.kendall,
            f"[{a.kendall_interval.low:.2f}, {a.kendall_interval.high:.2f}]",
            f"{a.winner_rank:,} of {a.compared:,}" if a.winner_rank else None,
        )
        for a in result.agreement
    )
    return Table("agreement", "Do earlier comparisons rank as later ones do?", columns, rows)


def failures(result: SearchResult) -> Table:
    return _failures(result.failures[:SHOWN])


def _failures(failed: list[Failure]) -> Table:
    columns = (
        Column("number", "candidate", "count"),
        Column("point", "values", "name"),
        Column("stage", "stage", "count"),
        Column("fold", "fold", "count"),
        Column("stopped", "what happened", "name"),
    )
    rows = tuple((f.number, point_words(f.point), f.stage + 1, f.fold + 1, f.stopped) for f in failed)
    return Table("failures", "Trials that failed", columns, rows)


def point_words(point: dict) -> str:
    return ", ".join(f"{name} {words(value)}" for name, value in point.items())


def every_trial(search: Search) -> Table:
    """A row a trial with its values, its last scores and why it ended; the curves stay in the shards."""
    names = list(dict.fromkeys([*search.axes, *(name for t in search.trials for name in t.point)]))
    columns = (
        Column("number", "candidate", "count"),
        Column("key", "key", "name"),
        Column("stage", "stage", "count"),
        Column("fold", "fold", "count"),
        *(Column(csv_text(name), name, "name") for name in names),
        Column("parameters", "parameters", "count"),
        Column("epochs", "epochs", "count"),
        Column("seconds", "seconds", "number"),
        Column("validation_accuracy", "validation accuracy", "number"),
        Column("validation_loss", "validation loss", "number"),
        Column("stopped", "stopped", "name"),
        Column("parent", "weights from", "name"),
    )
    rows = tuple(
        (
            t.number,
            t.candidate,
            t.stage + 1,
            t.fold + 1,
            *(words(t.point[name]) if name in t.point else None for name in names),
            t.parameters,
            t.epochs,
            round(t.seconds[-1], 2) if t.seconds else None,
            round(t.validation_accuracy[-1], 5) if t.validation_accuracy else None,
            round(t.validation_loss[-1], 5) if t.validation_loss else None,
            t.stopped,
            t.parent or None,
        )
        for t in sorted(search.trials, key=lambda t: (t.stage, t.number, t.fold))
    )
    return Table("trials", "Every trial", columns, rows)


def files(number: int, search: Search, result: SearchResult) -> list[Table]:
    """Every table of a search that becomes a file."""
    failed = [failure(t) for t in search.trials if t.diverged]
    found = [every_trial(search), finalists(result), stages(result), effects(result), agreement(result)]
    found += [_failures(failed)] if failed else []
    start = stem(number, search.name)
    return [Table(f"{start}-{t.name}", t.caption, t.columns, t.rows, t.strong) for t in found if t.rows]


def facts(result: SearchResult) -> list[tuple[str, str]]:
    """(what, figure): the strip under the search's sentence."""
    space = result.space
    facts = [
        ("declared points", space.declared),
        ("different candidates", space.different),
        ("hopeless", space.hopeless),
    ]
    told = [(what, f"{n:,}") for what, n in facts if n is not None]
    told += [
        ("candidates tried", f"{result.candidates:,}"),
        ("trials", f"{result.trials:,}"),
        ("epochs", f"{result.epochs:,}"),
    ]
    if result.winner:
        told.append(("selected, optimistic", score_words(result.winner.score, result.metric)))
    return told
