"""Axis `layers` cuts a tuple of widths; the first spelling of each cut stands for all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from bakeoff.models import architectures
from bakeoff.search.axis import Axis, Choices, token
from bakeoff.search.candidate import Point


class Cuts:
    """6 layers of widths (300) are 1 layer, and 1 layer of (300, 150) is 1 of (300): of all pairs that cut to the same
    widths, the first in the order of the axes. `model`: the base, whose widths are cut where no axis lists any."""

    def __init__(self, axes: Mapping[str, Axis], model: Mapping[str, Any]) -> None:
        self._axes, self._model = axes, model
        self._arguments = {a.widths for a in architectures() if a.widths}
        self._layers = next((name for name, axis in axes.items() if axis.target.kind == "layers"), None)
        self._known: dict[tuple[Any, ...], dict[str, Any]] = {}

    def first(self, active: Point) -> Point:
        """`active`, with the first values of layers and widths that cut to the same."""
        if self._layers not in active:
            return active
        layers: int = active[self._layers]
        axis = next((name for name in active if self._lists_widths(self._axes[name])), None)
        widths = active[axis] if axis else self._given(active)
        if not widths:
            return active
        told = (layers, token(widths))
        if told not in self._known:
            whole = self._axes[axis].listed() if axis else [widths]
            pairs = product(self._axes[self._layers].listed(), whole)
            n, of = next((n, of) for n, of in pairs if of[:n] == widths[:layers])
            self._known[told] = {self._layers: n} | ({axis: of} if axis else {})
        return active | self._known[told]

    def _lists_widths(self, axis: Axis) -> bool:
        return axis.target.kind == "argument" and axis.target.path[0] in self._arguments and isinstance(axis, Choices)

    def _given(self, active: Point) -> list[Any]:
        """The widths of the whole model that the point, or else the base, names."""
        model = next((active[name] for name in active if self._axes[name].target.kind == "model"), self._model)
        (arguments,) = model.values()
        return next((list(arguments[name]) for name in self._arguments if (arguments or {}).get(name)), [])
