"""What a page or chart of a study under way must know before the first epoch ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from bakeoff.api.bench import Bench
from bakeoff.errors import StoreError
from bakeoff.fleet import EpochNews, Event, PackPlan, Roster, Watch, blocks_of
from bakeoff.runs import EpochRow
from bakeoff.train import curves_so_far


def both(first: Watch, second: Watch) -> Watch:
    """One watch that tells two."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell


def past_of(bench: Bench, packs: Sequence[PackPlan]) -> Event:
    """Who takes part, and the epochs of finished runs and of the checkpoints that `packs` go on from."""
    return Event("past", "", news=tuple(_past(bench, packs)), roster=Roster(bench.contestants, packs))


def _past(bench: Bench, packs: Sequence[PackPlan]) -> Iterator[EpochNews]:
    # What is damaged is left out here: it fails its pack, or the judge, who name it.
    for key, found in sorted(bench.found.items()):
        with suppress(StoreError):
            run = bench.store.load(found)
            yield from _news(key, run.curves, run.step_loss)
    for pack in packs:
        with suppress(StoreError):
            for key, (curves, step_loss) in curves_so_far(bench.store.paths.checkpoint(pack.id)).items():
                yield from _news(key, curves, step_loss)


def _news(key: str, curves: Sequence[EpochRow], step_loss: np.ndarray) -> Iterator[EpochNews]:
    yield from (EpochNews(key, row) for row in curves[:-1])
    yield from (EpochNews(key, row, blocks_of(step_loss)) for row in curves[-1:])
