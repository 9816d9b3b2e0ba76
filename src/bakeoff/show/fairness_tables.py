"""The fairness ledger as tables: what each entry received, equal seconds, equal size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bakeoff.judge.fairness_results import Received
from bakeoff.judge.results import Results
from bakeoff.judge.words import counted
from bakeoff.show.numbers import count, seconds, short_count
from bakeoff.show.table import Column, Kind, Table

_ALWAYS = {"entry", "parameters", "flops_forward", "tflop_training", "seconds"}
_RECEIVED: tuple[tuple[str, str, Kind, Callable[[Received], Any]], ...] = (
    ("entry", "entry", "name", lambda one: one.entry),
    ("trials", "trials of tuning", "count", lambda one: one.trials),
    ("search_seconds", "time of tuning", "seconds", lambda one: one.search_seconds if one.search else None),
    ("epochs", "epochs", "count", lambda one: one.epochs.mean),
    ("train_examples", "training pictures", "count", lambda one: one.train_examples),
    ("pictures_seen", "pictures seen", "count", lambda one: one.pictures_seen),
    ("augmentation", "augmentation", "text", lambda one: one.augmentation),
    ("pretrained", "weights to start from", "text", lambda one: one.pretrained),
    ("stopping", "stopping on validation", "text", lambda one: one.stopping),
    ("parameters", "parameters", "count", lambda one: one.parameters),
    ("frozen", "of them frozen", "count", lambda one: one.parameters - one.trainable),
    ("flops_forward", "FLOPs, one image", "count", lambda one: one.flops_forward),
    ("tflop_training", "training, TFLOP", "number", lambda one: one.flops_training and one.flops_training / 1e12),
    ("seconds", "training a seed", "seconds", lambda one: one.seconds.mean),
    ("features_seconds", "pass before it, once", "seconds", lambda one: one.features_seconds),
    ("hardware", "hardware", "text", lambda one: one.hardware),
)


def received(results: Results) -> Table:
    """A row an entry. People see what differs, and what training cost; files have all."""
    every = results.fairness.received
    priced = _ALWAYS | ({"features_seconds"} if any(one.features_seconds is not None for one in every) else set())
    columns = tuple(
        Column(key, title, kind, only_files=key not in priced and _alike(every, of))
        for key, title, kind, of in _RECEIVED
    )
    rows = tuple(tuple(of(one) for _, _, _, of in _RECEIVED) for one in every)
    return Table("received", "What each entry received", columns, rows)


def _alike(every: list[Received], of: Callable[[Received], Any]) -> bool:
    return len({of(one) for one in every}) < 2


def same_for_all(results: Results) -> str:
    """What all entries received alike, in words; empty for a single entry."""
    every = results.fairness.received
    if len(every) < 2:
        return ""
    one = every[0]
    words = {
        "trials": f"{counted(one.trials, 'trial')} of tuning" if one.trials else "no trials of tuning",
        "epochs": counted(round(one.epochs.mean), "epoch"),
        "train_examples": f"{count(one.train_examples)} training pictures",
        "augmentation": "no augmentation" if one.augmentation == "none" else f"augmentation by {one.augmentation}",
        "pretrained": "fresh weights to start from" if one.pretrained == "none" else one.pretrained,
        "stopping": "no stopping on validation" if one.stopping == "none" else f"stopping: {one.stopping}",
        "hardware": one.hardware,
    }
    found = [words[key] for key, _, _, of in _RECEIVED if key in words and _alike(every, of)]
    return ", ".join(found)


def equal_seconds(results: Results) -> Table | None:
    """Validation accuracy of every entry at each budget; None where seconds do not compare."""
    found = results.fairness.equal_seconds
    if found is None:
        return None
    columns = [Column("entry", "entry", "name")]
    for n, budget in enumerate(found.budgets):
        columns += [
            Column(f"budget_{n}", seconds(budget.seconds), "percent"),
            Column(f"interval_{n}", f"95% interval at {seconds(budget.seconds)}", "interval", only_files=True),
            Column(f"epochs_{n}", f"epochs by {seconds(budget.seconds)}", "count", only_files=True),
        ]
    rows = []
    for entry in results.entries:
        if entry.name in found.left_out:
            continue
        row: list[Any] = [entry.name]
        for budget in found.budgets:
            one = next((s for s in budget.standings if s.entry == entry.name), None)
            row += [one.accuracy.mean, one.accuracy.interval, one.epochs] if one else [None, None, None]
        rows.append(tuple(row))
    return Table("equal-seconds", "Validation accuracy for equal seconds of training", tuple(columns), tuple(rows))


def sizes(results: Results) -> Table:
    """Entries by groups of like size, smallest group first."""
    columns = (
        Column("group", "size, from", "text"),
        Column("entry", "entry", "name"),
        Column("parameters", "parameters", "count"),
        Column("test_accuracy", "test accuracy", "percent"),
        Column("interval", "95% interval", "interval"),
        Column("verdict", "at its size", "name"),
        Column("frontier", "nothing smaller is as good", "text"),
    )
    by_name = {entry.name: entry for entry in results.entries}
    rows: list[tuple[Any, ...]] = []
    strong: list[int] = []
    for group in results.fairness.sizes:
        best = group.members[0].entry
        words = {
            "best": "best of its size",
            "alone": "no other of its size",
            "better": f"{best} is better",
            "equivalent": f"equivalent to {best}",
            "undecided": f"undecided against {best}",
        }
        for member in group.members:
            test = by_name[member.entry].test_accuracy
            strong += [len(rows)] if member.verdict == "best" else []
            rows.append(
                (
                    short_count(min(m.parameters for m in group.members)),
                    member.entry,
                    member.parameters,
                    test.mean,
                    test.interval,
                    words[member.verdict],
                    "yes" if member.entry in results.fairness.frontier else "",
                )
            )
    return Table("sizes", "Entries of like size side by side", columns, tuple(rows), frozenset(strong))
