"""BK003: the best candidate lies at the edge of what the search was allowed to try."""

from __future__ import annotations

from bakeoff.judge.results import Finding
from bakeoff.judge.search import Search, chosen
from bakeoff.judge.search_axes import Range, is_number
from bakeoff.judge.search_axes import words as value_words
from bakeoff.judge.standings import standings
from bakeoff.judge.words import listed

NEAR = 0.05
"""Within this share of a range's length from an end is at the edge."""
FEWEST = 3
"""Values below which a list of numbers has no inside."""


def edge(search: Search) -> Finding:
    """BK003, of one search. A value of 0 is no edge: no rate, no penalty and no share goes below it."""
    facts = {"code": "BK003", "title": "best value at the edge of the search range", "severity": "info"}
    winner = chosen(search, standings(search.trials, search.spec))
    point = winner.point if winner else {}
    asked = {n: values for n, values in search.axes.items() if _has_inside(values) and is_number(point.get(n))}
    if winner is None or not asked:
        why = "no candidate has a score" if winner is None else "its best has no axis of numbers with an inside"
        return Finding(**facts, status="not applicable", evidence=f"search {search.name}: {why}", advice="")
    at = {name: _side(float(point[name]), values) for name, values in asked.items()}
    found = [f"{name} {value_words(point[name])}, the {side} tried" for name, side in at.items() if side]
    if not found:
        evidence = f"search {search.name}: the best candidate lies inside what was tried of {listed(list(asked))}"
        return Finding(**facts, status="passed", evidence=evidence, advice="")
    names = listed([name for name, side in at.items() if side])
    return Finding(
        **facts,
        evidence=f"search {search.name}: the best candidate has {listed(found)}",
        advice=f"Widen the range of {names} beyond that edge and search on: only what is new trains.",
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
