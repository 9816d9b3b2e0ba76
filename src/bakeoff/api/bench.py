"""A study set up on disk: its data, split, jobs and plan. What `run`, `plan` and `status` share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch

from bakeoff.api.growing import first_seeds, settle
from bakeoff.api.twins import twins_of
from bakeoff.data import Dataset, Split, make_split, save_split, take_subset
from bakeoff.data.kept import copy_into, is_reference
from bakeoff.errors import UsageError, nearest
from bakeoff.fleet import DataRef, Plan, load_plan, make_plan, needed_features
from bakeoff.judge import ModelCount, SeedsResult
from bakeoff.models import build, resolve
from bakeoff.recipe import Job
from bakeoff.runs import Store, find_runs
from bakeoff.study import Study
from bakeoff.train import network_of
from bakeoff.train.features import FeatureCache, trained_part

DEVICES = ("auto", "cpu", "cuda")


def choose_devices(wanted: str) -> tuple[str, ...]:
    """The devices of a list such as "cpu,cuda", each once. Raises UsageError as `choose_device` does."""
    return tuple(dict.fromkeys(choose_device(name.strip()) for name in wanted.split(",")))


def choose_device(wanted: str) -> str:
    """ "cpu" or "cuda". Raises UsageError for an unknown name or a GPU that is not there."""
    if wanted not in DEVICES:
        raise UsageError(f"--device {wanted}: unknown device{nearest(wanted, DEVICES)}")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: this machine, or this build of PyTorch, has no CUDA device; use --device cpu")
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


@dataclass(frozen=True)
class Bench:
    """`jobs`: those of each entry, by seed; `plan` places every one of them in a pack. Entries that are the same
    training under several names have the same jobs. `features`: the passes of frozen backbones that missing runs
    need."""

    study: Study
    data: DataRef
    dataset: Dataset
    split: Split
    jobs: dict[str, list[Job]]
    plan: Plan
    store: Store
    features: list[FeatureCache]
    device: Literal["cpu", "cuda"]
    """The first one, which searches run on."""
    whole: Split
    """Training and validation set together, nothing validated."""
    seeds: SeedsResult | None = None
    """Where the runs decide on seeds: what they have decided so far, which `jobs` follow."""
    earlier: bool = False
    """Whether runs that earlier numerics trained count: for those who only read."""

    @property
    def twins(self) -> dict[str, str]:
        """Entries whose trainings are those of an earlier one, with the name of that one."""
        return twins_of(self.jobs)

    @property
    def contestants(self) -> dict[str, list[Job]]:
        """The jobs of each entry that is no other's twin: what is compared, counted and told apart."""
        twins = self.twins
        return {name: jobs for name, jobs in self.jobs.items() if name not in twins}

    @property
    def all_jobs(self) -> list[Job]:
        return [job for jobs in self.jobs.values() for job in jobs]

    @property
    def wanted(self) -> set[str]:
        return {job.key for job in self.all_jobs}

    @property
    def found(self) -> dict[str, str]:
        """The key of the run that there is of each job, by the job's; see `find_runs`."""
        return find_runs(self.all_jobs, self.store, earlier=self.earlier)

    @property
    def done(self) -> set[str]:
        return set(self.found)

    @property
    def unsettled(self) -> bool:
        """True while finished runs ask for more seeds: the test set must stay closed."""
        return self.seeds is not None and not self.seeds.stopped

    @property
    def level(self) -> float:
        """The error of verdicts and intervals on the test set: what looks that decided on seeds have left of 0.05."""
        return self.seeds.level if self.seeds else 0.05

    def names(self) -> dict[str, str]:
        """What to call a job: "cnn-20k seed 1", by key."""
        return {job.key: f"{name} seed {job.seed}" for name, jobs in self.contestants.items() for job in jobs}


def study_dir(study: Study, out: Path | None) -> Path:
    """Where a study leaves its files: `out`, or runs/<study> (runs/<study>-quick) below the working directory."""
    return Path(out) if out else Path("runs") / (f"{study.name}-quick" if study.quick else study.name)


