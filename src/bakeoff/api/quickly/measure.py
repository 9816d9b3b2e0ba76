"""Seconds that the contestants of a quick study take here and now."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

from bakeoff.api.bench import arrange
from bakeoff.api.quickly.fit import Costs
from bakeoff.api.quickly.roster import HEAD, OVER, Terms, study_text
from bakeoff.api.timing import feature_seconds
from bakeoff.cores import cores
from bakeoff.data import Dataset
from bakeoff.data.survey import decode_seconds
from bakeoff.errors import TrainError
from bakeoff.fleet import calibrate
from bakeoff.study import Study

READING_SHARE = 0.2
"""Of the time that reading the pictures may take."""
READERS = 8
"""Threads that decode, as `data.folder` has them, at most one a core."""


def readable_in(seconds: float, folder: Path, side: int, pictures: int) -> int | None:
    """How many of the folder's pictures can be decoded in a fair part of so many seconds; None for all of them."""
    each = decode_seconds(folder, side) / min(READERS, cores())
    return None if each * pictures <= READING_SHARE * seconds else max(1, int(READING_SHARE * seconds / each))


def measure(terms: Terms, dataset: Dataset, workers: int, device: str) -> Costs:
    """Time a few steps of each entry and a few pictures through the backbone. Leaves nothing behind."""
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / "quick.yaml"
        draft.write_text(study_text(replace(terms, seeds=1, epochs=1), ()), encoding="utf-8")
        study = Study.load(draft)
        bench = arrange(study, dataset, out=Path(place), device=device)
    packs = bench.plan.packs
    untimed: list[str] = []
    took = calibrate(packs, bench.data, bench.split, workers, untimed.append)
    if untimed:
        raise TrainError(untimed[0])
    pack_of = {job.key: pack.id for pack in packs for job in pack.jobs}
    seconds = {name: took[pack_of[jobs[0].key]] for name, jobs in bench.jobs.items()}
    head = seconds.pop(HEAD, 0.0)
    # Heads train side by side in less time than one by one, so this is the most that the search takes.
    trainings = math.prod(len(values) for values in OVER.values()) * terms.folds
    search = head * trainings / workers
    return Costs(epoch=seconds, head=head, before=feature_seconds(bench, workers) + search)
