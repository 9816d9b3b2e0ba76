"""Widths for a weight budget: never over it, as close to it as allowed changes come.

From equal widths (mlp) or doubling channels (cnn), the largest start within the budget; then each width may change by
at most a quarter for the largest count within the budget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import UsageError
from bakeoff.models.count import totals
from bakeoff.models.zoo import Architecture, Shape, build, parsed

DEFAULT_DEPTH = 2
_EXHAUSTIVE = 4
"""How many widths are searched all together; deeper networks change the rest by the same factor."""


@dataclass(frozen=True)
class Resolved:
    """A model with every argument explicit. `note`: what a budget came to, in words, else None."""

    model: dict[str, dict[str, Any]]
    note: str | None = None


def resolve(model: dict[str, Any], input_shape: Shape, classes: int) -> Resolved:
    """Make every argument explicit and turn a budget into widths. Raises UsageError for what cannot be built.

    Two spellings of one model give the same mapping.
    """
    architecture, arguments = parsed(model)
    explicit = arguments.model_dump(mode="json")
    note = None
    if explicit.get("budget") is not None:
        widths = _solve(architecture, explicit, input_shape, classes)
        count = _count(architecture, explicit, widths, input_shape, classes)
        share = 100 * count / explicit["budget"]
        note = f"budget {explicit['budget']:,}: widths {'-'.join(map(str, widths))}, {count:,} weights ({share:.1f}% of it)"
        explicit[architecture.widths] = list(widths)
    explicit.pop("budget", None)
    explicit.pop("depth", None)
    resolved = {architecture.name: explicit}
    build(resolved, input_shape=input_shape, classes=classes)
    return Resolved(resolved, note)


def _count(architecture: Architecture, explicit: dict[str, Any], widths: tuple[int, ...], shape: Shape, classes: int) -> int:
    given = {**explicit, architecture.widths: widths, "budget": None, "depth": None}
    return totals(build({architecture.name: given}, input_shape=shape, classes=classes)).parameters


def _solve(architecture: Architecture, explicit: dict[str, Any], shape: Shape, classes: int) -> tuple[int, ...]:
    budget, depth = explicit["budget"], explicit["depth"] or DEFAULT_DEPTH

    def start(base: int) -> tuple[int, ...]:
        return tuple(base * 2**i if architecture.name == "cnn" else base for i in range(depth))

    def count(widths: tuple[int, ...]) -> int:
        return _count(architecture, explicit, widths, shape, classes)

    if count(start(1)) > budget:
        raise UsageError(
            f"model {architecture.name}: a budget of {budget:,} weights is too small; "
            f"the narrowest network of depth {depth} has {count(start(1)):,}"
        )
    low, high = 1, 2
    while count(start(high)) <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(start(middle)) <= budget else (low, middle)
    return _refine(start(low), budget, count)


def _refine(widths: tuple[int, ...], budget: int, count: Any) -> tuple[int, ...]:
    """The widths within a quarter of `widths` whose count is largest within the budget; of equals the evenest.

    All widths but the last searched one take a few values over their range; the last is solved for, since the count
    is increasing in it.
    """
    searched = min(len(widths), _EXHAUSTIVE)
    best = (count(widths), widths)
    points = {1: 1, 2: 41, 3: 9, 4: 5}[searched]

    def choices(width: int) -> list[int]:
        low, high = max(1, math.ceil(0.75 * width)), math.floor(1.25 * width)
        step = max(1, (high - low) // max(1, points - 1))
        near = sorted({*range(low, high + 1, step), width, high})
        return near

    def visit(prefix: tuple[int, ...]) -> None:
        nonlocal best
        i = len(prefix)
        if i == len(widths) - 1:
            found = _largest(lambda w: count((*prefix, w)), budget, max(1, math.ceil(0.75 * widths[i])), math.floor(1.25 * widths[i]))
            if found is not None:
                candidate = (*prefix, found)
                best = max(best, (count(candidate), candidate), key=lambda c: (c[0], -_unevenness(c[1], widths)))
            return
        for width in choices(widths[i]) if i < searched - 1 else [widths[i]]:
            visit((*prefix, width))

    visit(())
    return best[1]


def _unevenness(widths: tuple[int, ...], start: tuple[int, ...]) -> float:
    return sum(abs(w / s - 1) for w, s in zip(widths, start, strict=True))


def _largest(count: Any, budget: int, low: int, high: int) -> int | None:
    """The largest w in low..high with count(w) <= budget; None if there is none. `count` increases."""
    if count(low) > budget:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(middle) <= budget else (low, middle - 1)
    return low
