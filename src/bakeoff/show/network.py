"""The network of an entry, from what the results say of it."""

from __future__ import annotations

from bakeoff.judge.results import DatasetResult, EntryResult
from bakeoff.models import build
from bakeoff.models.layers import Network
from bakeoff.recipe import Recipe


def network_of(entry: EntryResult, dataset: DatasetResult) -> Network:
    """Raises UsageError, or ValueError of pydantic, for a model or recipe that this version does not know."""
    c, h, w = dataset.shape
    layers = Recipe.model_validate(entry.recipe).layers
    return build(entry.model, input_shape=(c, h, w), classes=len(dataset.classes), **layers)
