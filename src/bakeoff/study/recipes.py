"""Recipes of a study file: settings, on top of those that `from` names, each error at the line it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bakeoff.errors import nearest
from bakeoff.recipe import OPTIMIZER_USES, SCHEDULE_USES, Frozen, Recipe, Schedule
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document, Path

Recipes = Mapping[str, Mapping[str, Any]]


def resolve_recipe(given: Any, path: Path, recipes: Recipes, document: Document) -> Recipe:
    """The recipe that stands at `path`: a name, or settings that may build on another `from` its name.

    Raises UsageError for an unknown name (with the nearest), a circle, or a setting that does not fit.
    """
    values, origins = _merged(given, path, recipes, document, ())
    built = validated(Recipe, values, document, path, origins)
    _refuse_idle(given, built, path, recipes, document)
    return built


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


def _refuse_idle(given: Any, built: Recipe, path: Path, recipes: Recipes, document: Document) -> None:
    """What stands beside an optimizer or a schedule that has no use for it: somebody believes in its effect. What a
    recipe takes over from another may lose its use where it gives an optimizer or a schedule of its own, and so may
    what the file says where the command line gives an optimizer."""
    told: set[str] = set()
    while given is not None and not {"optimizer", "schedule"} <= told:
        own, path = (recipes[given], ("recipes", given)) if isinstance(given, str) else (given, path)
        if "optimizer" not in told and (*path, "optimizer") not in document.overridden:
            _check_use(own, path, built.optimizer, OPTIMIZER_USES, Recipe, document)
        schedule = own.get("schedule")
        if "schedule" not in told and isinstance(schedule, dict):
            kind = () if "kind" in schedule else tuple(schedule)  # `{step: {every: 10}}` is `{kind: step, every: 10}`
            inner = schedule[kind[0]] if kind else schedule
            _check_use(inner, (*path, "schedule", *kind), built.schedule.kind, SCHEDULE_USES, Schedule, document)
        told |= own.keys()
        given = own.get("from")


def _check_use(
    own: Mapping[str, Any],
    path: Path,
    kind: str,
    uses: Mapping[str, set[str]],
    schema: type[Frozen],
    document: Document,
) -> None:
    for key, value in own.items():
        users = [user for user, used in uses.items() if key in used]
        default = schema.model_fields[key].default if users else None
        if users and kind not in users and (tuple(value) if isinstance(value, list) else value) != default:
            raise document.error((*path, key), f"{kind} does not use it; it belongs to {', '.join(users)}")
