"""How the tests of this folder make a space."""

from __future__ import annotations

from typing import Any

from bakeoff.recipe import Recipe
from bakeoff.search.reading import read_axes
from bakeoff.search.space import Space

MLP = {"mlp": {"hidden": [8, 6, 4]}}
PICTURES: dict[str, Any] = {"shape": (1, 4, 4), "classes": 3}


def make_space(
    over: dict[str, Any], *, model: dict[str, Any] = MLP, recipe: Recipe | None = None, **pictures: Any
) -> Space:
    recipe = recipe or Recipe()
    return Space(read_axes(over, model, recipe), model, recipe, **{**PICTURES, **pictures})
