"""What a folder of pictures holds and whether a comparison can be made of it, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bakeoff.data import Dataset
from bakeoff.data.stream import shown
from bakeoff.data.survey import Survey, first_reason, survey_folder
from bakeoff.errors import DataError
from bakeoff.judge.words import counted, listed

LARGEST_SIDE = 96
"""Pixels: beyond it nets from scratch learn nothing in minutes. A pretrained backbone sees more, see `roster`."""
FEW = 20
"""Pictures of a class below which its figures say little."""
NAMED = 10
"""Files left out that are named one by one; the report has them all."""


def look(folder: Path) -> tuple[Survey, int]:
    """(what the folder holds, the side that its pictures are brought to).

    Raises DataError for what nothing can be made of, and says what to do.
    """
    survey = survey_folder(folder)
    check_classes(folder, survey)
    return survey, max(8, min(LARGEST_SIDE, survey.sides[1]))


def check_classes(folder: Path, survey: Survey) -> None:
    """Every class needs a picture to train on, one to validate on and one to test on; a part that the folder has
    brings its own."""
    counts = survey.counts
    drawn = [part for part in ("validation", "test") if part not in counts]
    least = 1 + len(drawn)
    few = [name for name, count in counts["train"].items() if count < least]
    if few:
        have = listed([f"{shown(name)} has {counts['train'][name]}" for name in few[:5]])
        more = f" (and {len(few) - 5} more classes)" if len(few) > 5 else ""
        raise DataError(
            f"{shown(folder)}: too few readable pictures: {have}{more}; every class needs {least} to train, choose and "
            f"test on different ones, and {FEW} or more to say anything. Add pictures, or move the class out"
            f"{_unread_words(survey.skipped)}"
        )


def _unread_words(skipped: Sequence[tuple[str, str]]) -> str:
    return f". {counted(len(skipped), 'file')} could not be used{first_reason(skipped)}" if skipped else ""


def survey_words(folder: Path, survey: Survey, side: int) -> list[str]:
    """What was found, a line each."""
    totals: Counter[str] = Counter()
    for of_class in survey.counts.values():
        totals.update(of_class)
    low, middle, high = survey.sides
    sizes = f"{low} pixels" if low == high else f"{low} to {high} pixels, median {middle}"
    colour = {0: "colour", survey.pictures: "grey"}.get(survey.grey, f"{survey.grey:,} grey, the rest colour")
    smallest, largest = min(totals.values()), max(totals.values())
    each = f"of {smallest:,} to {largest:,}" if smallest < largest else f"of {smallest:,} each"
    lines = [
        f"{shown(folder)}: {counted(survey.pictures, 'picture')} in {len(survey.classes)} classes {each}; "
        f"shorter sides {sizes}; {colour}",
        f"pictures are cut to squares of {side} x {side}",
    ]
    if largest > 3 * smallest:
        rarest = min(totals, key=lambda name: totals[name])
        lines.append(
            f"classes are unequal: the largest has {largest / smallest:.0f} times as many pictures as {shown(rarest)}; "
            "look at the recall of each class, not at accuracy alone"
        )
    few = [shown(name) for name, count in totals.items() if count < FEW]
    if few:
        names = listed(few if len(few) <= 5 else [*few[:5], f"{len(few) - 5} more"])
        lines.append(f"few pictures: {names}; below {FEW} a class, figures for it say next to nothing")
    return lines


def skipped_words(dataset: Dataset) -> list[str]:
    """The files that were left out, a line each, and why."""
    if not dataset.skipped:
        return []
    lines = [f"{counted(len(dataset.skipped), 'file')} left out:"]
    lines += [f"  {file}: {reason}" for file, reason in dataset.skipped[:NAMED]]
    rest = len(dataset.skipped) - NAMED
    return lines + ([f"  and {rest:,} more; the report names them all"] if rest > 0 else [])


def check_decoded(folder: Path, dataset: Dataset) -> None:
    """`check_classes` once more: files that turned out damaged may have left a class with too few. Raises DataError."""
    counts = np.bincount(dataset.train.labels.numpy(), minlength=len(dataset.classes))
    least = 2 if dataset.validation_index is None else 1
    few = [name for name, count in zip(dataset.classes, counts, strict=True) if count < least]
    if few:
        raise DataError(
            f"{shown(folder)}: too few readable pictures of {listed([shown(name) for name in few[:5]])}: after drawing "
            f"the test set every class needs {least} more. Add pictures, or move the class out"
            f"{_unread_words(dataset.skipped)}"
        )
