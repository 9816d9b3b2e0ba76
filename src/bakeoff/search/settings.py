"""From the values of a point to a model and a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bakeoff.errors import UsageError, plain
from bakeoff.models.zoo import parsed
from bakeoff.recipe import Recipe
from bakeoff.search.axis import Axis

Values = Mapping[str, Any]
"""Those of the active axes, settled."""


def model_of(values: Values, axes: Mapping[str, Axis], base: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The model mapping of a point, from `base`; budgets not yet solved. Raises UsageError for what does not fit."""
    model = dict(base)
    given: dict[str, Any] = {}
    layers = None
    for name, value in values.items():
        target = axes[name].target
        if target.kind == "model":
            model = value
        elif target.kind == "argument":
            given[target.path[0]] = value
        elif target.kind == "layers":
            layers = value
    architecture = parsed(model)[0]
    arguments = dict(model[architecture.name] or {})
    # Widths and a budget exclude each other: what the search says takes the place of what the entry says.
    if architecture.widths in given:
        arguments = {key: value for key, value in arguments.items() if key not in ("budget", "depth")}
    elif "budget" in given and architecture.widths:
        arguments.pop(architecture.widths, None)
    arguments |= given
    if layers is not None:
        widths = arguments.get(architecture.widths or "")
        if widths is None:
            raise UsageError(f"layers cuts {architecture.widths}, which is not given; a budget goes with depth")
        arguments[architecture.widths or ""] = list(widths)[:layers]
    model = {architecture.name: arguments}
    parsed(model)
    return model


def recipe_of(values: Values, axes: Mapping[str, Axis], base: Recipe) -> Recipe:
    """The recipe of a point, from `base`. Raises UsageError for fields that do not go together."""
    given: dict[tuple[str, ...], Any] = {}
    for name, value in values.items():
        target = axes[name].target
        if target.kind == "switch" and isinstance(value, bool):
            if not value:
                given[target.path] = 0.0
            elif base.dropout == 0 and not _rate_given(values, axes):
                raise UsageError("dropout: true needs a rate: an axis dropout_rate, or dropout in the entry's recipe")
        elif target.kind in ("switch", "field"):
            given[target.path] = value
    if not given:
        return base
    told = base.model_dump()
    for path in sorted(given, key=len):  # `augment` before `augment.crop`, which changes a part of it
        _put(told, path, given[path])
    try:
        return Recipe.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where + ': ' if where else ''}{plain(first)}") from error


def _rate_given(values: Values, axes: Mapping[str, Axis]) -> bool:
    return any(axes[name].target.kind == "field" and axes[name].target.path == ("dropout",) for name in values)


def _put(told: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    first, *inside = path
    if not inside:
        told[first] = value
        return
    if isinstance(told[first], str):  # a word that stands for a mapping, such as `schedule: cosine`
        told[first] = Recipe.model_validate({first: told[first]}).model_dump()[first]
    told[first] = {**told[first], inside[0]: value}
