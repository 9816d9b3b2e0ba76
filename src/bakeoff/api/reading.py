"""The finished runs of a study as they lie on disk: those that can be trusted, and what is wrong with the others."""

from __future__ import annotations

from bakeoff.api.bench import Bench
from bakeoff.errors import StoreError
from bakeoff.runs import Run


def read_runs(bench: Bench) -> tuple[dict[str, Run], dict[str, str]]:
    """(runs, a sentence for each run whose files are damaged), both by the key of the job. Every file of a run is
    held against its manifest, so that a damaged one is never judged."""
    runs, damaged = {}, {}
    for key, run in sorted(bench.found.items()):
        try:
            runs[key] = bench.store.load(run)
        except StoreError as error:
            damaged[key] = f"{error}; to train it again: bakeoff doctor {bench.store.paths.root} --repair, then run"
    return runs, damaged
