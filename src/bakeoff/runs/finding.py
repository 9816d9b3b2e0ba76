"""Which run there is of a training: its own or, for those who only read, one that an earlier version made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bakeoff.recipe import NUMERICS, Job
from bakeoff.runs.store import Store


def find_runs(jobs: Iterable[Job], store: Store, *, earlier: bool) -> dict[str, str]:
    """The key of the run that there is of each of these trainings, by the key of the training; none for those without.
    `earlier`: where there is none of today's numerics, the latest that was trained by earlier ones stands in. `jobs`
    must hold those whose weights others of them start from."""
    known = {job.key: job for job in jobs}
    found = {key: key for key in known if store.has(key)}
    for key in known.keys() - found.keys() if earlier else ():
        older = (_as_of(numerics, known[key], known).key for numerics in range(NUMERICS - 1, 0, -1))
        run = next((one for one in older if store.has(one)), None)
        if run is not None:
            found[key] = run
    return found


def _as_of(numerics: int, job: Job, known: Mapping[str, Job]) -> Job:
    """The same training by other numerics; what it starts from was trained by those, too."""
    origin = known.get(job.start or "")
    start = _as_of(numerics, origin, known).key if origin else job.start
    return job.model_copy(update={"numerics": numerics, "start": start})
