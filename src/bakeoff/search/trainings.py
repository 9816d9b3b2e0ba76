"""From the values of a point to the training that they mean, each part of it worked out once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import UsageError
from bakeoff.models import resolve
from bakeoff.recipe import Recipe, canonical
from bakeoff.search.axis import Axis, token
from bakeoff.search.candidate import Point
from bakeoff.search.equal import Model, Shape, reset, without_idle
from bakeoff.search.settings import model_of, recipe_of


@dataclass(frozen=True)
class Training:
    """`told`: one text for one training."""

    told: tuple[str, str]
    model: Model
    recipe: Recipe


class Trainings:
    """The trainings of a space. It has far fewer models and recipes than pairs of them, so both are kept."""

    def __init__(
        self, axes: Mapping[str, Axis], model: Mapping[str, Any], recipe: Recipe, shape: Shape, classes: int
    ) -> None:
        self._axes, self._base = axes, (model, recipe)
        self._input = (shape, classes)
        self._models: dict[Any, tuple[str, Model]] = {}
        self._recipes: dict[Any, tuple[str, Recipe]] = {}
        self._idle: dict[tuple[str, str], tuple[str, Model, tuple[str, ...]]] = {}
        self._reset: dict[tuple[Any, tuple[str, ...]], tuple[str, Recipe]] = {}

    def of(self, active: Point) -> Training:
        """The training at a point, given the values of its active axes. Raises UsageError if there is none."""
        of_model: list[tuple[str, Hashable]] = []
        of_recipe: list[tuple[str, Hashable]] = []
        for name, value in active.items():
            (of_model if self._axes[name].target.of_model else of_recipe).append((name, token(value)))
        model_key, recipe_key = tuple(of_model), tuple(of_recipe)
        try:
            if model_key not in self._models:
                self._models[model_key] = self._resolved(active)
            if recipe_key not in self._recipes:
                recipe = recipe_of(active, self._axes, self._base[1])
                self._recipes[recipe_key] = (canonical({k: _plain(v) for k, v in recipe.layers.items()}), recipe)
        except UsageError as error:
            where = ", ".join(f"{name}: {value}" for name, value in active.items())
            raise UsageError(f"the point {{{where}}} cannot be trained: {error}") from error
        (model_text, model), (layers_text, recipe) = self._models[model_key], self._recipes[recipe_key]
        together = (model_text, layers_text)
        if together not in self._idle:
            model, idle = without_idle(model, recipe, *self._input)
            self._idle[together] = (canonical(model), model, idle)
        model_text, model, idle = self._idle[together]
        if (recipe_key, idle) not in self._reset:
            recipe = reset(recipe, idle)
            self._reset[recipe_key, idle] = (canonical(_plain(recipe)), recipe)
        recipe_text, recipe = self._reset[recipe_key, idle]
        return Training((model_text, recipe_text), model, recipe)

    def _resolved(self, active: Point) -> tuple[str, Model]:
        model = resolve(model_of(active, self._axes, self._base[0]), *self._input).model
        return canonical(model), model


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", exclude_defaults=True) if hasattr(value, "model_dump") else value
