"""The report's tables, each built once and printed as HTML, CSV, LaTeX and Markdown."""

from __future__ import annotations

import numpy as np

from bakeoff.judge.claims.figure import SHARES, written
from bakeoff.judge.claims.words import verdict_words
from bakeoff.judge.estimates import NOT_RECORDED
from bakeoff.judge.results import EntryResult, Interval, Results, Target
from bakeoff.show.calibration_tables import calibration
from bakeoff.show.class_tables import classes, errors, superclass_accuracy, superclasses
from bakeoff.show.fairness_tables import equal_seconds, received, sizes
from bakeoff.show.table import Column, Table


def all_tables(results: Results) -> list[Table]:
    """Every table that becomes a file."""
    tables = [ranking(results), pairs(results), classes(results), confusions(results), cost(results)]
    tables += [calibration(results), received(results), sizes(results)]
    tables += [table] if (table := equal_seconds(results)) else []
    tables += [superclass_accuracy(results), superclasses(results)] if results.dataset.superclasses else []
    tables += [claims(results)] if results.claims else []
    return tables + ([conclusions(results)] if results.conclusions else [])


def ranking(results: Results) -> Table:
    columns = (
        Column("rank", "", "count"),
        Column("entry", "entry", "name"),
        Column("test_accuracy", "test accuracy", "percent"),
        Column("interval", "95% interval", "interval"),
        Column("interval_kind", "interval by", "text", only_files=True),
        Column("sd", "sd", "spread"),
        Column("seeds", "seeds", "count"),
        Column("validation_accuracy", "validation", "percent"),
        Column("gap", "train − test", "points"),
        Column("macro_f1", "macro-F1", "percent"),
        Column("balanced_accuracy", "balanced", "percent"),
        Column("nll", "NLL", "number"),
        Column("brier", "Brier", "number"),
        Column("ece", "ECE", "number"),
        Column("test_loss", "test loss", "number", only_files=True),
        Column("best_group", "tied for best", "text", only_files=True),
        Column("selected", "weights", "text", only_files=True),
    )
    rows = tuple(
        (
            e.rank,
            e.name,
            e.test_accuracy.mean,
            e.test_accuracy.interval,
            e.test_accuracy.interval.kind if e.test_accuracy.interval else None,
            e.test_accuracy.sd,
            len(e.seeds),
            e.validation_accuracy.mean if e.validation_examples else None,
            e.gap.mean,
            e.macro_f1.mean,
            e.balanced_accuracy.mean,
            e.nll.mean,
            e.brier.mean,
            e.ece.mean,
            e.test_loss.mean,
            "yes" if e.best_group else "no",
            "selected on validation" if e.selected else "last epoch",
        )
        for e in results.entries
    )
    strong = frozenset(i for i, e in enumerate(results.entries) if e.best_group)
    return Table("ranking", "Entries by mean test accuracy", columns, rows, strong)


def pairs(results: Results) -> Table:
    """Two rows a pair: these checkpoints, these recipes."""
    columns = (
        Column("a", "ahead", "name"),
        Column("b", "behind", "name"),
        Column("claim", "claim about", "text"),
        Column("difference", "difference, pp", "points"),
        Column("interval", "95% interval", "span"),
        Column("p", "p", "p"),
        Column("p_holm", "p, Holm", "p"),
        Column("only_a", "only ahead right", "count"),
        Column("only_b", "only behind right", "count"),
        Column("verdict", "verdict", "text"),
        Column("detectable", "detectable, pp", "spread", only_files=True),
    )
    rows: list[tuple] = []
    anchors: list[str] = []
    seeds: list[int | None] = []
    for n, pair in enumerate(results.pairs):
        c, r = pair.checkpoints, pair.recipes
        one = (c.difference, c.interval, c.p, None, c.only_a, c.only_b) if c else (None,) * 6
        two = (r.difference, r.interval, r.p, r.p_holm, None, None) if r else (None,) * 6
        rows.append((pair.a, pair.b, "these checkpoints", *one, None, None))
        rows.append((pair.a, pair.b, "these recipes", *two, pair.verdict, pair.detectable))
        anchors += [f"pair-{n}", f"pair-{n}-recipes"]
        seeds += [c.seed if c else None, None]
    strong = frozenset(i for i, row in enumerate(rows) if row[9] == "better")
    caption = "Every pair: two claims, two rows"
    return Table("pairs", caption, columns, tuple(rows), strong, tuple(anchors), tuple(seeds))


def confusions(results: Results) -> Table:
    """Every confusion that happened: counts over all seeds and the share of the true class's images."""
    names = results.dataset.classes
    rows = []
    for entry in results.entries:
        counts, totals = errors(entry), np.array(entry.confusion).sum(1)
        for flat in np.argsort(-counts, axis=None, kind="stable"):
            i, j = divmod(int(flat), len(names))
            if counts[i, j] == 0:
                break
            rows.append((entry.name, names[i], names[j], int(counts[i, j]), counts[i, j] / totals[i]))
    columns = (
        Column("entry", "entry", "name"),
        Column("true", "true class", "name"),
        Column("predicted", "taken for", "name"),
        Column("count", "count, all seeds", "count"),
        Column("share", "of the true class", "percent"),
    )
    return Table("confusions", "Confusions, most frequent first", columns, tuple(rows))


