"""BK003: the best candidate lies at the edge of what the search was allowed to try."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.search import Search, chosen
from bakeoff.judge.search_axes import Range, is_number
from bakeoff.judge.search_axes import words as value_words
from bakeoff.judge.standings import standings
from bakeoff.judge.words import listed

CODE = Code("BK003", "best value at the edge of the search range", "info", about="a search")
NEAR = 0.05
"""Within this share of a range's length from an end is at the edge."""
FEWEST = 3
"""Values below which a list of numbers has no inside."""


def check(case: Case) -> Iterator[Finding]:
    return (edge(search) for search in case.contest.searches)


def edge(search: Search) -> Finding:
    """Of one search. A value of 0 is no edge: no rate, no penalty and no share goes below it."""
    winner = chosen(search, standings(search.trials, search.spec))
    point = winner.point if winner else {}
    asked = {n: values for n, values in search.axes.items() if _has_inside(values) and is_number(point.get(n))}
    if winner is None or not asked:
        why = "no candidate has a score" if winner is None else "its best has no axis of numbers with an inside"
        return CODE.not_applicable(f"search {search.name}: {why}")
    at = {name: _side(float(point[name]), values) for name, values in asked.items()}
    found = [f"{name} {value_words(point[name])}, the {side} tried" for name, side in at.items() if side]
    if not found:
        inside = f"the best candidate lies inside what was tried of {listed(list(asked))}"
        return CODE.passed(f"search {search.name}: {inside}")
    names = listed([name for name, side in at.items() if side])
    return CODE.found(
        f"search {search.name}: the best candidate has {listed(found)}",
        f"Widen the range of {names} beyond that edge and search on: only what is new trains.",
    )


def _has_inside(values: object) -> bool:
    if isinstance(values, Range):
        return values.high > values.low
    return isinstance(values, list | tuple) and len(values) >= FEWEST and all(is_number(value) for value in values)


def _side(value: float, values: object) -> str:
    """ "smallest", "largest" or "" for a value inside."""
    if isinstance(values, Range):
        place = values.place(value)
        low, high = place <= NEAR, place >= 1 - NEAR
    else:
        numbers = [float(v) for v in values]  # type: ignore[attr-defined]
        low, high = value <= min(numbers), value >= max(numbers)
    return "largest" if high else "smallest" if low and value != 0 else ""
