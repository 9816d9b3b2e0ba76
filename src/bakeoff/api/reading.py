"""The finished runs of a study as they lie on disk: those that can be trusted, and what is wrong with the others."""

from __future__ import annotations

from bakeoff.api.bench import Bench
from bakeoff.errors import StoreError
from bakeoff.fleet import load_plan
from bakeoff.runs import Run


def why_none(bench: Bench) -> str:
    """Why a study that was asked for a finished run has none that can be judged."""
    if damaged := list(read_runs(bench)[1].values()):
        return damaged[0]
    plan = load_plan(bench.store.paths.plan)
    jobs = [job for pack in plan.packs for job in pack.jobs if bench.store.has(job.key)] if plan else []
    if jobs and bench.dataset.fingerprint not in {job.dataset for job in jobs}:
        return "its pictures have changed since it was trained; put them back as they were, or run its study again"
    return "no finished run yet; run its study first"


def troubles(bench: Bench) -> dict[str, list[str]]:
    """A sentence for each run that diverged or whose files are damaged, by entry; entries without any are left out."""
    runs, damaged = read_runs(bench)
    said = damaged | {key: run.summary["stopped"] for key, run in runs.items() if run.summary["diverged"]}
    names = bench.names()
    found = {
        entry: [f"{names[job.key]}: {said[job.key]}" for job in jobs if job.key in said]
        for entry, jobs in bench.contestants.items()
    }
    return {entry: sentences for entry, sentences in found.items() if sentences}


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
