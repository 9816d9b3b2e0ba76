"""Seeds that the runs ask for: the decisions of the judge, replayed from the finished runs of a study folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from bakeoff.judge import SeedRule, SeedsResult, review
from bakeoff.recipe import Job
from bakeoff.runs import Store

Jobs = Mapping[str, list[Job]]


def settle(
    rule: SeedRule | None, jobs: Jobs, store: Store, found: Mapping[str, str], *, margin: float, test_images: int
) -> SeedsResult | None:
    """What the runs there are say about seeds; None without a rule. `jobs`: those of each entry for all seeds that the
    rule allows; `found`: the keys of their runs. Nothing but validation logits is read."""
    if rule is None:
        return None

    @cache
    def correct(key: str) -> np.ndarray | None:
        """bool [V]; None for a training that diverged."""
        run = store.load(key)
        return None if run.summary["diverged"] else run.validation_logits.argmax(-1) == run.validation_labels

    def table(name: str, seeds: int) -> np.ndarray | None:
        keys = [job.key for job in jobs[name][:seeds]]
        if not all(key in found for key in keys):
            return None
        sound = [row for row in (correct(found[key]) for key in keys) if row is not None]
        return np.stack(sound) if sound else np.empty((0, 0), bool)

    return review(list(jobs), table, rule, margin=margin, test_images=test_images)


def first_seeds(jobs: Jobs, wanted: Mapping[str, int]) -> dict[str, list[Job]]:
    """As many jobs of each entry as are wanted, and at least as many as the trainings that start from their weights."""
    kept = {name: jobs[name][: wanted[name]] for name in jobs}
    for name in reversed(list(jobs)):  # an entry stands after the one that it starts from
        starts = {job.start for job in kept[name] if job.start}
        for origin in jobs if starts else ():
            needed = max((i for i, job in enumerate(jobs[origin], 1) if job.key in starts), default=0)
            kept[origin] = jobs[origin][: max(needed, len(kept[origin]))]
    return kept
