"""Searches of a study file, checked before hours of training depend on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bakeoff.data.kept import is_reference
from bakeoff.errors import UsageError, nearest
from bakeoff.recipe import Recipe
from bakeoff.search.axis import Axis, Choices, token
from bakeoff.search.mistakes import SpaceError
from bakeoff.search.reading import read_axes
from bakeoff.search.rungs import check_rungs, rungs_fit
from bakeoff.search.space import Space
from bakeoff.search.spec import SearchSpec
from bakeoff.study.entry import Entry
from bakeoff.study.yaml_file import Document, Path

Searches = Mapping[str, SearchSpec]


def check_searches(searches: Searches, entries: Sequence[Entry], document: Document) -> None:
    """Raises UsageError at the line of what does not fit: an entry or a search that is not there, an axis or a value
    that is none, a strategy without what it needs."""
    by_name = {entry.name: entry for entry in entries}
    for name, spec in searches.items():
        path = ("searches", name)
        if spec.entry not in by_name:
            raise document.error((*path, "entry"), f"unknown entry {spec.entry!r}{nearest(spec.entry, by_name)}")
        entry = by_name[spec.entry]
        if entry.framework != "bakeoff":
            raise document.error((*path, "entry"), f"{entry.name} is trained by {entry.framework}; a search is not")
        if not entry.recipe.epochs:
            raise document.error((*path, "entry"), f"{entry.name} is not trained (epochs: 0); a search trains")
        if is_reference(entry.start):
            raise document.error((*path, "entry"), f"{entry.name} starts from a file; a search from fresh weights")
        _check_origin(spec, path, searches, document)
        for taken in spec.finalist_names(name):
            if taken in by_name:
                raise document.error(
                    ("entries", taken), f"this name is that of a finalist of search {name}; take another"
                )
        mistake = _strategy_mistake(spec)
        if mistake:
            raise document.error((*path, mistake[0]), mistake[1])
        _check_axes(spec, entry, path, document)
        try:
            check_rungs(spec, entry.recipe)
        except UsageError as error:
            raise document.error((*path, "rungs"), str(error).removeprefix("rungs: ")) from error


def space_of(spec: SearchSpec, entry: Entry, shape: tuple[int, int, int], classes: int) -> Space:
    """The space of a search around `entry`, for pictures of `shape` (C, H, W) in `classes` classes."""
    axes = read_axes(spec.over, entry.model, entry.recipe) if spec.over else _listed_axes(spec, entry)
    return Space(axes, entry.model, entry.recipe, shape, classes)


def shortened(spec: SearchSpec, trials: int, recipe: Recipe) -> SearchSpec:
    """The search as `--quick` makes it: at most so many trials, drawn where the whole space was to be covered.
    `recipe`: of its entry."""
    few = None if spec.strategy == "list" else min(spec.trials or trials, trials)
    short = spec.model_copy(
        update={
            "strategy": "random" if spec.strategy == "grid" else spec.strategy,
            "trials": few,
            "points": spec.points[:trials],
            "folds": min(spec.folds, 2),
            "rungs": "none" if spec.rungs == "none" else None,
            "generation": min(spec.generation, 4),
            "finalists": min(spec.finalists, 1),
        }
    )
    # Rungs as written may have gone with a schedule that the rungs of its strategy do not go with.
    return short if rungs_fit(short, recipe) else short.model_copy(update={"rungs": "none"})


def searches_around(searches: Searches, entries: Collection[str]) -> dict[str, SearchSpec]:
    """Those around these entries that need no search around others."""
    kept: dict[str, SearchSpec] = {}
    for name, spec in searches.items():
        if spec.entry in entries and (spec.origin is None or spec.origin in kept):
            kept[name] = spec
    return kept


def _check_origin(spec: SearchSpec, path: Path, searches: Searches, document: Document) -> None:
    if spec.origin is None:
        return
    names = list(searches)
    earlier = names[: names.index(str(path[-1]))]
    if spec.origin not in earlier:
        hint = nearest(spec.origin, earlier) if earlier else "; there is none"
        raise document.error((*path, "from"), f"{spec.origin!r} is no search before this one{hint}")


def _strategy_mistake(spec: SearchSpec) -> tuple[str, str] | None:
    """(key, what is wrong with it) for the first key that does not go with the strategy."""
    strategy, limited = spec.strategy, spec.trials or spec.budget != type(spec.budget)()
    wrong = {
        ("strategy", "refine needs from: the search whose best it refines"): strategy == "refine" and not spec.origin,
        ("from", "goes with strategy: refine"): spec.origin is not None and strategy != "refine",
        ("grow", "goes with strategy: refine"): bool(spec.grow) and strategy != "refine",
        ("points", "goes with strategy: list"): bool(spec.points) and strategy != "list",
        ("strategy", "list needs points, a list of them"): strategy == "list" and not spec.points,
        ("strategy", f"{strategy} needs trials, how many, or a budget"): strategy in ("random", "tpe") and not limited,
        ("trials", f"{strategy} trains all that is listed; `budget: {{trials: N}}` ends it early"): (
            strategy in ("grid", "list") and spec.trials is not None
        ),
        ("over", f"{strategy} needs axes"): strategy not in ("list", "refine") and not spec.over,
    }
    return next((mistake for mistake, found in wrong.items() if found), None)


def _check_axes(spec: SearchSpec, entry: Entry, path: Path, document: Document) -> None:
    try:
        axes = read_axes(spec.over, entry.model, entry.recipe)
    except SpaceError as error:
        raise document.error((*path, "over", *error.path), error.reason) from error
    covers = spec.strategy == "grid" or (spec.strategy == "halving" and spec.trials is None)
    for name, axis in axes.items():
        if axis.size is None and covers:
            other = "list its values, or draw: strategy: random" if spec.strategy == "grid" else "give trials"
            raise document.error(
                (*path, "over", name), f"{spec.strategy} cannot take all of a continuous range; {other}"
            )
    for i, point in enumerate(spec.points):
        try:
            _check_point(point, axes, entry)
        except SpaceError as error:
            raise document.error((*path, "points", i, *error.path[:1]), error.reason) from error


def _check_point(point: Mapping[str, Any], axes: Mapping[str, Axis], entry: Entry) -> None:
    """A point of a list lies in the declared space; or, if none is declared, each of its values is one."""
    if not axes:
        read_axes(_as_axes(point), entry.model, entry.recipe)
        return
    for name, value in point.items():
        if name not in axes:
            raise SpaceError((name,), f"no axis of this search{nearest(name, axes)}")
        axes[name].settle(value)


def _listed_axes(spec: SearchSpec, entry: Entry) -> dict[str, Axis]:
    """The axes that the points of a list span, if no others are declared."""
    values: dict[str, dict[Any, Any]] = {}
    for point in spec.points:
        for name, axis in read_axes(_as_axes(point), entry.model, entry.recipe).items():
            assert isinstance(axis, Choices)
            (value,) = axis.values
            values.setdefault(name, {})[token(value)] = value
    over = {name: list(distinct.values()) for name, distinct in values.items()}
    return read_axes(over, entry.model, entry.recipe)


def _as_axes(point: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [value] for name, value in point.items()}
