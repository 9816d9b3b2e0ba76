"""What the judge says over several datasets: `results.json` of a study with a list of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bakeoff.judge.estimates import Estimate
from bakeoff.recipe import Frozen


class OnDataset(Frozen):
    """One dataset. `accuracy` and `rank` (1 is best, equal ones share the mean) by entry, of those that are on every
    dataset; `answer`: of its own study, whose folder is `folder` below this one."""

    name: str
    folder: str
    test_examples: int
    classes: int
    answer: str
    accuracy: dict[str, Estimate]
    rank: dict[str, float]


class AcrossEntry(Frozen):
    """`average_rank` over datasets, the lower the better; `first`: on how many no other has a higher mean."""

    name: str
    average_rank: float
    first: int


class Friedman(Frozen):
    """Whether the entries differ at all (Friedman 1937), with Iman and Davenport's F (1980), which is less timid."""

    chi_square: float
    f: float | None
    """None if the ranks are the same on every dataset: F is then beyond all bounds."""
    degrees_of_freedom: tuple[int, int]
    p: float


class AcrossPair(Frozen):
    """`a` has the better average rank. Differences are a - b of mean accuracies, one a dataset."""

    a: str
    b: str
    wins: int
    losses: int
    ties: int
    median_difference: float
    signed_rank: float
    """Wilcoxon's smaller sum of ranks."""
    p: float | None
    """Exact, two-sided; None if there are too few datasets to test."""
    p_holm: float | None
    verdict: Literal["better", "undecided", "described"]
    sentence: str


class AcrossResults(Frozen):
    schema_version: int = 1
    study: str
    question: str
    answer: str
    quick: bool = False
    datasets: list[OnDataset]
    entries: list[AcrossEntry]
    """Best average rank first."""
    left_out: list[str] = Field(default_factory=list)
    """A sentence for each entry that is not on every dataset, for each that is another's twin on all of them, and for
    each dataset without results."""
    friedman: Friedman | None = None
    """None with fewer than 6 datasets or 3 entries."""
    pairs: list[AcrossPair]
    methods: list[str]
