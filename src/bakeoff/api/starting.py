"""Weights of files that entries start from: whether they fit is found out before anything trains."""

from __future__ import annotations

from bakeoff.api.bench import Bench
from bakeoff.data.kept import is_reference
from bakeoff.data.weights import kept_weights
from bakeoff.errors import BakeoffError, UsageError
from bakeoff.judge.words import counted
from bakeoff.models.matching import match
from bakeoff.train import network_of


def start_notes(bench: Bench) -> list[str]:
    """A sentence for each entry with missing runs that starts from a file: what is taken, and what the file does not
    say. Raises UsageError naming the entry whose network the weights do not fit."""
    notes = []
    for name, jobs in bench.jobs.items():
        job = jobs[0]
        if not is_reference(job.start) or all(bench.store.has(one.key) for one in jobs):
            continue
        try:
            saved = kept_weights(str(job.start))
            found = match(network_of(job, bench.dataset), saved)
        except BakeoffError as error:
            raise UsageError(f"entry {name}: {error}") from error
        turned = sum(row.done not in ("as it is", "") for row in found.rows)
        taken = f"{name} starts from {saved.name}: {counted(len(found.rows), 'tensor')}, {turned} of them turned"
        notes.append("; ".join([taken, *found.notes]))
    return notes