def top_confusions(results: Results) -> Table:
    """The pairs of classes confused most over all entries, 12 of them or 20 of many classes; for each entry the share
    of the row and the count."""
    names, above = results.dataset.classes, results.dataset.superclasses
    count = 12 if len(names) <= 20 else 20
    shares = [errors(e) / np.maximum(np.array(e.confusion).sum(1, keepdims=True), 1) for e in results.entries]
    total = np.sum(shares, 0)
    rows = []
    for flat in np.argsort(-total, axis=None, kind="stable")[:count]:
        i, j = divmod(int(flat), len(names))
        if total[i, j] > 0:
            cells = (
                f"{100 * s[i, j]:.1f}% ({e.confusion[i][j]:,})" for s, e in zip(shares, results.entries, strict=True)
            )
            where = (above[i] if above[i] == above[j] else f"{above[i]} → {above[j]}",) if above else ()
            rows.append((names[i], names[j], *where, *cells))
    columns = (
        Column("true", "true class", "name"),
        Column("predicted", "taken for", "name"),
        *((Column("superclass", "superclass", "name"),) if above else ()),
        *(Column(f"entry_{n}", e.name, "count", of=e.name) for n, e in enumerate(results.entries)),
    )
    return Table("top-confusions", "Most frequent confusions", columns, tuple(rows))


def cost(results: Results) -> Table:
    no_pass = all(e.features_seconds is None for e in results.entries)
    columns = (
        Column("entry", "entry", "name"),
        Column("parameters", "parameters", "count"),
        Column("trainable", "trainable", "count"),
        Column("buffers", "buffers", "count"),
        Column("flops_forward", "FLOPs, one image", "count"),
        Column("seconds", "training a seed", "seconds"),
        Column("seconds_sd", "sd, s", "number"),
        Column("features_seconds", "pass before it, once", "seconds", only_files=no_pass),
        Column("epochs", "epochs", "count"),
        *(Column(f"epochs_to_{n}", f"epochs to {100 * t:g}%", "count") for n, t in enumerate(_targets(results))),
        *(Column(f"seconds_to_{n}", f"time to {100 * t:g}%", "seconds") for n, t in enumerate(_targets(results))),
        Column("device", "device", "text"),
    )
    rows = []
    for e in results.entries:
        reached = {t.accuracy: t for t in e.targets}
        found = [reached.get(t) for t in _targets(results)]
        epochs, times = [t.epochs if t else None for t in found], [_time_to(e, t) for t in found]
        rows.append(
            (
                e.name,
                e.parameters,
                e.trainable,
                e.buffers,
                e.flops_forward,
                e.seconds.mean,
                e.seconds.sd,
                e.features_seconds,
                e.epochs.mean,
                *epochs,
                *times,
                e.device,
            )
        )
    return Table("cost", "What each entry costs", columns, tuple(rows))


def _time_to(entry: EntryResult, target: Target | None) -> float | str | None:
    """Of a head alone it would be no price."""
    seconds = target.seconds if target else None
    return NOT_RECORDED if seconds is not None and entry.features_seconds == NOT_RECORDED else seconds


def _targets(results: Results) -> list[float]:
    """The target accuracies that at least one seed of one entry reached, at most the three highest."""
    return sorted({t.accuracy for e in results.entries for t in e.targets if t.reached_by})[-3:]


def claims(results: Results) -> Table:
    columns = (
        Column("claim", "claim", "name"),
        Column("source", "source", "name"),
        Column("reported", "reported", "percent"),
        Column("ours", "ours", "percent"),
        Column("verdict", "verdict", "text"),
        Column("evidence", "evidence", "name"),
        Column("problems", "by its own figures", "name"),
    )
    rows = tuple(
        (
            c.claim,
            c.source,
            _figure(c.metric, c.reported),
            _figure(c.metric, c.ours),
            verdict_words(c),
            c.evidence,
            ". ".join(f"{problem.verdict}: {problem.evidence}" for problem in c.problems),
        )
        for c in results.claims
    )
    return Table("claims", "Published figures beside ours", columns, rows)


def conclusions(results: Results) -> Table:
    """What was concluded, beside the verdicts of our pairs."""
    columns = (
        Column("verdict", "verdict", "text"),
        Column("said", "the report says", "name"),
        Column("source", "source", "name"),
        Column("found", "we find", "name"),
        Column("chance", "luck", "name"),
    )
    rows = tuple(
        (c.verdict, f"“{c.said}”" if c.quoted else c.said, c.source, c.found, c.chance) for c in results.conclusions
    )
    return Table("conclusions", "What was concluded, and what we find", columns, rows)


def _figure(metric: str | None, value: float | str | None) -> float | str | None:
    """Shares stay numbers and print as percentages; other figures print with their unit."""
    if value is None or isinstance(value, str):
        return value
    if metric in SHARES or (metric is None and 0 < value < 1):
        return value if value <= 1 else f"{value:,.10g}"
    return f"{value:,.10g}" if metric is None else written(metric, value)


def interval_kinds(results: Results) -> list[str]:
    """The kinds of interval in the ranking, for its caption."""
    found: list[Interval] = [e.test_accuracy.interval for e in results.entries if e.test_accuracy.interval]
    return sorted({i.kind for i in found})
