"""What the seeds of a study can tell apart, and how many a difference needs: from its own runs where there are some.

Only validation logits are read; how many test pictures there are is known without opening them.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from pydantic import Field

from bakeoff.api.bench import Bench
from bakeoff.judge.compare import pooled_seed_variance
from bakeoff.judge.power import TYPICAL, Components, components, mean_components
from bakeoff.recipe import Frozen


class SeedsNeeded(Frozen):
    """How many `seeds` an entry find the difference between `a` and `b` 80% of the time, and how many `more` than the
    fewer of the two have; None if no number up to 1,000 does. `limit`: what unlimited seeds would detect (0..1), the
    test pictures being what is left. Without runs there is one row for any pair, with empty names."""

    a: str
    b: str
    seeds: int | None
    more: int | None
    limit: float


class Power(Frozen):
    """`detectable`: smallest true difference (0..1) found 80% of the time, by number of seeds. `assumptions`: where
    that is from, a sentence. `needed`: of the `difference` asked about."""

    detectable: dict[int, float]
    assumptions: str
    difference: float | None = None
    needed: list[SeedsNeeded] = Field(default_factory=list)


def power_of(bench: Bench, difference: float | None) -> Power:
    """`difference`: 0..1, or None."""
    images, entries = len(bench.dataset.test), len(bench.contestants)
    level = bench.level
    tables = _tables(bench)
    own = _own(tables)
    typical = mean_components(list(own.values())) if own else TYPICAL
    most = max((len(jobs) for jobs in bench.contestants.values()), default=0)
    counts = {3, 5, 10, most} | ({bench.seeds.rule.max} if bench.seeds else set())
    facts = {"images": images, "entries": max(2, entries)}
    needed = []
    for (a, b), noise in (own or {("", ""): TYPICAL}).items() if difference is not None else ():
        seeds = noise.seeds_for(difference or 0.0, **facts, level=level)
        have = min((len(tables[name]) for name in (a, b) if name in tables), default=0)
        more = None if seeds is None else max(0, seeds - have)
        needed.append(SeedsNeeded(a=a, b=b, seeds=seeds, more=more, limit=noise.limit(**facts, level=level)))
    return Power(
        detectable={n: typical.detectable(seeds=n, **facts, level=level) for n in sorted(counts) if n > 1},
        assumptions=_assumptions(typical, images, len(own), entries),
        difference=difference,
        needed=needed,
    )


def _tables(bench: Bench) -> dict[str, np.ndarray]:
    """Correctness [S, V] on validation of each entry with two sound runs or more."""
    tables = {}
    for name, jobs in bench.contestants.items():
        runs = [bench.store.load(job.key) for job in jobs if bench.store.has(job.key)]
        sound = [run for run in runs if not run.summary["diverged"] and len(run.validation_labels) > 1]
        if len(sound) > 1:
            tables[name] = np.stack([run.validation_logits.argmax(-1) == run.validation_labels for run in sound])
    return tables


def _own(tables: dict[str, np.ndarray]) -> dict[tuple[str, str], Components]:
    pooled = pooled_seed_variance(list(tables.values()))
    return {(a, b): components(tables[a], tables[b], pooled) for a, b in combinations(tables, 2)}


def _assumptions(noise: Components, images: int, pairs: int, entries: int) -> str:
    sd = 100 * (noise.seed + noise.residual / images) ** 0.5
    whence = (
        f"From the validation sets of finished runs, the mean over {pairs} pairs:"
        if pairs
        else "Assumed, since nothing has run:"
    )
    corrected = f", corrected for the {entries * (entries - 1) // 2} pairs of the study" if entries > 2 else ""
    return (
        f"{whence} an sd over seeds of {sd:.2f} points, and two entries that disagree on "
        f"{100 * (noise.images + 2 * noise.residual):.1f}% of the pictures, on {100 * noise.images:.1f}% whatever the "
        f"seeds{corrected}."
    )
