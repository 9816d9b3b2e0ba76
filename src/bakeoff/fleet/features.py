"""The passes of frozen backbones over the pictures, shared out among worker processes before any head is trained."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from bakeoff.data import Dataset
from bakeoff.errors import TrainError
from bakeoff.fleet.events import Event, Watch
from bakeoff.fleet.reason import reason_of
from bakeoff.fleet.surroundings import leave_in_time, starting_worker
from bakeoff.fleet.worker import DataRef, check_same
from bakeoff.models.layers import Backbone, Network
from bakeoff.recipe import Augment, Job
from bakeoff.train.features import FeatureCache, Piece, keeps_features

TOLD_EVERY = 10
"""Pieces between two lines of news: about a minute or two."""

_caches: dict[tuple[DataRef, Network, Augment], FeatureCache] = {}
"""What a worker process has open."""


def needed_features(jobs: Iterable[tuple[Job, Network]], dataset: Dataset) -> list[FeatureCache]:
    """One cache for each different pass that these trainings need. The networks are whole, not cut."""
    found: dict[tuple[Network, Augment], FeatureCache] = {}
    for job, network in jobs:
        if keeps_features(network, job.recipe):
            cache = FeatureCache(dataset, network, job.recipe.augment)
            found.setdefault((cache.network, cache.how if cache.views else Augment()), cache)
    return list(found.values())


def extract(
    caches: list[FeatureCache], data: DataRef | Dataset, workers: int, watch: Watch, stop: threading.Event
) -> None:
    """Compute what is missing. Setting `stop` ends it soon; what is done by then is kept."""
    for cache in caches:
        try:
            _pass(cache, data, workers, watch, stop)
        except Exception as error:  # packs that need it fail, with this reason; the others go on
            watch(Event("note", f"{_named(cache)}, pass of the pictures: {reason_of(error)}"))


def _pass(cache: FeatureCache, data: DataRef | Dataset, workers: int, watch: Watch, stop: threading.Event) -> None:
    missing = cache.missing()
    if not missing:
        return
    name = _named(cache)
    watch(Event("note", f"{name}: {len(missing)} pieces of pictures go through it, once for all heads"))
    steps = _alone(cache, missing, stop)
    if isinstance(data, DataRef):
        steps = _shared(cache, missing, data, workers, stop)
    for done, _ in enumerate(steps, 1):
        if done % TOLD_EVERY == 0:
            watch(Event("note", f"{name}: {done} of {len(missing)} pieces"))


def _named(cache: FeatureCache) -> str:
    (backbone,) = cache.network.layers
    return backbone.name if isinstance(backbone, Backbone) else "backbone"


def _alone(cache: FeatureCache, missing: list[Piece], stop: threading.Event) -> Iterator[None]:
    for piece in missing:
        if stop.is_set():
            return
        cache.compute(piece)
        yield


def _shared(
    cache: FeatureCache, missing: list[Piece], data: DataRef, workers: int, stop: threading.Event
) -> Iterator[None]:
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    stopping = context.RawValue("b", 0)
    with starting_worker():
        pool = ProcessPoolExecutor(min(workers, len(missing)), context, _start, (stopping,))
    try:
        with starting_worker():
            waiting: set[Future[None]] = {
                pool.submit(_compute, data, cache.dataset.fingerprint, cache.network, cache.how, piece)
                for piece in missing
            }
        while waiting:
            ready, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in ready:
                try:
                    future.result()
                except BrokenProcessPool as error:
                    if stop.is_set():
                        return
                    raise TrainError(
                        "a worker process was killed while pictures went through it; most often the machine ran out of "
                        "memory. What is done is kept: the same command goes on"
                    ) from error
                yield
            if stop.is_set():
                return
    finally:
        stopping.value = 1
        pool.shutdown(wait=True, cancel_futures=True)


def _start(stopping: Any) -> None:
    leave_in_time(lambda: bool(stopping.value))


def _compute(data: DataRef, fingerprint: str, network: Network, how: Augment, piece: Piece) -> None:
    if (data, network, how) not in _caches:
        _caches[data, network, how] = FeatureCache(data.load(), network, how)
    check_same(_caches[data, network, how].dataset, fingerprint)
    _caches[data, network, how].compute(piece)
