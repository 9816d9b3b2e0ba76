"""Widths for a weight budget: never over it, as close to it as allowed changes come.

From equal widths (mlp) or doubling channels (cnn), the largest start within the budget; then each width may change by
at most a quarter for the largest count within the budget.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bakeoff.errors import UsageError
from bakeoff.models.arguments import Regularisation, Shape
from bakeoff.models.count import weights_of
from bakeoff.models.zoo import Architecture, build, parsed

DEFAULT_DEPTH = 2
_TRIED = 40

Widths = tuple[int, ...]
Count = Callable[[Widths], int]


@dataclass(frozen=True)
class Resolved:
    """A model with its widths explicit. `note`: what a budget came to, in words, else None."""

    model: dict[str, dict[str, Any]]
    note: str | None = None


def resolve(model: dict[str, Any], input_shape: Shape, classes: int) -> Resolved:
    """Turn a budget into widths and leave out what is at its default. Raises UsageError for what cannot be built.

    Two spellings of one model give the same mapping.
    """
    architecture, arguments = parsed(model)
    told = arguments.model_dump(mode="json", exclude_defaults=True)
    budget, note = told.pop("budget", None), None
    depth = told.pop("depth", None) or DEFAULT_DEPTH
    if budget is not None:

        def count(widths: Widths) -> int:
            given = arguments.model_copy(update={architecture.widths: widths})
            return weights_of(architecture.layers(given, input_shape, classes, Regularisation()))

        widths = _solve(architecture, budget, depth, count)
        used = count(widths)
        share = math.floor(1000 * used / budget) / 10  # rounded down: 100.0% only when all of it is used
        note = f"budget {budget:,}: widths {'-'.join(map(str, widths))}, {used:,} weights ({share:.1f}% of it)"
        told[architecture.widths] = list(widths)
    resolved = {architecture.name: told}
    build(resolved, input_shape=input_shape, classes=classes)
    return Resolved(resolved, note)


def explicit(model: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same model with its defaults written out, for readers. Raises UsageError for what is no model."""
    architecture, arguments = parsed(model)
    written = arguments.model_dump(mode="json")
    return {architecture.name: {key: value for key, value in written.items() if value is not None}}


def _solve(architecture: Architecture, budget: int, depth: int, count: Count) -> Widths:
    """The largest start within the budget, refined."""

    def start(base: int) -> Widths:
        return tuple(base * 2**i if architecture.doubling else base for i in range(depth))

    if count(start(1)) > budget:
        raise UsageError(
            f"model {architecture.name}: a budget of {budget:,} weights is too small; "
            f"the narrowest network of depth {depth} has {count(start(1)):,}"
        )
    high = 2
    while count(start(high)) <= budget:
        high *= 2
    base = _largest(range(high // 2, high), lambda base: count(start(base)) <= budget)
    return _refine(start(base), budget, count)


def _refine(start: Widths, budget: int, count: Count) -> Widths:
    """Change each width by at most a quarter for the largest count within the budget.

    For each value of the first width the others change by one factor, as far as the budget allows; what is then left
    goes to one after the other, the last first. Two widths are searched completely this way; with more, the nearest
    `_TRIED` values of the first are enough to come close. Of equal counts the one whose first width is nearest to its
    start wins. (One width has nothing to gain: its start is the largest already.)
    """
    allowed = [range(math.ceil(0.75 * width), math.floor(1.25 * width) + 1) for width in start]

    def scaled(first: int, percent: int) -> Widths:
        return (
            first,
            *(max(low[0], width * percent // 100) for width, low in zip(start[1:], allowed[1:], strict=True)),
        )

    def fits(widths: Widths) -> bool:
        return count(widths) <= budget

    def fits_scaled(first: int, percent: int) -> bool:
        return fits(scaled(first, percent))

    best = start
    nearest_first = sorted(allowed[0], key=lambda width: abs(width - start[0]))
    for first in nearest_first if len(start) == 2 else nearest_first[:_TRIED]:
        if len(start) == 1 or not fits_scaled(first, 75):
            continue
        widths = scaled(first, _largest(range(75, 126), partial(fits_scaled, first)))
        for i in reversed(range(1, len(start))):
            widths = _filled(widths, i, allowed[i][-1], fits)
        best = max(best, widths, key=count)
        if count(best) == budget:
            break
    return best


def _filled(widths: Widths, i: int, most: int, fits: Callable[[Widths], bool]) -> Widths:
    """`widths`, which fit, with the largest width at `i`, up to `most`, that still does."""

    def replaced(width: int) -> Widths:
        return (*widths[:i], width, *widths[i + 1 :])

    return replaced(_largest(range(widths[i], most + 1), lambda width: fits(replaced(width))))


def _largest(values: range, fits: Callable[[int], bool]) -> int:
    """The largest of `values` that fits. The first must; and none behind one that does not."""
    return values[bisect.bisect_left(values, True, lo=1, key=lambda value: not fits(value)) - 1]
