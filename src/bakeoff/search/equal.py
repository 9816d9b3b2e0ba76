"""What a training does not depend on, left out: then two spellings of one training are written alike."""

from __future__ import annotations

from typing import Any

from bakeoff.errors import UsageError
from bakeoff.models import Network, build
from bakeoff.models.frozen import frozen_backbone
from bakeoff.models.layers import Backbone, Imported
from bakeoff.recipe import Recipe

Model = dict[str, dict[str, Any]]
Shape = tuple[int, int, int]


def without_idle(model: Model, recipe: Recipe, shape: Shape, classes: int) -> tuple[Model, tuple[str, ...]]:
    """The model without the arguments that change nothing in the network which it and the recipe give together, such as
    dropout of the pixels at rate 0; and the names of the recipe's fields that change nothing, such as a dropout rate
    where there is nothing to drop. `model`: widths resolved."""
    network = _network(model, recipe, shape, classes)
    assert network is not None, "a model that resolves can be built"
    idle = []
    for name in recipe.layers:
        without = reset(recipe, (name,))
        if _network(model, without, shape, classes) == network:
            idle.append(name)
            recipe = without
    ((kind, arguments),) = model.items()
    for name in sorted(arguments):
        fewer = {key: value for key, value in arguments.items() if key != name}
        if _network({kind: fewer}, recipe, shape, classes) == network:
            arguments = fewer
    if arguments.get("batch_norm") == "after":  # there is no before and after where nothing is activated
        before = arguments | {"batch_norm": "before"}
        if _network({kind: before}, recipe, shape, classes) == network:
            arguments = before
    if not any(isinstance(layer, Backbone | Imported) for _, layer in network.walk()):
        idle.append("backbone_rate")
    if not frozen_backbone(network):
        idle.append("augment.views")
    return {kind: arguments}, tuple(idle)


def reset(recipe: Recipe, idle: tuple[str, ...]) -> Recipe:
    """`recipe` with these fields at their defaults."""
    update: dict[str, Any] = {name: Recipe.model_fields[name].default for name in idle if "." not in name}
    if "augment.views" in idle:
        update["augment"] = recipe.augment.model_copy(update={"views": 0})
    return recipe.model_copy(update=update)


def _network(model: Model, recipe: Recipe, shape: Shape, classes: int) -> Network | None:
    """None if that is no model."""
    try:
        return build(model, input_shape=shape, classes=classes, **recipe.layers)
    except UsageError:
        return None
