"""What a search may be told: the `searches` of a study file."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bakeoff.recipe import Frozen

Strategy = Literal["grid", "random", "list", "halving", "hyperband", "tpe", "refine"]


def _share_or_count(value: int | float | None) -> int | float | None:
    if isinstance(value, float) and value >= 1:
        raise ValueError(f"expected a share below 1, or a whole number of candidates, not {value}")
    return value


class Rung(Frozen):
    """Where candidates are compared and the losers leave: after `epochs` over `examples` training pictures a fold (all
    of them unless said otherwise) on the first `folds` folds (all). `keep`: how many go on to the next rung, a share
    below 1 or a number; the search's 1 / `eta` unless said otherwise."""

    epochs: int = Field(ge=1)
    examples: int | None = Field(None, ge=1)
    folds: int | None = Field(None, ge=1)
    keep: Annotated[int | float | None, AfterValidator(_share_or_count)] = Field(None, gt=0)


class Budget(Frozen):
    """When a search ends, whatever is left: after so many trials (trainings, a fold each), epochs (of all trials
    together) or minutes."""

    trials: int | None = Field(None, ge=1)
    epochs: int | None = Field(None, ge=1)
    minutes: float | None = Field(None, gt=0)


_MINUTES = {"s": 1 / 60, "m": 1, "h": 60}


def _budget(value: Any) -> Any:
    """`10m`, `90s`, `1.5h` or `{trials: 100}`."""
    if isinstance(value, dict | Budget):
        return value
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([smh])", value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"expected a time such as 10m, 90s or 2h, or {{trials: 100}}, not {value!r}")
    return {"minutes": float(found[1]) * _MINUTES[found[2]]}


def _rungs(value: Any) -> Any:
    """`[1, 3, 9]` is short for `[{epochs: 1}, {epochs: 3}, {epochs: 9}]`."""
    if (isinstance(value, str | int) and value != "none") or value in ([], ()):
        raise ValueError(f"expected none, or a list such as [1, 3, 9], not {value!r}")
    if isinstance(value, list | tuple):
        return [{"epochs": item} if isinstance(item, int) and not isinstance(item, bool) else item for item in value]
    return value


class Stage(Frozen):
    """Rungs over the same data: training starts afresh at the first and goes on from rung to rung."""

    rungs: tuple[Rung, ...]

    @property
    def examples(self) -> int | None:
        return self.rungs[0].examples

    @property
    def folds(self) -> int | None:
        return self.rungs[0].folds

    @property
    def epochs(self) -> int:
        return self.rungs[-1].epochs


class SearchSpec(Frozen):
    """A search around an `entry` of the study.

    `over`: the axes (see bakeoff.search.axis). `trials`: how many candidates to draw (random, tpe, halving, hyperband);
    halving over a finite space takes all of it unless told a number. `points`: what strategy `list` trains. `folds`:
    k-fold cross-validation over training and validation set together, in place of the study's split. `rungs`: `none`,
    epochs [1, 3, 9], or what `Rung` says; halving and hyperband make their own where none are given. `eta`: one in
    `eta` goes on. `generation`: how many candidates tpe asks for at once. `from`: the search that refine starts
    from, `grow`: hidden layers it adds on top. `finalists`: how many of the best train again, on the study's seeds,
    from scratch, as entries; `refit: all` lets them train on training and validation set together.
    """

    entry: str
    strategy: Strategy = "random"
    over: dict[str, Any] = Field(default_factory=dict)
    points: tuple[dict[str, Any], ...] = ()
    trials: int | None = Field(None, ge=1)
    folds: int = Field(1, ge=1, le=20)
    rungs: Annotated[tuple[Rung, ...] | Literal["none"] | None, BeforeValidator(_rungs)] = None
    eta: int = Field(3, ge=2, le=20)
    metric: Literal["validation_accuracy", "validation_loss"] = "validation_accuracy"
    budget: Annotated[Budget, BeforeValidator(_budget)] = Budget()
    generation: int = Field(16, ge=1)
    seed: int = Field(0, ge=0)
    origin: str | None = Field(None, alias="from")
    grow: tuple[Annotated[int, Field(ge=1)], ...] = ()
    finalists: int = Field(1, ge=0, le=50)
    refit: Literal["train", "all"] = "train"

    @model_validator(mode="after")
    def _rungs_rise(self) -> SearchSpec:
        for before, after in zip(self.written_rungs, self.written_rungs[1:], strict=False):
            same = (before.examples, before.folds) == (after.examples, after.folds)
            if same and after.epochs <= before.epochs:
                raise ValueError(
                    f"rungs: epochs over the same data must rise, not go from {before.epochs} to {after.epochs}"
                )
        return self

    def finalist_names(self, search: str) -> list[str]:
        """Of the entries that the search called `search` may add to its study."""
        if not self.finalists:
            return []
        warm = ("carried", "warm") if self.grow else ()
        places = map(str, range(1, self.finalists + 1))
        return [f"{search}-{what}" for what in (*places, "baseline", *warm)]

    @property
    def written_rungs(self) -> tuple[Rung, ...]:
        return self.rungs if isinstance(self.rungs, tuple) else ()


def stages(rungs: tuple[Rung, ...]) -> list[Stage]:
    """Runs of rungs over the same data."""
    return [Stage(rungs=tuple(group)) for _, group in groupby(rungs, key=lambda r: (r.examples, r.folds))]
