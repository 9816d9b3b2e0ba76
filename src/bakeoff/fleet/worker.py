"""What a process that trains packs has: the data, the study's folder, and what it keeps from one pack to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch

from bakeoff.data import Dataset, Split, load_dataset, load_split
from bakeoff.data.kept import is_reference
from bakeoff.data.weights import kept_weights
from bakeoff.errors import DataError, StoreError
from bakeoff.fleet.events import EpochNews
from bakeoff.models.matching import match
from bakeoff.recipe import Frozen, Job
from bakeoff.runs import Store, load_weights
from bakeoff.train import Supply, carried, network_of


class DataRef(Frozen):
    """How a worker finds the dataset again."""

    name: str
    data_dir: str | None = None
    called: str | None = None
    on_error: str = "raise"
    size: int | None = None
    at_most: int | None = None

    def load(self) -> Dataset:
        return load_dataset(
            self.name,
            data_dir=self.data_dir,
            on_error=self.on_error,
            size=self.size,
            called=self.called,
            at_most=self.at_most,
        )


def check_same(dataset: Dataset, fingerprint: str) -> None:
    """A worker reads the pictures for itself, later than the run that sent it. Raises DataError if they are no longer
    those of `fingerprint`."""
    if dataset.fingerprint != fingerprint:
        raise DataError(f"{dataset.name}: the pictures have changed since this run began; run again")


@dataclass(frozen=True)
class Report:
    """A worker's word on its pack: it has begun (epoch 0), or an epoch is done by the models still in training.
    `trained`: of trials, whose epochs end one after the other: epochs of single models so far. `note`: nothing but
    something to know about it."""

    pack_id: str
    epoch: int
    news: tuple[EpochNews, ...] = ()
    trained: int = 0
    note: str = ""


@dataclass
class Worker:
    """One process: packs come one after the other, what they have in common is made once."""

    data: DataRef | Dataset
    study_dir: Path
    supply: Supply = field(default_factory=Supply)
    _splits: dict[str, Split] = field(default_factory=dict)

    @cached_property
    def dataset(self) -> Dataset:
        return self.data.load() if isinstance(self.data, DataRef) else self.data

    @cached_property
    def store(self) -> Store:
        return Store(self.study_dir)

    def split(self, job: Job) -> Split:
        if job.split not in self._splits:
            path = self.store.paths.split(job.split)
            split = load_split(path)
            if split.digest != job.split:
                raise StoreError(f"{path}: not the split it is named for; delete it, it is drawn again")
            self._splits[job.split] = split
        return self._splits[job.split]

    def starts(self, job: Job) -> Mapping[str, torch.Tensor]:
        """The tensors that a job takes over from the run or the file that it starts from; none if it starts afresh."""
        if job.start is None:
            return {}
        if is_reference(job.start):
            return match(network_of(job, self.dataset), kept_weights(job.start)).tensors
        origin = self.store.load(job.start)
        return carried(network_of(job, self.dataset), network_of(origin.job, self.dataset), load_weights(origin))
