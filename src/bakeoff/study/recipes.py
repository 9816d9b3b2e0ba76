"""Recipes of a study file: settings, on top of those that `from` names, each error at the line it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bakeoff.errors import nearest
from bakeoff.recipe import Recipe
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document, Path

Recipes = Mapping[str, Mapping[str, Any]]


def resolve_recipe(given: Any, path: Path, recipes: Recipes, document: Document) -> Recipe:
    """The recipe that stands at `path`: a name, or settings that may build on another `from` its name.

    Raises UsageError for an unknown name (with the nearest), a circle, or a setting that does not fit.
    """
    values, origins = _merged(given, path, recipes, document, ())
    return validated(Recipe, values, document, path, origins)


def places(given: Any, path: Path, recipes: Recipes, document: Document) -> dict[str, str]:
    """Where each setting of the recipe at `path` stands, as errors call it, down to those within a mapping:
    {"stop.patience": "s.yaml:9: recipes.plain.stop.patience"}."""
    values, origins = _merged(given, path, recipes, document, ())
    found = {}
    for key, place in origins.items():
        found[key] = document.where(place)
        inner = values[key] if isinstance(values[key], dict) else {}
        found |= {f"{key}.{name}": document.where((*place, name)) for name in inner}
    return found


def _merged(
    given: Any, path: Path, recipes: Recipes, document: Document, seen: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """All settings, and where each stands."""
    base, base_path = (given, path) if isinstance(given, str) else (given.get("from"), (*path, "from"))
    own = {} if isinstance(given, str) else {key: value for key, value in given.items() if key != "from"}
    origins: dict[str, Path] = {key: (*path, key) for key in own}
    if base is None:
        return own, origins
    if not isinstance(base, str) or base not in recipes:
        known = nearest(str(base), recipes) if recipes else "; the study defines no recipes"
        raise document.error(base_path, f"unknown recipe {base!r}{known}")
    if base in seen:
        raise document.error(base_path, f"recipe {base!r} builds on itself")
    values, places = _merged(recipes[base], ("recipes", base), recipes, document, (*seen, base))
    return {**values, **own}, {**places, **origins}
