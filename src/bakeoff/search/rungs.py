"""Rungs: at which epochs candidates are compared, and how many go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from bakeoff.errors import UsageError
from bakeoff.recipe import Recipe
from bakeoff.search.spec import Rung, SearchSpec, Stage, stages

OF_TOTAL_LENGTH = ("cosine", "one_cycle")
"""Schedules that know how long a training will be: an epoch of a short one is not an epoch of a long one."""

ELIMINATING = ("halving", "hyperband")
"""Strategies that make their own rungs where none are given, and that choose between stages."""


def default_rungs(epochs: int, eta: int) -> tuple[Rung, ...]:
    """Rungs at `epochs`, and at the whole numbers nearest to epochs / eta, epochs / eta^2, ... down to 1: (1, 3, 9, 27)
    for 27 epochs and an `eta` of 3, (1, 3, 10, 30) for 30."""
    ladder, power = {epochs}, eta
    while reached := (2 * epochs + power) // (2 * power):  # a half rounds up
        ladder.add(reached)
        power *= eta
    return tuple(Rung(epochs=e) for e in sorted(ladder))


def ladder(spec: SearchSpec, epochs: int) -> tuple[Rung, ...]:
    """The rungs that a search climbs: as written, or those of its strategy. `epochs`: the length of a full training.

    Without rungs there is one, at the end of a full training.
    """
    if spec.written_rungs:
        return spec.written_rungs
    if spec.rungs is None and spec.strategy in ELIMINATING:
        return default_rungs(epochs, spec.eta)
    return (Rung(epochs=epochs),)


def keep_count(rung: Rung, count: int, eta: int) -> int:
    """How many of `count` candidates that reached `rung` go on: its `keep`, else one in `eta`; rounded down, at least
    1 (none of none)."""
    keep = 1 / eta if rung.keep is None else rung.keep
    kept = count * keep + 1e-9 if keep < 1 else keep  # 0.29 x 100 is a hair below 29
    return min(count, max(1, int(kept)))


def stage_folds(stage: Stage, folds: int) -> int:
    """How many of the search's `folds` a stage trains on."""
    return min(stage.folds or folds, folds)


def check_rungs(spec: SearchSpec, recipe: Recipe) -> None:
    """Raise UsageError where the rungs of a search around an entry with `recipe` compare what does not compare."""
    rungs = ladder(spec, recipe.epochs)
    if len(stages(rungs)) > 1 and spec.strategy not in ELIMINATING:
        raise UsageError(
            f"rungs: strategy {spec.strategy} trains each candidate once; rungs over different examples or folds need "
            f"strategy halving or hyperband"
        )
    if (most := max(rung.folds or 1 for rung in rungs)) > spec.folds:
        raise UsageError(f"rungs: folds: {most} is more than the search's folds: {spec.folds}")
    if len({rung.epochs for rung in rungs}) == 1:
        return
    listed = [{name: [value] for name, value in point.items()} for point in spec.points]
    for kind in (recipe.schedule.kind, *(kind for over in (spec.over, *listed) for kind in _schedules(over))):
        if kind in OF_TOTAL_LENGTH:
            raise UsageError(
                f"rungs: schedule {kind} depends on the length of the training, so a short training is not the "
                f"beginning of a long one; write rungs: none, or a schedule of constant, step, exponential or time"
            )


def rungs_fit(spec: SearchSpec, recipe: Recipe) -> bool:
    """Whether `check_rungs` has nothing to say."""
    try:
        check_rungs(spec, recipe)
    except UsageError:
        return False
    return True


def _schedules(over: dict[str, Any]) -> Iterator[str]:
    """The kinds of schedule that the axes lead to. What is no schedule is for the space to complain about."""
    for name, axis in over.items():
        values = axis.get("values", ()) if isinstance(axis, dict) else axis
        if name.removeprefix("recipe.") not in ("schedule", "schedule.kind") or not isinstance(values, list | tuple):
            continue
        for value in values:
            try:
                yield Recipe.model_validate({"schedule": value}).schedule.kind
            except ValidationError:
                continue