def set_up(study: Study, *, out: Path | None, device: str, earlier: bool = False) -> Bench:
    """Load the data, draw the split, resolve the jobs and place them in packs. Writes nothing.

    `device`: auto, cpu, cuda, or a list with commas; then every entry is trained once on each device, under a name
    that says which. `earlier`: for reading alone; runs that earlier numerics trained count as done.
    """
    return arrange(study, study.data_ref().load(), out=out, device=device, earlier=earlier)


def arrange(study: Study, dataset: Dataset, *, out: Path | None, device: str, earlier: bool = False) -> Bench:
    """`set_up` with data that has been loaded. Where the runs decide on seeds, the jobs are those that the finished
    ones call for: arrange again when more are finished."""
    store, split = Store(study_dir(study, out)), split_of(study, dataset)
    whole = Split(np.concatenate([split.train, split.validation]), np.empty(0, np.int64))
    devices = choose_devices(device)
    jobs = {
        name if len(devices) == 1 else f"{name} on {kind}": of_entry
        for kind in devices
        for name, of_entry in study.jobs(dataset, {"train": split.digest, "all": whole.digest}, kind).items()
    }
    twins = twins_of(jobs)
    own = {name: of_entry for name, of_entry in jobs.items() if name not in twins}
    found = find_runs([job for of_entry in own.values() for job in of_entry], store, earlier=earlier)
    seeds = settle(study.seed_rule, own, store, found, margin=study.margin, test_images=len(dataset.test))
    if seeds:
        own = first_seeds(own, seeds.wanted)
    jobs = {name: own[twins.get(name, name)] for name in jobs}
    every = [job for of_entry in jobs.values() for job in of_entry]
    networks = {job.key: network_of(job, dataset) for job in every}
    trained = {job.key: trained_part(networks[job.key], job.recipe) for job in every}
    plan = make_plan(every, trained, len(split.train), load_plan(store.paths.plan))
    features = needed_features([(job, networks[job.key]) for job in every if not store.has(job.key)], dataset)
    first = cast(Literal["cpu", "cuda"], devices[0])
    return Bench(study, study.data_ref(), dataset, split, jobs, plan, store, features, first, whole, seeds, earlier)


def split_of(study: Study, dataset: Dataset) -> Split:
    """What a study trains on and validates with."""
    labels = dataset.train.labels.numpy()
    split = make_split(
        labels,
        validation=study.validation,
        seed=study.split_seed,
        given=dataset.validation_index,
        groups=dataset.groups,
        same=dataset.same,
    )
    if study.train_examples is None:
        return split
    rows = take_subset(labels, study.train_examples, seed=study.split_seed, within=split.train)
    return Split(train=rows, validation=split.validation)


def model_counts(study: Study, shape: tuple[int, int, int], classes: int) -> dict[str, ModelCount]:
    """The weights of every entry's model; needs no data."""
    return {
        entry.name: ModelCount.of(
            build(resolve(entry.model, shape, classes).model, input_shape=shape, classes=classes, **entry.recipe.layers)
        )
        for entry in study.entries
    }


def keep_files(bench: Bench) -> None:
    """Put copies of the files that models and weights come from into the study folder: nothing is lost if they move."""
    arguments = [arguments for job in bench.all_jobs for arguments in job.model.values()]
    files = [given["file"] for given in arguments if "file" in given]
    files += [str(job.start) for job in bench.all_jobs if is_reference(job.start)]
    copy_into(dict.fromkeys(files), bench.store.paths.root)


def keep_split(bench: Bench) -> None:
    """Store the split where workers and later readers find it."""
    fitted = {entry.fit for entry in bench.study.entries}
    for split in [bench.split, *([bench.whole] if "all" in fitted else [])]:
        path = bench.store.paths.split(split.digest)
        if not path.exists():
            save_split(path, split)
