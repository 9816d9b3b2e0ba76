"""A study before the judge: its finished runs, once they ask for no more seeds."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.api.bench import Bench, model_counts
from bakeoff.api.reading import Reading
from bakeoff.api.searching import Searched
from bakeoff.api.untried import untried
from bakeoff.errors import StoreError
from bakeoff.judge import Contest, Contestant

UNSETTLED = "seeds are not settled while trainings are missing, so the test set stays closed; run the study again"


class UnsettledError(StoreError):
    """Finished runs ask for more seeds, so the test set must stay closed."""


def require_settled(bench: Bench) -> None:
    """Raises UnsettledError while runs ask for more seeds."""
    if bench.unsettled:
        raise UnsettledError(f"{bench.store.paths.root}: {UNSETTLED}")


def contest_of(reading: Reading, failed: dict[str, str] | None = None, searched: Sequence[Searched] = ()) -> Contest:
    """The finished runs of a study, ready for the judge. Entries without a single run are left out; claims about
    them are not judged, but named. Raises UnsettledError while runs ask for more seeds."""
    bench, found = reading.bench, reading.runs
    require_settled(bench)
    failed = (failed or {}) | reading.damaged
    examples = {split.digest: len(split.train) for split in (bench.split, bench.whole)}
    entries = []
    for name, jobs in bench.contestants.items():
        runs = tuple(found[job.key] for job in jobs if job.key in found)
        failures = tuple(f"seed {job.seed}: {failed[job.key]}" for job in jobs if job.key in failed)
        if runs:
            aliases = tuple(other for other, first in bench.twins.items() if first == name)
            seen = examples.get(jobs[0].split)
            entries.append(Contestant(name, runs, failures, aliases=aliases, train_examples=seen))
    study = bench.study
    return Contest(
        study=study.name,
        question=study.question,
        dataset=bench.dataset,
        entries=tuple(entries),
        ledger=bench.store.paths.ledger,
        margin=study.margin,
        claims=study.claims,
        asked=study.data.name if study.data.called else None,
        counts=model_counts(study, bench.dataset.shape, len(bench.dataset.classes)),
        quick=study.quick,
        train_examples=len(bench.split.train),
        searches=tuple(one.for_the_judge() for one in searched if one.trials),
        untried=untried(searched),
        validation_index=bench.split.validation,
        seeds=bench.seeds,
        level=bench.level,
    )
