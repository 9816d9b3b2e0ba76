"""Strategies that train each candidate once, on all the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.recipe import derive_seed
from bakeoff.search.candidate import Candidate
from bakeoff.search.rungs import ladder
from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.search.strategy import Ask, Generation, Told


@dataclass(frozen=True)
class Once:
    """Everything in one generation."""

    generation: Generation

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        return None if told or not self.generation.asks else self.generation


def once(candidates: Iterable[Candidate], spec: SearchSpec, epochs: int) -> Once:
    """All of `candidates` at the full stage. Where that has rungs, in random order, so that packs are random companies
    and each a fair contest."""
    stage = full_stage(spec, epochs)
    order = list(candidates)
    if len(stage.rungs) > 1:
        order = [order[i] for i in shuffled(len(order), spec.seed, 0)]
    return Once(Generation(tuple(Ask(number, one) for number, one in enumerate(order)), stage, 0))


def full_stage(spec: SearchSpec, epochs: int) -> Stage:
    """A full training of `epochs`, with the search's rungs on the way if it has any (all over the same data, as
    `check_rungs` sees to)."""
    return Stage(rungs=ladder(spec, epochs))


def shuffled(count: int, seed: int, stage_number: int) -> list[int]:
    """0..count-1 in an order that only `seed` and `stage_number` decide."""
    rng = np.random.Generator(np.random.PCG64(derive_seed(seed, "company", stage_number)))
    return rng.permutation(count).tolist()


def asked(told: Sequence[Sequence[Told]]) -> int:
    """How many asks came before: the number of the next."""
    return 1 + max((one.ask.number for generation in told for one in generation), default=-1)
