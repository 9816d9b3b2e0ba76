"""The data audit as the judge's words: part of `results.json`, and what `bakeoff data audit` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bakeoff.judge.estimates import Estimate
from bakeoff.recipe import Frozen

SHOWN = 60
"""Pairs, groups and suspects that are listed of each kind; the counts are of all."""


class Picture(Frozen):
    """`row` counts from 0 within its part; `label`: the name of its class; `file`: of a folder, its path below it."""

    part: Literal["train", "test"]
    row: int
    label: str
    file: str | None = None


class CopyPair(Frozen):
    """`likeness`: 1 for equal pixels, else see docs/findings/BK020.md."""

    first: Picture
    second: Picture
    likeness: float


class Suspect(Frozen):
    """A training picture that nearly every run, none of which learned from it, takes for another class.
    `agreement`: share of the runs that do; `confidence`: their mean probability for it; `own`: for its label."""

    picture: Picture
    suggested: str
    agreement: float
    confidence: float
    own: float


class WithoutCopies(Frozen):
    """An entry's accuracy on the test pictures that have no copy in the training set; `change`: that minus its test
    accuracy."""

    entry: str
    accuracy: Estimate
    change: float


class AuditResult(Frozen):
    train: int
    test: int
    classes: list[str]
    train_counts: list[int]
    """Training pictures a class; `test_counts` likewise."""
    test_counts: list[int]
    likeness: float | None
    """From which two pictures count as near copies; None if they are too few to compare."""
    equal_test: int
    """Test pictures whose pixels are in the training set."""
    near_test: int
    """Test pictures of which only a near copy is."""
    equal_train: int
    """Training pictures that have the pixels of an earlier one."""
    near_train: int
    """Training pictures with a near copy among the others."""
    test_pairs: list[CopyPair]
    train_pairs: list[CopyPair]
    conflicts: int
    """Groups of equal pictures with different labels."""
    conflicting: list[list[Picture]]
    skipped: list[list[str]] = Field(default_factory=list)
    """(file, reason) of what could not be read and was left out."""
    predicted: int = 0
    """Training pictures that runs predicted without having learned from them."""
    suspected: int = 0
    suspects: list[Suspect] = Field(default_factory=list)
    without: list[WithoutCopies] = Field(default_factory=list)
    """Empty where no test picture has a copy in the training set."""
    changed: list[str] = Field(default_factory=list)
    """A sentence for each pair whose verdict is another on those pictures."""
