"""The finished runs of a study as they lie on disk: those that can be trusted, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.api.bench import Bench
from bakeoff.errors import StoreError
from bakeoff.fleet import load_plan
from bakeoff.runs import Run


@dataclass(frozen=True)
class Reading:
    """What one reading of a study's runs found. `runs`, and `damaged`: a sentence for each run whose files are, both by
    the key of the job."""

    bench: Bench
    runs: dict[str, Run]
    damaged: dict[str, str]

    @property
    def troubles(self) -> dict[str, list[str]]:
        """A sentence for each run that diverged or is damaged, by entry; entries without any are left out."""
        said = self.damaged | {key: run.summary["stopped"] for key, run in self.runs.items() if run.summary["diverged"]}
        names = self.bench.names()
        found = {
            entry: [f"{names[job.key]}: {said[job.key]}" for job in jobs if job.key in said]
            for entry, jobs in self.bench.contestants.items()
        }
        return {entry: sentences for entry, sentences in found.items() if sentences}

    def why_none(self) -> str:
        """Why a study that was asked for a finished run has none that can be judged."""
        if self.damaged:
            return next(iter(self.damaged.values()))
        store = self.bench.store
        plan = load_plan(store.paths.plan)
        jobs = [job for pack in plan.packs for job in pack.jobs if store.has(job.key)] if plan else []
        if jobs and self.bench.dataset.fingerprint not in {job.dataset for job in jobs}:
            return "its pictures have changed since it was trained; put them back as they were, or run its study again"
        return "no finished run yet; run its study first"


def read_runs(bench: Bench) -> Reading:
    """Every file of a run is held against its manifest, so that a damaged one is never judged."""
    runs, damaged = {}, {}
    for key, run in sorted(bench.found.items()):
        try:
            runs[key] = bench.store.load(run)
        except StoreError as error:
            damaged[key] = f"{error}; to train it again: bakeoff doctor {bench.store.paths.root} --repair, then run"
    return Reading(bench, runs, damaged)
