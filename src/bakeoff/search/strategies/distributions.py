"""Axes of a space as Optuna's distributions, and values there and back."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bakeoff.recipe import canonical
from bakeoff.search.strategies.space import Axis, Range

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class Scale:
    """What Optuna sees of an axis. A range is itself. Of listed values it sees the place in the list; numbers in rising
    order, so that it may learn that neighbours are alike."""

    axis: Axis

    @cached_property
    def values(self) -> list[Any]:
        listed = list(self.axis.listed())
        return sorted(listed) if self.ordered else listed

    @cached_property
    def ordered(self) -> bool:
        return all(is_number(value) for value in self.axis.listed())

    @cached_property
    def distribution(self) -> BaseDistribution:
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        axis = self.axis
        if isinstance(axis, Range) and axis.whole:
            return IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=1 if axis.log else axis.step)
        if isinstance(axis, Range):
            return FloatDistribution(axis.low, axis.high, log=axis.log)
        if self.ordered:
            return IntDistribution(0, len(self.values) - 1)
        return CategoricalDistribution(range(len(self.values)))

    def encode(self, value: Any) -> Any:
        """`value` as Optuna knows it."""
        if isinstance(self.axis, Range):
            return value
        if self.ordered:
            return min(bisect_left(self.values, value), len(self.values) - 1)
        return [canonical(own) for own in self.values].index(canonical(value))

    def suggest(self, trial: Trial) -> Any:
        """The value of this axis that Optuna suggests."""
        from optuna.distributions import FloatDistribution, IntDistribution

        name, numbers = self.axis.name, self.distribution
        if isinstance(numbers, FloatDistribution):
            return trial.suggest_float(name, numbers.low, numbers.high, log=numbers.log)
        if not isinstance(numbers, IntDistribution):
            return self.values[trial.suggest_categorical(name, range(len(self.values)))]
        suggested = trial.suggest_int(name, numbers.low, numbers.high, step=numbers.step, log=numbers.log)
        return suggested if isinstance(self.axis, Range) else self.values[suggested]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
