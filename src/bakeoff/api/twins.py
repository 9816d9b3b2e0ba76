"""The same training under several names: one contestant, whatever it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.recipe import Job


def twins_of(jobs: Mapping[str, Sequence[Job]]) -> dict[str, str]:
    """Every name whose jobs are those of an earlier one, seed for seed, with that name. What a recipe or a model is
    called is no part of a job, nor are settings that stand at their defaults."""
    first: dict[tuple[str, ...], str] = {}
    found = {name: first.setdefault(tuple(job.key for job in of_entry), name) for name, of_entry in jobs.items()}
    return {name: origin for name, origin in found.items() if origin != name}
