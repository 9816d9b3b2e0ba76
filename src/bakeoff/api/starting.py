"""Weights that entries start from: whether they fit is found out before anything trains."""

from __future__ import annotations

from math import isclose

from bakeoff.api.bench import Bench
from bakeoff.api.input_trial import customs
from bakeoff.data.weights import kept_weights
from bakeoff.errors import BakeoffError, UsageError
from bakeoff.judge.words import counted
from bakeoff.models.matching import Match, match
from bakeoff.recipe import Input
from bakeoff.train import check_carries, network_of


def check_rescaled(found: Match, how: Input) -> None:
    """Raises UsageError where the file's network prepares its pixels itself and `how` is another way."""
    if found.rescaled is None:
        return
    own = list(customs(1, found.rescaled).values())
    if not any(_same(how, one) for one in own):
        ways = " or ".join(f"{{scale: {one.scale:.6g}, mean: [{_mean(one)[0]:.6g}], std: [1]}}" for one in own)
        raise UsageError(
            "its network begins by rescaling its pixels, of 0..255 or of 0..1, and the recipe's input is another one; "
            f"write input: {ways}"
        )


def _mean(how: Input) -> tuple[float, ...]:
    return how.mean or (0.0,)


def _same(a: Input, b: Input) -> bool:
    """Whether both give the same numbers, to float32's digits. `b`: as `customs` has it."""
    if (a.center, a.standardize, a.std) != (b.center, b.standardize, b.std):
        return False
    same_mean = all(isclose(one, _mean(b)[0], rel_tol=1e-6, abs_tol=1e-7) for one in _mean(a))
    return same_mean and isclose(a.scale, b.scale, rel_tol=1e-6)


def start_notes(bench: Bench) -> list[str]:
    """A sentence for each entry with missing runs that starts from a file: what is taken, and what the file does not
    say. Raises UsageError naming the entry whose network the weights do not fit, of a file or of another entry."""
    notes, known = [], {job.key: job for job in bench.all_jobs}
    for name, jobs in bench.jobs.items():
        job = jobs[0]
        if job.start is None or all(bench.store.has(one.key) for one in jobs):
            continue
        try:
            if job.start in known:
                check_carries(network_of(job, bench.dataset), network_of(known[job.start], bench.dataset))
                continue
            saved = kept_weights(str(job.start))
            found = match(network_of(job, bench.dataset), saved)
            check_rescaled(found, job.recipe.input)
        except BakeoffError as error:
            raise UsageError(f"entry {name}: {error}") from error
        turned = sum(row.done not in ("as it is", "") for row in found.rows)
        taken = f"{name} starts from {saved.name}: {counted(len(found.rows), 'tensor')}, {turned} of them turned"
        notes.append("; ".join([taken, *found.notes]))
    return notes
