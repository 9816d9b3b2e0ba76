"""The one seed of an entry that stands for the others where seeds cannot be averaged: weights, single steps."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.results import EntryResult
from bakeoff.runs.run import Run


def median_run(entry: EntryResult, runs: Sequence[Run]) -> Run | None:
    """The judged run with the median validation accuracy, the lower of the middle two; by seed where accuracies are
    equal or there is no validation split. None if none of `runs` was judged."""
    known = {run.key: run for run in runs}
    values = zip(entry.validation_accuracy.values, entry.seeds, entry.run_keys, strict=True)
    ranked = sorted((value, seed, key) for value, seed, key in values if key in known)
    return known[ranked[(len(ranked) - 1) // 2][2]] if ranked else None


def seed_words(entry: EntryResult, run: Run) -> str:
    """`seed 1, the median of 3 by validation accuracy`; of an even number it is the lower median."""
    words, n = f"seed {run.job.seed}", len(entry.seeds)
    if n == 1:
        return words
    middle = "median" if n % 2 else "lower median"
    return f"{words}, the {middle} of {n} by validation accuracy" if entry.validation_examples else f"{words} of {n}"
