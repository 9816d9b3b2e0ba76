"""The opened runs of one entry: what every statistic of it is computed from.

Shapes: S seeds, N test examples, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bakeoff.errors import StoreError
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.runs.run import Run
from bakeoff.runs.sealed import open_test


@dataclass(frozen=True, eq=False)
class Evidence:
    """`runs`: those that did not diverge, by seed; `logits` float32 [S, N, K]; `correct` bool [S, N]."""

    name: str
    runs: tuple[Run, ...]
    failures: tuple[str, ...]
    logits: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    correct: np.ndarray

    @property
    def as_it_is(self) -> bool:
        """A model of somebody else's in which no seed plays a part."""
        return all(run.summary.get("imported", {}).get("as_it_is", False) for run in self.runs)


def gather(contest: Contest, entry: Contestant) -> Evidence | None:
    """Open the sealed test logits of an entry's sound runs; None if it has none. Diverged runs count as failures:
    listed, never averaged in, never dropped in silence."""
    sound = tuple(run for run in entry.runs if not run.summary["diverged"])
    failures = entry.failures + tuple(
        f"seed {run.job.seed}: {run.summary['stopped']}" for run in entry.runs if run.summary["diverged"]
    )
    if not sound:
        return None
    truth = contest.dataset.test.labels.numpy()
    opened = [open_test(run, contest.dataset.test_fingerprint, entry.ledger or contest.ledger) for run in sound]
    for run, (logits, labels) in zip(sound, opened, strict=True):
        if not np.array_equal(labels, truth) or logits.shape != (len(truth), len(contest.dataset.classes)):
            raise StoreError(f"{run.path}: its test logits are not of {contest.dataset.name}'s test set")
    logits = np.stack([logits for logits, _ in opened])
    predicted = logits.argmax(-1)
    return Evidence(entry.name, sound, failures, logits, truth, predicted, predicted == truth)


def opened_logits(evidence: Mapping[str, Evidence]) -> dict[tuple[str, str], np.ndarray]:
    """Test logits by entry and run key, for the figures: one training on two machines has one key."""
    return {(e.name, run.key): e.logits[i] for e in evidence.values() for i, run in enumerate(e.runs)}
