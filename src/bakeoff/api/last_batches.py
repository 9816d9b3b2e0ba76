"""Batches of one picture before a batch norm: refused where they are written, before anything trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from bakeoff.api.bench import Bench
from bakeoff.errors import BakeoffError, UsageError
from bakeoff.models import Network, build
from bakeoff.recipe import Recipe
from bakeoff.search.axis import Choices
from bakeoff.search.ground import Ground
from bakeoff.search.rungs import ladder
from bakeoff.search.space import Space
from bakeoff.search.spec import stages
from bakeoff.study import Entry
from bakeoff.train.last_batch import check_last_batch

LISTED = 1_000
"""Values of an axis that are looked at."""


def check_last_batch_of(entry: Entry, network: Network, bench: Bench) -> None:
    """Raises UsageError at the line of the entry's batch_size."""
    split = bench.whole if entry.fit == "all" else bench.split
    try:
        check_last_batch(network, entry.recipe, len(split.train))
    except UsageError as error:
        raise UsageError(f"{entry.where('batch_size')}: {str(error).removeprefix('batch_size: ')}") from error


def check_last_batches_of_searches(bench: Bench) -> None:
    """As far as it can be known: every listed batch size with every listed network, one axis changed at a time."""
    study, dataset = bench.study, bench.dataset
    for name, spec in study.searches.items():
        ground = Ground(dataset, bench.split, spec, bench.device)
        examples: set[int] = set()
        with suppress(BakeoffError):  # too few pictures: said elsewhere
            climbed = stages(ladder(spec, study.entry(spec.entry).recipe.epochs))
            examples = {len(split.train) for stage in climbed for split in ground.splits(stage)}
        recipes, networks = _spanned(study.space(name, dataset.shape, len(dataset.classes)))
        for recipe in recipes:
            for network in networks:
                for count in sorted(examples):
                    try:
                        check_last_batch(network, recipe, count)
                    except UsageError as error:
                        raise UsageError(f"searches.{name}: {error}") from error


def _spanned(space: Space) -> tuple[list[Recipe], list[Network]]:
    """(a recipe for each batch size, the different networks)"""
    recipes: dict[int | str, Recipe] = {}
    networks: dict[Network, None] = {}
    for model, recipe in _around(space):
        recipes.setdefault(recipe.batch_size, recipe)
        networks[build(model, input_shape=space.shape, classes=space.classes, **recipe.layers)] = None
    return list(recipes.values()), list(networks)


def _around(space: Space) -> Iterator[tuple[dict, Recipe]]:
    points: list[dict] = [{}]
    for name, axis in space.axes.items():
        # A range of numbers among the arguments of a model switches no batch norm on.
        if "batch_size" in axis.target.path or (axis.target.of_model and isinstance(axis, Choices)):
            points += [{name: value} for value in axis.listed()[:LISTED]] if axis.size else []
    for point in points:
        with suppress(UsageError):  # one that cannot be built around the base alone
            candidate = space.candidate(point)
            yield candidate.model, candidate.recipe
