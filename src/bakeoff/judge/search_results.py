"""What the judge says of a search, as a part of `results.json`.

Scores are in the unit of the search's metric, accuracies 0..1 and losses means an example; one score is the mean over
folds. A candidate that diverged has none.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from bakeoff.judge.estimates import Estimate, Interval
from bakeoff.recipe import Frozen

Metric = Literal["validation_accuracy", "validation_loss"]
Ended = Literal["done", "budget", "stopped", "failed"]
"""How the last sitting of a search did: "budget" if that ended it, "failed" if some packs did."""


class SpaceFacts(Frozen):
    """How large the space is: points as declared (None: it has a continuous axis), different candidates among them, and
    those of them that cannot learn anything."""

    declared: int | None = None
    different: int | None = None
    hopeless: int | None = None


class Comparison(Frozen):
    """Where candidates are compared: after `epochs` of a stage, over `examples` training pictures a fold (None: all
    of them), on so many folds."""

    stage: int
    epochs: int
    folds: int
    examples: int | None = None


class RungResult(Frozen):
    at: Comparison
    reached: int
    """Candidates that have a score here."""
    went_on: int
    """Those of them that have one at the next comparison too."""


class StageResult(Frozen):
    """What one stage cost: trainings (a fold each), the epochs and seconds of all of them together."""

    stage: int
    candidates: int
    trials: int
    epochs: int
    seconds: float
    rungs: list[RungResult]


class Step(Frozen):
    """A new best of a stage: after so many trials and so many seconds of training of the whole search."""

    stage: int
    warm: bool
    trials: int
    seconds: float
    score: float
    number: int


class Failure(Frozen):
    number: int
    candidate: str
    point: dict[str, Any]
    stage: int
    fold: int
    stopped: str
    """With the step: "diverged at step 117"."""


class Selected(Frozen):
    """The best of the trials. Its score is the largest of many and so flatters; `label` says it."""

    number: int
    candidate: str
    point: dict[str, Any]
    parameters: int
    at: Comparison
    score: float
    folds: list[float]
    warm: bool
    label: Literal["selected, optimistic"] = "selected, optimistic"


class Finalist(Frozen):
    """A candidate that trained again from scratch on the study's seeds, as an entry. `fresh`: the search's metric on
    validation pictures (None where there are none, as with `refit: all`). `shrinkage`: how much of the selected score
    was luck, positive if fresh is worse, None where the selected score is of a part of the pictures, or the fresh one
    is of the `best_epoch` (`keep: best`) and that of a trial of its last; its interval takes the selected figure as it
    stands and is uncertain by the fresh one only."""

    entry: str
    candidate: str
    selected: float | None
    fresh: Estimate | None
    shrinkage: float | None
    shrinkage_interval: Interval | None
    test_accuracy: Estimate | None
    best_epoch: bool = False


class Unlike(Frozen):
    """How the selected score was measured otherwise than the fresh one: a mean over `folds` folds, each trained on the
    share `selected` (0..1) of the pictures for training and validation together; a fresh training has the share `fresh`
    of them, and other validation pictures."""

    folds: int
    selected: float
    fresh: float


class Baseline(Frozen):
    """The entry that stands beside the winner: a default recipe with the same budget. `same_as`: the finalist that is
    this very training, where the search came back to it."""

    entry: str
    fresh: Estimate | None
    test_accuracy: Estimate | None
    same_as: str | None = None


class ValueEffect(Frozen):
    """How the candidates with one value (or one bin of a range) fared, whatever their other axes."""

    value: str
    candidates: int
    diverged: int
    mean: float | None
    interval: Interval | None
    best: float | None
    to_the_end: int
    """How many of them reached the last stage's last comparison."""


class AxisEffect(Frozen):
    """`importance`: the share of the variance of the scores that this axis explains on its own, 0..1, over the
    candidates where it is active; None where fewer than two values can be compared."""

    axis: str
    active: int
    importance: float | None
    interval: Interval | None
    values: list[ValueEffect]


class Agreement(Frozen):
    """Do two comparisons rank alike those candidates that have both? Only what went on has both, and what went on was
    alike, so this is less than over all candidates."""

    before: Comparison
    after: Comparison
    candidates: int
    spearman: float
    spearman_interval: Interval
    kendall: float
    kendall_interval: Interval
    winner_rank: int | None
    """The winner's place, from 1, among all that were compared at `before`."""
    compared: int
    """How many that were."""


class SearchResult(Frozen):
    name: str
    entry: str
    strategy: str
    metric: Metric
    space: SpaceFacts
    candidates: int
    trials: int
    epochs: int
    seconds: float
    """Of training, each model's share of its pack's, summed over trials."""
    stages: list[StageResult]
    ended: Ended = "done"
    planned_stages: int = 1
    """How many there are if nothing ends the search before."""
    diverged: int
    """Candidates that did, in any of their trials."""
    failures: list[Failure]
    """The first hundred trials that failed; all are in tables/."""
    failed: list[str] = Field(default_factory=list)
    """A sentence for each pack that failed, of which nothing counts."""
    best_so_far: list[Step]
    winner: Selected | None
    warm_winner: Selected | None
    """The best of those that started from another candidate's weights; never compared with the others."""
    finalists: list[Finalist]
    """Best first by the search's own ranking."""
    unlike: Unlike | None = None
    """What a shrinkage is made of beside luck; None where both scores have the study's split."""
    baseline: Baseline | None
    effects_at: Comparison | None
    """Where effects are measured: the comparison that most candidates share."""
    effects: list[AxisEffect]
    """The most important first."""
    agreement: list[Agreement]
    sentence: str
