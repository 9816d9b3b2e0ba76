"""The axes of a search, from what a study file writes under `over`, with every value checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from bakeoff.errors import UsageError
from bakeoff.models.zoo import parsed
from bakeoff.recipe import Recipe
from bakeoff.search.axis import Axis, Choices, Range, read_axis
from bakeoff.search.conditions import holds, order, read_conditions
from bakeoff.search.mistakes import SpaceError
from bakeoff.search.names import target_of
from bakeoff.search.settings import model_of, recipe_of

_TRIED, _LOOKED_AT = 64, 4096
"""Points at which a value may show that it fits; points looked at to find so many where it plays a part."""


def read_axes(over: Mapping[str, Any], model: Mapping[str, Any], recipe: Recipe) -> dict[str, Axis]:
    """The axes around an entry's `model` and `recipe`, in their order. Raises SpaceError for an unknown axis, two axes
    of one thing, a value that does not fit, a condition on what is not there."""
    axes = _conditioned(over, model)
    _check_values(axes, over, model, recipe)
    return axes


def idle_axes(over: Mapping[str, Any], model: Mapping[str, Any]) -> list[str]:
    """The axes around `model` that play a part at no point, such as a dropout rate where dropout is always off. Raises
    SpaceError as `read_axes` does, but for values."""
    axes = _conditioned(over, model)
    names = order(axes)
    firsts = {name: axis.listed()[0] if isinstance(axis, Choices) else axis.low for name, axis in axes.items()}
    return [name for name in axes if next(_points_with(axes[name], firsts[name], axes, names), None) is None]


def _conditioned(over: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Axis]:
    """The axes with their conditions, values not yet checked at points."""
    axes: dict[str, Axis] = {}
    architectures = [parsed(dict(model))[0]]
    if "model" in over:
        whole = read_axis("model", over["model"], target_of("model", architectures))
        architectures = list({a.name: a for a in (parsed(value)[0] for value in whole.listed())}.values())
    for name, written in over.items():
        axes[name] = read_axis(name, written, target_of(name, architectures))
    _check_apart(axes)
    return read_conditions(over, axes)


def _check_apart(axes: Mapping[str, Axis]) -> None:
    """No two axes set one thing, except that a dropout rate may stand beside yes and no."""
    first: dict[tuple[bool, tuple[str, ...]], str] = {}
    for name, axis in axes.items():
        target = axis.target
        same = first.setdefault((target.of_model, target.path or (target.kind,)), name)
        if same == name:
            continue
        pair = (axes[same], axis)
        switch = next((one for one in pair if one.target.kind == "switch"), None)
        if switch is None:
            raise SpaceError((name,), f"sets what {same} sets; one of them is enough")
        if not isinstance(switch, Choices) or not all(isinstance(value, bool) for value in switch.values):
            raise SpaceError((switch.name,), "lists rates already; beside dropout_rate it takes false and true only")


def _check_values(axes: Mapping[str, Axis], over: Mapping[str, Any], model: Mapping[str, Any], recipe: Recipe) -> None:
    """Every value fits at one point at least. Which values go together is seen when a point is looked at."""
    names = order(axes)
    for axis in axes.values():
        for path, value in _places(axis, over[axis.name]):
            mistake = _mistake(axis, value, axes, names, model, recipe)
            if mistake:
                raise SpaceError(path, mistake)


def _places(axis: Axis, written: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value, of a range both ends, and where it stands."""
    if isinstance(axis, Range):
        form = next(iter(key for key in written if key not in ("when", "step")))
        yield from (((axis.name, form, i), end) for i, end in enumerate((axis.low, axis.high)))
    else:
        inside = () if isinstance(written, list | tuple) else ("values",)
        yield from (((axis.name, *inside, i), value) for i, value in enumerate(axis.values))


def _mistake(
    axis: Axis, value: Any, axes: Mapping[str, Axis], names: tuple[str, ...], model: Mapping[str, Any], recipe: Recipe
) -> str | None:
    """Why no point with this value of `axis` can be trained, as the first of them says; None if one can."""
    first = None
    for active in islice(_points_with(axis, value, axes, names), _TRIED):
        try:
            model_of(active, axes, model)
            recipe_of(active, axes, recipe)
        except UsageError as error:
            first = first or str(error)
        else:
            return None
    return first or "plays a part at no point of the space; see its conditions"


def _points_with(axis: Axis, value: Any, axes: Mapping[str, Axis], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Active values of points at which `axis` is active and at `value`, those near the first point first."""
    needed = _ancestors(axis, axes)
    options = []
    for name in names:
        other = axes[name]
        few = other.listed()[:_TRIED] if isinstance(other, Choices) else (other.low, other.high)
        options.append((value,) if name == axis.name else tuple(few) if name in needed else tuple(few[:2]))
    # What `axis` depends on comes last, where it changes fastest: soon there is a point at which `axis` plays a part.
    ranks = sorted(range(len(names)), key=lambda i: names[i] in needed)
    for chosen in islice(product(*(options[i] for i in ranks)), _LOOKED_AT):
        point = {names[i]: one for i, one in zip(ranks, chosen, strict=True)}
        active: dict[str, Any] = {}
        for name in names:
            if holds(axes[name].when, active):
                active[name] = point[name]
        if axis.name in active:
            yield active


def _ancestors(axis: Axis, axes: Mapping[str, Axis]) -> set[str]:
    found: set[str] = set()
    waiting = list(axis.when)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += axes[name].when
    return found
