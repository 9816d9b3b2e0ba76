"""Companies: which candidates of a stage meet at its rungs, how many of them go on, and what that costs."""

from __future__ import annotations

import math
from itertools import pairwise

from bakeoff.fleet import left_after
from bakeoff.search.rungs import keep_count, stage_folds
from bakeoff.search.spec import Stage

COMPANY, LARGEST = 24, 256
"""Candidates of a company, at least: enough that two of the best few seldom meet, few enough that small searches keep
several workers busy; and at most, since a company is in memory as a whole."""


def shares(stage: Stage, count: int, eta: int) -> list[tuple[int, float]]:
    """(epoch, share that goes on) of every rung of a stage but its last, where companies choose: `keep: 100` of 1,000
    candidates is each company's best tenth, not its best hundred."""
    found, left = [], count
    for rung in stage.rungs[:-1]:
        kept = keep_count(rung, left, eta)
        written = 1 / eta if rung.keep is None else rung.keep
        found.append((rung.epochs, float(written) if written < 1 else kept / max(1, left)))
        left = kept
    return found


def company(stage: Stage, count: int, eta: int) -> int:
    """Candidates of a company: a multiple of those of which one is left at the last rung, so that all companies
    together keep as many as the rungs say. With more than `LARGEST` for one, more are kept than they say."""
    of_one = math.ceil(1 / math.prod(share for _, share in shares(stage, count, eta)) - 1e-9) if count else 1
    return min(LARGEST, of_one * -(-COMPANY // of_one))


def entering(stage: Stage, count: int, eta: int) -> list[int]:
    """How many of `count` candidates train towards each rung of a stage, over all companies."""
    rungs, size = shares(stage, count, eta), company(stage, count, eta)
    if not rungs:
        return [count]
    full, rest = divmod(count, size)
    of_full, of_rest = ([n, *left_after(rungs, n)] if n else [0] * len(stage.rungs) for n in (size, rest))
    return [full * a + b for a, b in zip(of_full, of_rest, strict=True)]


def planned_epochs(stage: Stage, count: int, *, eta: int, folds: int) -> int:
    """Epochs of training that `count` candidates take in a stage, all folds together, when losers leave at its rungs.
    `folds`: those of the search; a stage may use fewer."""
    spans = [stage.rungs[0].epochs, *(after.epochs - before.epochs for before, after in pairwise(stage.rungs))]
    used = stage_folds(stage, folds)
    return used * sum(n * span for n, span in zip(entering(stage, count, eta), spans, strict=True))
