"""What is put before the judge: named groups of runs on one dataset, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bakeoff.data.dataset import Dataset
from bakeoff.judge.results import Results
from bakeoff.recipe import Frozen
from bakeoff.runs.run import Run


class Claim(Frozen):
    """A figure somebody published: either `entry` with `metric` and `reported`, or `better`/`faster`/`equivalent`
    `than`. Accuracies are 0..1. `interval` is [low, high] as printed; `n` the images it was measured on."""

    entry: str | None = None
    metric: str | None = None
    reported: float | None = None
    plus_minus: float | None = None
    interval: tuple[float, float] | None = None
    of: str = "accuracy"
    n: int | None = None
    split: str | None = None
    seeds: int | None = None
    parameters: int | None = None
    seconds: float | None = None
    unit: str | None = None
    better: str | None = None
    faster: str | None = None
    equivalent: str | None = None
    than: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Contestant:
    """One entry: its name and its finished runs, one a seed, ordered by seed. `failures`: a sentence a failed seed."""

    name: str
    runs: tuple[Run, ...]
    failures: tuple[str, ...] = ()


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
    quick: bool = False
    train_examples: int | None = None
    """How many training pictures were used; None: all but the validation split."""


@dataclass(frozen=True)
class Judgement:
    """The judge's words, and the opened test logits (float32 [N, K] by run key) that the figures are drawn from."""

    results: Results
    test_logits: dict[str, np.ndarray] = field(default_factory=dict)
