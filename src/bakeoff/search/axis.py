"""One axis of a space: listed values, or a range of numbers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bakeoff.errors import nearest
from bakeoff.recipe import canonical
from bakeoff.search.mistakes import SpaceError
from bakeoff.search.names import Target

When = Mapping[str, tuple[Any, ...]]
"""Axis -> the values of it at which another plays a part; all must hold. Of axis `model`: names of architectures."""


@dataclass(frozen=True)
class Choices:
    """Listed `values`, in their order, each in the one form that `Target.settle` gives it."""

    name: str
    target: Target
    values: tuple[Any, ...]
    when: When = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        return len(self.values)

    def listed(self) -> Sequence[Any]:
        return self.values

    def draw(self, rng: np.random.Generator) -> Any:
        return self.values[rng.integers(len(self.values))]

    def settle(self, value: Any) -> Any:
        """The value of this axis that `value` spells. Raises SpaceError if it is none of them."""
        settled = _settle(self.target, value, (self.name,))
        if token(settled) not in {token(own) for own in self.values}:
            raise SpaceError((self.name,), f"{value!r} is none of {', '.join(map(str, self.values))}")
        return settled


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included. `log`: drawn evenly on the scale of their logarithms; `whole`: whole
    numbers only, every `step`-th from `low`."""

    name: str
    target: Target
    low: float
    high: float
    log: bool = False
    whole: bool = False
    step: int = 1
    when: When = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        """How many values; None for a continuum."""
        return len(self._steps) if self.whole else None

    @property
    def _steps(self) -> range:
        return range(int(self.low), int(self.high) + 1, self.step)

    def listed(self) -> Sequence[Any]:
        """Every value, from the lowest. Only of whole numbers."""
        assert self.whole, self.name
        return self._steps

    def draw(self, rng: np.random.Generator) -> float:
        if self.whole and not self.log:
            return self._steps[rng.integers(len(self._steps))]
        # Half a step beyond both ends, so that the first and last whole number get their share.
        margin = 0.5 if self.whole else 0.0
        low, high = self.low - margin, self.high + margin
        drawn = math.exp(rng.uniform(math.log(low), math.log(high))) if self.log else rng.uniform(low, high)
        drawn = min(max(drawn, self.low), self.high)
        return round(drawn) if self.whole else drawn

    def settle(self, value: Any) -> Any:
        """As `Choices.settle`."""
        settled = _settle(self.target, value, (self.name,))
        inside = self.low <= settled <= self.high
        if not inside or (self.whole and settled not in self._steps):
            raise SpaceError((self.name,), f"{value!r} is not in {self.low:g} to {self.high:g}")
        return settled


Axis = Choices | Range
_RANGES = {
    # word: (on the scale of logarithms, whole numbers)
    "uniform": (False, False),
    "log_uniform": (True, False),
    "integers": (False, True),
    "log_integers": (True, True),
}


def token(value: Any) -> Hashable:
    """A hashable stand-in: equal for equal values, and different for false and 0."""
    kind = type(value)
    if kind in (int, float, str):
        return value  # type: ignore[no-any-return]
    return (value,) if kind is bool else repr(value) if kind is list else canonical(value)


def read_axis(name: str, written: Any, target: Target) -> Axis:
    """An axis as a study file writes it, its conditions apart: `[1, 2]`, `{values: [1, 2]}`, `{uniform: [0, 0.5]}`.
    Raises SpaceError."""
    if isinstance(written, list | tuple):
        return _choices(name, written, target, (name,))
    forms = ("values", *_RANGES)
    if not isinstance(written, dict) or sum(form in written for form in forms) != 1:
        raise SpaceError((name,), f"expected a list of values, or {{values: [...]}} or a range: {', '.join(_RANGES)}")
    form = next(form for form in forms if form in written)
    known = {form, "when", *(["step"] if form == "integers" else [])}
    for key in written:
        if key not in known:
            raise SpaceError((name, key), f"unknown key{nearest(str(key), known)}")
    if form == "values":
        return _choices(name, written[form], target, (name, form))
    return _range(name, form, written, target)


def _choices(name: str, values: Any, target: Target, path: tuple[str, ...]) -> Choices:
    if not isinstance(values, list | tuple) or not values:
        raise SpaceError(path, "expected a list with at least one value")
    settled = [_settle(target, value, (*path, i)) for i, value in enumerate(values)]
    seen: dict[Any, int] = {}
    for i, value in enumerate(settled):
        first = seen.setdefault(token(value), i)
        if first != i:
            raise SpaceError((*path, i), f"{values[i]!r} stands there already, as {values[first]!r}")
    return Choices(name, target, tuple(settled))


def _range(name: str, form: str, written: Mapping[str, Any], target: Target) -> Range:
    log, whole = _RANGES[form]
    ends = written[form]
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise SpaceError((name, form), "expected the lowest and the highest value: [low, high]")
    low, high = (_settle(target, end, (name, form, i)) for i, end in enumerate(ends))
    for i, end in enumerate((low, high)):
        if not isinstance(end, int | float) or isinstance(end, bool):
            raise SpaceError((name, form), f"{name} takes no numbers; list its values")
        if whole and end != int(end):
            raise SpaceError((name, form, i), f"expected a whole number, not {end!r}")
    if low >= high:
        raise SpaceError((name, form), f"the lowest value comes first, and below the highest: not {low:g}, {high:g}")
    if log and low <= 0:
        raise SpaceError((name, form, 0), f"expected a number above 0 for a scale of logarithms, not {low:g}")
    if not whole:
        _check_fractions(target, math.nextafter(low, high), (name, form))
    step = written.get("step", 1)
    if not isinstance(step, int) or isinstance(step, bool) or step < 1:
        raise SpaceError((name, "step"), f"expected a whole number of at least 1, not {step!r}")
    return Range(name, target, low, high, log, whole, step)


def _check_fractions(target: Target, between: float, path: tuple[str, ...]) -> None:
    try:
        target.settle(between)
    except ValueError as error:
        raise SpaceError(path, "takes whole numbers; say integers or log_integers") from error


def _settle(target: Target, value: Any, path: tuple[str | int, ...]) -> Any:
    try:
        return target.settle(value)
    except ValueError as error:
        raise SpaceError(path, str(error)) from error
