"""Grid: every different candidate of a finite space that could learn something."""

from __future__ import annotations

from bakeoff.errors import UsageError
from bakeoff.search.candidate import Candidate
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies.once import Once, once
from bakeoff.search.strategies.space import Space


def grid_search(spec: SearchSpec, space: Space, epochs: int) -> Once:
    return once(everything(space, spec), spec, epochs)


def everything(space: Space, spec: SearchSpec) -> list[Candidate]:
    """All candidates in the order of the space but the hopeless. Raises UsageError where a range has no end of them."""
    if space.declared is None:
        ranges = ", ".join(name for name, axis in space.axes.items() if axis.size is None)
        hint = "strategy random or tpe" if spec.strategy == "grid" else "trials: 100 (how many to draw)"
        raise UsageError(
            f"strategy: {spec.strategy} over all of a space needs values, and {ranges} is a range; write {hint}"
        )
    return [candidate for candidate in space.candidates() if not space.hopeless(candidate)]
