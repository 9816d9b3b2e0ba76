"""Tables of classes and of the superclasses that they form."""

from __future__ import annotations

import numpy as np

from bakeoff.judge.results import ClassResult, EntryResult, Results
from bakeoff.show.table import Column, Table

_CLASS_COLUMNS = (
    Column("class", "class", "name"),
    Column("support", "images", "count"),
    Column("precision", "precision", "percent"),
    Column("recall", "recall", "percent"),
    Column("recall_interval", "95% interval", "interval"),
    Column("f1", "F1", "percent"),
    Column("taken_for", "taken for", "name"),
    Column("taken_for_share", "share", "percent"),
)


def _class_rows(classes: list[ClassResult]) -> list[tuple]:
    hardest = sorted(classes, key=lambda c: (c.recall, c.name))
    return [
        (
            c.name,
            c.support,
            c.precision,
            c.recall,
            c.recall_interval,
            c.f1,
            c.taken_for,
            c.taken_for_share if c.taken_for else None,
        )
        for c in hardest
    ]


def entry_classes(entry: EntryResult) -> Table:
    """One entry's classes, hardest first."""
    return Table(f"classes of {entry.name}", "Hardest class first", _CLASS_COLUMNS, tuple(_class_rows(entry.classes)))


def entry_superclasses(entry: EntryResult) -> Table:
    """One entry's superclasses, hardest first; no rows for a dataset without them."""
    rows = tuple(_class_rows(entry.superclasses))
    columns = (Column("superclass", "superclass", "name"), *_CLASS_COLUMNS[1:])
    return Table(f"superclasses of {entry.name}", "Hardest superclass first", columns, rows)


def superclasses(results: Results) -> Table:
    rows = tuple((e.name, *row) for e in results.entries for row in _class_rows(e.superclasses))
    columns = (Column("entry", "entry", "name"), Column("superclass", "superclass", "name"), *_CLASS_COLUMNS[1:])
    return Table("superclasses", "Superclasses of every entry, hardest first", columns, rows)


def superclass_accuracy(results: Results) -> Table:
    """How often the predicted class lies in the true superclass, and how many errors stay inside it."""
    columns = (
        Column("entry", "entry", "name"),
        Column("test_accuracy", "accuracy", "percent"),
        Column("superclass_accuracy", "superclass accuracy", "percent"),
        Column("interval", "95% interval", "interval"),
        Column("interval_kind", "interval by", "text", only_files=True),
        Column("sd", "sd", "spread"),
        Column("errors_inside", "errors inside", "percent"),
        Column("by_chance", "by chance", "percent"),
    )
    rows = []
    for e in results.entries:
        if found := e.superclass_accuracy:
            wrong = 1 - e.test_accuracy.mean
            inside = (found.mean - e.test_accuracy.mean) / wrong if wrong > 0 else None
            kind = found.interval.kind if found.interval else None
            chance = _chance(e, results.dataset.superclasses)
            rows.append((e.name, e.test_accuracy.mean, found.mean, found.interval, kind, found.sd, inside, chance))
    caption = "Accuracy over superclasses"
    return Table("superclass-accuracy", caption, columns, tuple(rows))


def _chance(entry: EntryResult, of: list[str]) -> float | None:
    """The share of an entry's errors inside the superclass if those of each class fell on all other classes alike."""
    wrong = errors(entry).sum(1)
    sisters = np.array([of.count(name) - 1 for name in of])
    return float(wrong @ sisters / (len(of) - 1) / wrong.sum()) if wrong.sum() else None


def classes(results: Results) -> Table:
    rows = tuple((e.name, *row) for e in results.entries for row in _class_rows(e.classes))
    columns = (Column("entry", "entry", "name"), *_CLASS_COLUMNS)
    return Table("classes", "Classes of every entry, hardest first", columns, rows)


def errors(entry: EntryResult) -> np.ndarray:
    """int64 [K, K]: the confusion counts without the diagonal."""
    counts = np.array(entry.confusion, np.int64)
    np.fill_diagonal(counts, 0)
    return counts
