"""Labels that deserve a second look: pictures that nearly every run takes for one and the same other class, though none
of the runs learned from them. Confident learning (Northcutt, Jiang & Chuang 2021, J. AI Research 70, equation 2) over
the mean probabilities of all entries, and the runs must agree.

N training pictures, V pictures of a run's validation set, K classes, R runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.judge.metrics import softmax
from bakeoff.runs.run import Run

AGREE = 0.8
"""Share of the runs, and of the entries, that must name the same other class."""
SURE = 0.8
"""Least mean probability for that class, however hard the classes are to tell apart for these networks."""
FEWEST = 3
"""Runs a picture needs: fewer agree by chance."""


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """What runs say of training pictures that they did not learn from, a row a picture. `rows` int64 [N] into the
    training set; `probability` float64 [N, K], the mean over entries of the mean over their runs; `votes` float64
    [N, K], the mean over entries of the share of runs; `runs` int64 [N]."""

    rows: np.ndarray
    probability: np.ndarray
    votes: np.ndarray
    runs: np.ndarray


def out_of_sample(entries: Sequence[Sequence[Run]], rows: np.ndarray, labels: np.ndarray) -> OutOfSample | None:
    """`rows`: the study's validation rows, `labels` theirs; runs validated on other pictures are left out. None if
    no run is left."""
    kept = [
        [softmax(run.validation_logits) for run in runs if np.array_equal(run.validation_labels, labels)]
        for runs in entries
    ]
    kept = [probabilities for probabilities in kept if probabilities]
    if not kept or not len(rows):
        return None
    classes = np.eye(kept[0][0].shape[1])
    probability = np.mean([np.mean(of_entry, axis=0) for of_entry in kept], axis=0)
    votes = np.mean([np.mean([classes[p.argmax(1)] for p in of_entry], axis=0) for of_entry in kept], axis=0)
    count = sum(len(of_entry) for of_entry in kept)
    return OutOfSample(rows, probability, votes, np.full(len(rows), count))


def suspects(said: OutOfSample, labels: np.ndarray) -> np.ndarray:
    """int64 [M]: places in `said`, the surest first. `labels` [N] as given.

    A picture is suspect if enough runs agree on another class, and their mean probability for that class is at least
    what it usually is for pictures that do bear its label (the class's own threshold t of confident learning), and
    `SURE`.
    """
    k = said.probability.shape[1]
    usual = np.array([said.probability[labels == c, c].mean() if (labels == c).any() else 1.0 for c in range(k)])
    named = said.votes.argmax(1)
    place = np.arange(len(labels))
    confidence = said.probability[place, named]
    agreed = said.votes[place, named] >= AGREE
    found = (named != labels) & agreed & (confidence >= np.maximum(usual[named], SURE)) & (said.runs >= FEWEST)
    margin = confidence - said.probability[place, labels]
    found_at = np.flatnonzero(found)
    return found_at[np.argsort(-margin[found_at], kind="stable")]
