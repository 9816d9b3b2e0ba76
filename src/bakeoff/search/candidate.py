"""A candidate: a model and a recipe that a search may train, under the point of the space that led to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bakeoff.recipe import Recipe, canonical

Point = dict[str, Any]
"""Axis -> value, as declared; an axis that plays no part at this point is left out."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """`model`: {name: arguments}, widths resolved. Two points that lead to one training have one key."""

    point: Point
    model: dict[str, dict[str, Any]]
    recipe: Recipe

    @cached_property
    def key(self) -> str:
        """The first 16 hex digits of the SHA-256 of model and recipe."""
        told = {"model": self.model, "recipe": self.recipe.model_dump(mode="json", exclude_defaults=True)}
        return hashlib.sha256(canonical(told).encode()).hexdigest()[:16]
