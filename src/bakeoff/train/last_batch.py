"""Batches of one picture: a batch norm that sees a channel once has nothing to normalise by, its output is its bias."""

from __future__ import annotations

from math import prod

from bakeoff.errors import UsageError
from bakeoff.models import Network, table
from bakeoff.models.backbones import norms_see_one
from bakeoff.models.layers import Backbone, BatchNorm
from bakeoff.recipe import Recipe


def check_last_batch(network: Network, recipe: Recipe, examples: int) -> None:
    """Raises UsageError, beginning with the setting, where a batch of so many training pictures would be of one only
    and a batch norm of the network would see each of its channels once."""
    size = recipe.examples_a_step(examples)
    last = examples % size or size
    if not recipe.epochs or last != 1 or not _see_one(network):
        return
    which = "takes one picture a step" if size == 1 else f"leaves a last batch of one picture out of {examples:,}"
    raise UsageError(f"batch_size: {recipe.batch_size} {which}, and its batch norm needs two or more; choose another")


def _see_one(network: Network) -> bool:
    """Whether there is a batch norm that sees each channel once in a picture."""
    for (_, layer), row in zip(network.walk(), table(network), strict=True):
        if isinstance(layer, BatchNorm) and prod(row.output_shape[1:]) == 1:
            return True
        if isinstance(layer, Backbone) and layer.train != "head" and norms_see_one(layer.name, layer.side):
            return True
    return False
