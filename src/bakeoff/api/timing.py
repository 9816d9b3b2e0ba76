"""How long the parts of a study take that are no packs: passes of frozen backbones, stages of searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from bakeoff.api.bench import Bench
from bakeoff.api.search_plan import Seconds
from bakeoff.errors import BakeoffError
from bakeoff.search.candidate import Candidate
from bakeoff.search.forecast import forecast
from bakeoff.search.ground import Ground
from bakeoff.search.spec import Stage
from bakeoff.train.features import PIECE


def feature_seconds(bench: Bench, workers: int) -> float:
    """What is missing of the backbones' passes, on so many workers; from a few pictures."""
    seconds = 0.0
    # Weights that are not here, or too little memory: the run says so, entry by entry.
    with suppress(BakeoffError, MemoryError, RuntimeError):
        for cache in bench.features:
            seconds += len(cache.missing()) * PIECE * cache.seconds_a_picture() / workers
    return seconds


def search_seconds(bench: Bench, workers: int, note: Callable[[str], None]) -> Seconds:
    """How long stages of the study's searches take on so many workers, as `plan_searches` asks."""

    def seconds(search: str, candidates: Sequence[Candidate], stage: Stage) -> float | None:
        ground = Ground(bench.dataset, bench.split, bench.study.searches[search], bench.device)
        return forecast(ground, candidates, stage, bench.data, workers, note)

    return seconds
