"""Settings that can do nothing in a study: said before anything trains, and refused where a training would go wrong.

That is so of what waits for scores of a validation set which there is not: a target would never be reached, patience
would end with the first epochs, and the best of all epochs would be none.
"""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.api.bench import Bench
from bakeoff.api.last_batches import check_last_batch_of, check_last_batches_of_searches
from bakeoff.data import Dataset
from bakeoff.errors import UsageError
from bakeoff.models import Network
from bakeoff.models.frozen import frozen_backbone, tensors_of
from bakeoff.recipe import Job
from bakeoff.study import Entry
from bakeoff.train import network_of
from bakeoff.train.progress import watched


def effect_notes(bench: Bench) -> list[str]:
    """A sentence for each setting that changes nothing about entries with missing runs. Raises UsageError, naming its
    place, for one that waits for a validation set which there is not, and for a search that has none to choose by."""
    notes: list[str] = []
    for name, jobs in bench.jobs.items():
        if all(bench.store.has(job.key) for job in jobs):
            continue
        entry = next(e for e in bench.study.entries if name in (e.name, f"{e.name} on {jobs[0].device}"))
        _check_watched(entry, bench)
        network = network_of(jobs[0], bench.dataset)
        check_last_batch_of(entry, network, bench)
        idle = _idle(jobs[0], network, bench.dataset)
        notes += [f"{entry.where(key)} changes nothing about {entry.name}: {reason}" for key, reason in idle]
    check_last_batches_of_searches(bench)
    _check_refits(bench)
    _check_blind(bench)
    return [*dict.fromkeys(notes)]


def _check_watched(entry: Entry, bench: Bench) -> None:
    keys = watched(entry.recipe)
    if not keys or (entry.fit == "train" and len(bench.split.validation)):
        return
    if entry.fit == "all":
        why, instead = "trains on it (fit: all)", "write fit: train"
    else:
        why, instead = "has none (split.validation is 0)", "write split: {validation: 0.1}"
    raise UsageError(
        f"{entry.where(keys[0])} needs a validation set, and {entry.name} {why}; {instead}, or leave {keys[0]} out"
    )


def _check_refits(bench: Bench) -> None:
    """A refit trains on the validation set too, by the recipe of the entry or of a point around it."""
    study, dataset = bench.study, bench.dataset
    for name, spec in study.searches.items():
        if spec.refit == "train" or not spec.finalists:
            continue
        axes = study.space(name, dataset.shape, len(dataset.classes)).axes
        stopping = (key for key, axis in axes.items() if axis.target.path[:1] == ("stop",))
        keys = [*watched(study.entry(spec.entry).recipe), *stopping]
        if keys:
            raise UsageError(
                f"searches.{name}.refit: all trains on the validation set too, which {keys[0]} needs; "
                f"write refit: train, or leave {keys[0]} out"
            )


def _check_blind(bench: Bench) -> None:
    for name, spec in bench.study.searches.items():
        if spec.folds == 1 and not len(bench.split.validation):
            raise UsageError(
                f"searches.{name} has no validation set to choose by (split.validation is 0); write "
                "split: {validation: 0.1}, or folds: 3"
            )


def _idle(job: Job, network: Network, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """(a setting that is given and changes nothing in training this network, why)"""
    recipe = job.recipe
    for key in ("dropout", "conv_dropout"):
        without = job.model_copy(update={"recipe": recipe.model_copy(update={key: 0.0})})
        if getattr(recipe, key) and network_of(without, dataset) == network:
            yield key, "its model has no layer that it would follow"
    if recipe.backbone_rate != 1 and not any(learns for _, layer in network.walk() for _, learns in tensors_of(layer)):
        yield "backbone_rate", "its model has no pretrained backbone that trains (train: all, or the name of a layer)"
    if recipe.augment.views and not frozen_backbone(network):
        yield "augment.views", "its model has no frozen backbone (train: head), whose views would be kept"
    elif recipe.augment.views and not recipe.augment.changes:
        yield "augment.views", "all views are alike without flip, crop or cutout"
