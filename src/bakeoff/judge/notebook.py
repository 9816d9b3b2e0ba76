"""What was judged, as notebooks show it."""

from __future__ import annotations

from bakeoff.judge.estimates import Estimate
from bakeoff.judge.results import EntryResult, PairResult, Results
from bakeoff.judge.words import bracket, counted, percent, points, probability
from bakeoff.notebook import card, line, matrix, table

MOST_CLASSES = 30
"""A larger matrix is a wall of numbers; then the classes' own figures stand in its place."""


def pair_html(pair: PairResult) -> str:
    """The verdict, its sentence, and both claims."""
    rows = []
    for name, claim in (("these recipes", pair.recipes), ("these checkpoints", pair.checkpoints)):
        if claim is not None:
            rows.append((name, points(claim.difference), bracket(claim.interval), probability(claim.p)))
    shown = table(("", f"{pair.a} minus {pair.b}", "95% interval", "p"), rows, numbers=(1, 2, 3)) if rows else ""
    return card(f"{pair.a} against {pair.b}: {pair.verdict}", line(pair.sentence), shown)


def results_html(results: Results) -> str:
    """The answer and the ranking."""
    rows = [
        (e.rank, e.name, *_accuracy(e.test_accuracy), len(e.seeds), f"{e.parameters:,}", _seconds(e))
        for e in results.entries
    ]
    header = ("", "entry", "test accuracy", "95% interval", "seeds", "weights", "seconds")
    found = sum(finding.status == "found" for finding in results.findings)
    ranking = table(header, rows, numbers=(0, 2, 3, 4, 5, 6))
    return card(results.study, line(results.answer), ranking, line(f"{counted(found, 'finding')} in the report"))


def _seconds(entry: EntryResult) -> str:
    """Of training a seed, and of the pass before it."""
    told = f"{entry.seconds.mean:,.1f}"
    if entry.features_seconds is None:
        return told
    known = isinstance(entry.features_seconds, float)
    return f"{told} (pass before: {f'{entry.features_seconds:,.1f}' if known else entry.features_seconds})"


def entry_html(entry: EntryResult) -> str:
    """How an entry did, and its confusion matrix on the test set, seeds summed up."""
    accuracy, interval = _accuracy(entry.test_accuracy)
    told = f"test accuracy {accuracy} {interval}, {counted(len(entry.seeds), 'seed')}, {entry.parameters:,} weights"
    if len(entry.classes) > MOST_CLASSES:
        rows = [
            (c.name, percent(c.recall, 1), c.taken_for or "") for c in sorted(entry.classes, key=lambda c: c.recall)
        ]
        shown = table(("class", "recall", "most often taken for"), rows[:MOST_CLASSES], numbers=(1,))
        return card(entry.name, line(told), line(f"the {MOST_CLASSES} hardest of {len(rows)} classes"), shown)
    names = [c.name for c in entry.classes]
    rows_and_columns = line("confusion matrix of the test set: true class on rows, predicted on columns")
    return card(entry.name, line(told), rows_and_columns, matrix(names, entry.confusion))


def _accuracy(accuracy: Estimate) -> tuple[str, str]:
    return percent(accuracy.mean), bracket(accuracy.interval) if accuracy.interval else ""
