"""One pack on one worker: read the data, train, commit the runs. The same code inline and in a worker process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bakeoff.data import Dataset, load_dataset, load_split
from bakeoff.fleet.blocks import POINTS, blocks_of
from bakeoff.fleet.events import EpochNews
from bakeoff.fleet.plan import PackPlan
from bakeoff.recipe import Frozen, Job
from bakeoff.runs import Store
from bakeoff.train import EpochEnd, train


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
    """A worker's word on its pack: it has begun (epoch 0), or an epoch is done by the models still in training."""

    pack_id: str
    epoch: int
    news: tuple[EpochNews, ...] = ()


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

    def on_epoch(epoch: int, ends: list[EpochEnd]) -> None:
        tell(Report(pack.id, epoch, tuple(_news(pack.jobs[end.job], end) for end in ends)))

    tell(Report(pack.id, 0))
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


def _news(job: Job, end: EpochEnd) -> EpochNews:
    first = end.row["step"] - len(end.step_loss) + 1
    return EpochNews(job.key, end.row, blocks_of(end.step_loss, first, POINTS // job.recipe.epochs))
