"""What trying customs came to: which is best, and whether that can be said. Shapes: N pictures, K classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, stats

from bakeoff.errors import UsageError
from bakeoff.judge.compare import mcnemar_midp
from bakeoff.judge.intervals import wilson
from bakeoff.judge.results import Interval
from bakeoff.judge.words import bracket, percent

SURE = 0.001
"""Beside the best, a custom is out of question at the first look if McNemar's mid-p is below this, divided by the
number of customs; and the best answers better than guessing if a binomial test says so at this level."""
USUAL = 0.05
"""The same when all pictures there are have been looked at: then it is worse."""
EDGE = 0.1
"""The best must come this far from guessing towards being always right."""
SAME = 0.99
"""Customs that give the same answer to this share of pictures come to the same."""
ORDER = 0.2
"""Classes are in another order if that would make this share of pictures more right."""


def _none() -> np.ndarray:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Tried:
    """One custom. `answers`, `labels`: class numbers [N] of the same pictures, -1 for no answer; `refused`: why there
    are none."""

    layout: str
    pixels: str
    answers: np.ndarray = field(default_factory=_none)
    labels: np.ndarray = field(default_factory=_none)
    refused: str = ""

    @property
    def pictures(self) -> int:
        return len(self.answers)

    @property
    def hits(self) -> np.ndarray:
        return self.answers == self.labels

    @property
    def right(self) -> int:
        return int(self.hits.sum())

    @property
    def accuracy(self) -> float:
        return self.right / max(1, self.pictures)

    @property
    def interval(self) -> Interval:
        return wilson(self.right, max(1, self.pictures))

    @property
    def sentence(self) -> str:
        told = self.refused or f"{percent(self.accuracy)} {bracket(self.interval)} of {self.pictures:,}"
        return f"{self.layout} {self.pixels}: {told}"

    def alike(self, other: Tried) -> float:
        """The share of pictures that both answer alike."""
        n = min(self.pictures, other.pictures)
        return float((self.answers[:n] == other.answers[:n]).mean())


def listed(tried: Sequence[Tried]) -> str:
    return "; ".join(one.sentence for one in tried)


def leaders(tried: Sequence[Tried], level: float = SURE) -> list[Tried]:
    """The best and those that chance may have put behind it, at this level. Raises UsageError if none works."""
    working = [one for one in tried if not one.refused]
    if not working:
        raise UsageError(f"no way to give it pictures works: {listed(tried)}")
    best = max(working, key=lambda one: one.accuracy)
    return [best, *(one for one in working if one is not best and not _worse(one, best, level / len(working)))]


def _worse(one: Tried, best: Tried, level: float) -> bool:
    n = min(one.pictures, best.pictures)
    a, b = one.hits[:n], best.hits[:n]
    less, more = int((a & ~b).sum()), int((~a & b).sum())
    return more > less and mcnemar_midp(less, more) < level


def check_alone(best: Tried, others: Sequence[Tried]) -> None:
    """Raises UsageError if one of the `others`, which may be as good, does not answer as `best` does."""
    for other in others:
        same = best.alike(other)
        if same < SAME:
            raise UsageError(
                f"two ways to give it pictures are about as good and answer {percent(same)} alike, so which is right "
                f"cannot be told: {listed([best, other])}; say --layout, or --set entries.NAME.model.onnx.pixels=unit"
            )


SAY = "--layout, --set entries.NAME.model.onnx.pixels=unit"


def check_hope(best: Tried, tried: Sequence[Tried], say: str = SAY) -> None:
    """Raises UsageError if the best of several does hardly better than always naming the commonest class: then the best
    is a matter of luck, since a custom that is wrong may do so, too. `say`: how to choose one all the same."""
    guess, among = float(np.bincount(best.labels).max()) / best.pictures, sum(not one.refused for one in tried)
    lucky = float(stats.binom.sf(best.right - 1, best.pictures, guess)) * among >= SURE
    if among > 1 and (lucky or best.accuracy < guess + EDGE * (1 - guess)):
        raise UsageError(
            "no way to give it pictures does clearly better than always naming the commonest class "
            f"({percent(guess)}): {listed(tried)}; to judge it all the same say which: {say}"
        )


def check_order(tried: Sequence[Tried], classes: Sequence[str]) -> None:
    """Raises UsageError if the file seems to know the classes in another order: one that makes far more pictures right
    (by the best assignment of answers to labels)."""
    most = max((one.accuracy for one in tried), default=0.0)
    for one in tried:
        k, sound = len(classes), one.answers >= 0
        table = np.bincount(one.labels[sound] * k + one.answers[sound], minlength=k * k).reshape(k, k)
        rows, columns = optimize.linear_sum_assignment(-table)
        share = float(table[rows, columns].sum()) / max(1, one.pictures)
        if share - most > ORDER:
            order = ",".join(classes[rows[columns == i][0]] for i in range(k))
            raise UsageError(
                f"its classes seem to be in another order than the data's, in which {percent(most)} of "
                f"{one.pictures:,} training pictures are right; in this one {percent(share)} would be: --labels "
                f"'{order}'. Look at what is known of the file, then say so"
            )
