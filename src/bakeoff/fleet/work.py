"""One pack on one worker: read the data, train, commit the runs. The same code inline and in a worker process."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bakeoff.data import Dataset, load_dataset, load_split
from bakeoff.fleet.plan import PackPlan
from bakeoff.recipe import Frozen
from bakeoff.runs import EpochRow, Store
from bakeoff.train import train


class DataRef(Frozen):
    """How a worker finds the dataset again."""

    name: str
    data_dir: str | None = None
    called: str | None = None
    on_error: str = "raise"
    size: int | None = None

    def load(self) -> Dataset:
        return load_dataset(
            self.name, data_dir=self.data_dir, on_error=self.on_error, size=self.size, called=self.called
        )


@dataclass(frozen=True)
class Report:
    """A worker's word on its pack: an epoch done, and the best validation accuracy of it, -1 if there is none.

    `best_job` is the number of its job in the pack; None once models have left it: their rows are missing then.
    """

    pack_id: str
    epoch: int
    best_accuracy: float
    best_job: int | None


def do_pack(
    pack: PackPlan,
    data: DataRef | Dataset,
    study_dir: Path,
    tell: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> list[str]:
    """Train a pack and write its runs; returns their keys. Goes on from the pack's checkpoint if there is one."""
    store = Store(study_dir)
    dataset = data.load() if isinstance(data, DataRef) else data
    split = load_split(store.paths.split(pack.jobs[0].split))

    def on_epoch(epoch: int, rows: list[EpochRow]) -> None:
        scores = [-1.0 if math.isnan(row["validation_accuracy"]) else row["validation_accuracy"] for row in rows]
        best = scores.index(max(scores))
        tell(Report(pack.id, epoch, scores[best], best if len(rows) == len(pack.jobs) else None))

    finished = train(
        pack.jobs,
        dataset,
        split,
        checkpoint=store.paths.checkpoint(pack.id),
        threads=pack.threads,
        on_epoch=on_epoch,
        should_stop=should_stop,
    )
    for result in finished:
        store.write(result)
    shutil.rmtree(store.paths.pack(pack.id), ignore_errors=True)
    return [result.job.key for result in finished]
