"""Strategies by name: from a search as declared to what it trains next.

A new strategy is one file with its builder and one line in `_BUILDERS`.
"""

from __future__ import annotations

from collections.abc import Callable

from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies.finer import finer_axes
from bakeoff.search.strategies.grid import grid_search
from bakeoff.search.strategies.halving import halving_search
from bakeoff.search.strategies.hyperband import hyperband_search
from bakeoff.search.strategies.listed import list_search
from bakeoff.search.strategies.random import random_search
from bakeoff.search.strategies.refine import refine_search
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategies.tpe import tpe_search
from bakeoff.search.strategy import Histories, Strategy

__all__ = ["finer_axes", "make_strategy"]

_BUILDERS: dict[str, Callable[[SearchSpec, Space, int], Strategy]] = {
    "grid": grid_search,
    "halving": halving_search,
    "hyperband": hyperband_search,
    "list": list_search,
    "random": random_search,
    "tpe": tpe_search,
}


def make_strategy(spec: SearchSpec, space: Space, histories: Histories, epochs: int) -> Strategy:
    """The strategy of a search. `histories`: what the searches before it were told, by name; only refine looks, at the
    one that it starts `from`, and its `space` is over `finer_axes(spec, histories)`. `epochs`: the length of a full
    training, the entry's. Raises UsageError."""
    if spec.strategy == "refine":
        return refine_search(spec, space, histories, epochs)
    return _BUILDERS[spec.strategy](spec, space, epochs)
