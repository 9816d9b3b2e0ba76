"""Searches that ended without a single trial: nothing can be judged of them, but why there is nothing is said."""

from __future__ import annotations

from collections.abc import Iterable

from bakeoff.api.search_files import SearchOutcome
from bakeoff.api.searching import Searched
from bakeoff.search.spec import SearchSpec


def untried(searched: Iterable[Searched]) -> tuple[str, ...]:
    """A sentence for each of them."""
    return tuple(
        f"{one.name} ({one.spec.strategy}) trained nothing: {_reason(one.spec, one.outcome)}."
        for one in searched
        if not one.trials
    )


def _reason(spec: SearchSpec, outcome: SearchOutcome) -> str:
    if outcome.failed:
        return outcome.failed[0].rstrip(".")
    hopeless = outcome.space.different is not None and outcome.space.different == outcome.space.hopeless
    if spec.budget.minutes is not None and not hopeless:  # also where it was over in the midst of all there was to do
        return "its time was over before a training had ended; give it more"
    if outcome.ended == "budget":
        return "its budget does not admit a single candidate"
    return "every point of its space is hopeless"
