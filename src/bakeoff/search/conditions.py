"""When an axis plays a part: what its `when` says, and what goes without saying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bakeoff.errors import nearest
from bakeoff.models import Architecture
from bakeoff.models.zoo import parsed
from bakeoff.search.axis import Axis, Choices, When, token
from bakeoff.search.mistakes import SpaceError


def read_conditions(over: Mapping[str, Any], axes: Mapping[str, Axis]) -> dict[str, Axis]:
    """`axes` with the conditions that `over` writes about them, and those that need no writing: a dropout rate plays a
    part while dropout is on, an argument where the architecture has it. Raises SpaceError."""
    conditioned = {}
    for name, axis in axes.items():
        written = over[name].get("when", {}) if isinstance(over[name], dict) else {}
        conditioned[name] = replace(axis, when={**_unsaid(axis, axes), **_read(name, written, axes)})
    return conditioned


def order(axes: Mapping[str, Axis]) -> tuple[str, ...]:
    """The names of the axes, each after those that it depends on. Raises SpaceError for a circle."""
    sorter = TopologicalSorter({name: sorted(axis.when) for name, axis in axes.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        circle = error.args[1][::-1]
        raise SpaceError((circle[0], "when"), f"a circle: {' depends on '.join(circle)}") from error


def holds(when: When, active: Mapping[str, Any]) -> bool:
    """Whether an axis with these conditions plays a part, given the values of the active ones."""
    return all(name in active and _is_one_of(active[name], allowed) for name, allowed in when.items())


def _is_one_of(value: Any, allowed: tuple[Any, ...]) -> bool:
    if isinstance(value, dict) and all(isinstance(one, str) for one in allowed):
        return next(iter(value)) in allowed  # a whole model, {name: arguments}, told by its name
    return token(value) in {token(one) for one in allowed}


def _unsaid(axis: Axis, axes: Mapping[str, Axis]) -> When:
    when: dict[str, tuple[Any, ...]] = {}
    for name, other in axes.items():
        if other.target.kind == "switch" and axis.target.kind == "field" and axis.target.path == ("dropout",):
            when[name] = (True,)
        if other.target.kind == "model" and axis.target.kind in ("layers", "argument"):
            when[name] = tuple(dict.fromkeys(_having(axis, other)))
    return when


def _having(axis: Axis, models: Axis) -> list[str]:
    """Names of those architectures that have the argument which `axis` sets."""

    def has(architecture: Architecture) -> bool:
        if axis.target.kind == "layers":
            return architecture.widths is not None
        return axis.target.path[0] in architecture.arguments.model_fields

    found = [parsed(model)[0] for model in models.listed()]
    return [architecture.name for architecture in found if has(architecture)]


def _read(name: str, written: Any, axes: Mapping[str, Axis]) -> When:
    path = (name, "when")
    if not isinstance(written, dict):
        raise SpaceError(path, "expected axes with the values at which this one plays a part: {dropout: true}")
    when = {}
    for other, values in written.items():
        if other not in axes:
            raise SpaceError((*path, other), f"unknown axis{nearest(other, set(axes) - {name})}")
        axis = axes[other]
        if not isinstance(axis, Choices):
            raise SpaceError((*path, other), "is a range; a condition needs an axis with listed values")
        when[other] = _allowed(axis, values, (*path, other))
    return when


def _allowed(axis: Choices, written: Any, path: tuple[str, ...]) -> tuple[Any, ...]:
    """One value of the axis, or a list of them."""
    if axis.target.kind == "model":
        names = list(dict.fromkeys(next(iter(model)) for model in axis.values))
        listed = written if isinstance(written, list) else [written]
        for one in listed:
            if one not in names:
                raise SpaceError(path, f"unknown architecture {one!r}{nearest(str(one), names)}")
        return tuple(listed)
    try:
        return (axis.settle(written),)
    except SpaceError:
        if not isinstance(written, list) or not written:
            raise SpaceError(path, _none_of(axis, written)) from None
    allowed = []
    for i, one in enumerate(written):
        try:
            allowed.append(axis.settle(one))
        except SpaceError:
            raise SpaceError((*path, i), _none_of(axis, one)) from None  # type: ignore[arg-type]
    return tuple(allowed)


def _none_of(axis: Choices, value: Any) -> str:
    known = [str(own).lower() if isinstance(own, bool) else str(own) for own in axis.values]
    return f"{value!r} is no value of {axis.name}{nearest(str(value).lower(), known)}"
