"""What is put before the judge: named groups of runs on one dataset, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bakeoff.data.dataset import Dataset
from bakeoff.judge.claims import Claim, ModelCount
from bakeoff.judge.results import Results
from bakeoff.judge.search import Search
from bakeoff.judge.seed_results import SeedsResult
from bakeoff.runs.run import Run

COMPARISON = "compare"
"""The name of a contest between two entries that someone picked, of whichever studies."""


@dataclass(frozen=True)
class Contestant:
    """One entry: its name and its finished runs, one a seed, ordered by seed. `failures`: a sentence a failed seed.
    `ledger`: of the study it comes from, if that is not the contest's own. `train_examples`: how many pictures each of
    its runs trained on; None: all that the contest's entries train on. `aliases`: other names of the very same
    trainings. No two contestants of a contest share a run: it cannot be compared with itself, nor counted twice
    among the seeds that tell how much trainings differ."""

    name: str
    runs: tuple[Run, ...]
    failures: tuple[str, ...] = ()
    ledger: Path | None = None
    aliases: tuple[str, ...] = ()
    train_examples: int | None = None


@dataclass(frozen=True)
class Contest:
    study: str
    question: str
    dataset: Dataset
    entries: tuple[Contestant, ...]
    ledger: Path
    """`ledger.jsonl` of the study: every first opening of a test set is written to it."""
    margin: float = 0.005
    claims: tuple[Claim, ...] = ()
    asked: str | None = None
    """The dataset that the study and its claims are about, where `dataset` only stands in its place."""
    counts: Mapping[str, ModelCount] = field(default_factory=dict)
    """The weights of each entry's model, also of entries without runs; for claims about them."""
    quick: bool = False
    train_examples: int | None = None
    """How many training pictures were used; None: all but the validation split."""
    searches: tuple[Search, ...] = ()
    """Those that made at least one trial."""
    untried: tuple[str, ...] = ()
    """A sentence for each other one."""
    validation_index: np.ndarray | None = None
    """int64 [V]: the rows of the dataset's training pictures that the runs were validated on, in the order of their
    validation logits; None if they are not known to share one split."""
    seeds: SeedsResult | None = None
    """How the number of seeds was decided, where the runs did."""
    level: float = 0.05
    """The error of verdicts and intervals on the test set: what looks that decided on seeds have left of 0.05."""


@dataclass(frozen=True)
class Judgement:
    """The judge's words, and the opened test logits (float32 [N, K] by entry and run key) that figures are drawn
    from."""

    results: Results
    test_logits: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
