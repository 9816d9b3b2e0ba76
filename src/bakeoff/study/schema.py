"""What a study file may hold."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationError, model_validator

from bakeoff.errors import UsageError, plain
from bakeoff.judge import Claim, SeedRule
from bakeoff.recipe import Framework, Frozen
from bakeoff.search.spec import SearchSpec

MAX_SEEDS = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+-]{0,79}")


def _plain_name(value: str) -> str:
    if not _NAME.fullmatch(value) or value != value.strip():
        raise ValueError("a name is up to 80 letters, digits, spaces and . _ + -, and starts with a letter or digit")
    return value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, BeforeValidator(_text), AfterValidator(_plain_name)]


class DataSpec(Frozen):
    """`name` (or `folder`, or `path`): a known dataset, or the path of a folder of pictures or a .npz file. `size`:
    side in pixels that a folder's pictures are brought to; `at_most`: so many files of a larger folder; `on_error:
    skip` leaves unreadable pictures out and lists them; `dir`: where files that were placed by hand lie; `called`: the
    name of such files if they are not the official ones."""

    name: str = Field(min_length=1)
    size: int | None = Field(None, ge=4, le=1024)
    at_most: int | None = Field(None, ge=1)
    on_error: Literal["raise", "skip"] = "raise"
    dir: str | None = None
    called: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, list):
            raise ValueError("expected one dataset here; a list of them is for plan, run, status and report")  # noqa: TRY004
        if not isinstance(value, dict):
            return value
        given = [key for key in ("name", "folder", "path") if key in value]
        if len(given) != 1:
            raise ValueError("give one of name (of a known dataset), folder or path")
        return {"name": value[given[0]], **{key: v for key, v in value.items() if key != given[0]}}


class SplitSpec(Frozen):
    """`validation`: a share (0.1) or a number of examples, set aside by class, 0 for none; `seed`: of that draw."""

    validation: int | float = Field(0.1, ge=0)
    seed: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _share_or_count(self) -> SplitSpec:
        if self.validation >= 1 and self.validation != int(self.validation):
            raise ValueError(f"validation: expected a share below 1 or a whole number, not {self.validation}")
        if self.validation >= 1:
            object.__setattr__(self, "validation", int(self.validation))
        return self


def _model(value: Any) -> Any:
    """`model: linear` is short for `model: {linear: {}}`."""
    if isinstance(value, str):
        return {value: {}}
    return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value


class StartFile(Frozen):
    """`file`: weights that others trained, of Keras or PyTorch; a training names them by their content."""

    file: str = Field(min_length=1)


def _start_kind(value: Any) -> str:
    return "mapping" if isinstance(value, dict | StartFile) else "name"


Start = Annotated[
    Annotated[Name, Tag("name")] | Annotated[StartFile, Tag("mapping")],
    Discriminator(_start_kind),
]


class EntrySpec(Frozen):
    """A contestant. `recipe`: the name of one, or settings, on top of another where `from` names it. `framework`: who
    trains it, bakeoff or, for comparison, plain keras. `start`: another entry; each training goes on from the weights
    that the other's of the same seed ended with, as far as both networks begin alike; or `{file: weights.keras}`, which
    hold the whole network. `fit: all` trains on training and
    validation set together. `seed_id`: the system of a report that it rebuilds, e.g. D1."""

    model: Annotated[dict[str, Any], BeforeValidator(_model)]
    recipe: str | dict[str, Any] = Field(default_factory=dict)
    framework: Framework = "bakeoff"
    start: Start | None = None
    fit: Literal["train", "all"] = "train"
    seed_id: str | None = Field(None, max_length=20)


class QuickSpec(Frozen):
    """The `--quick` profile: at most so many training examples, epochs, seeds and trials of each search, and only
    these `entries` (all unless said otherwise)."""

    train_examples: int = Field(6_000, ge=1)
    epochs: int = Field(3, ge=1)
    seeds: int = Field(2, ge=1)
    trials: int = Field(8, ge=1)
    entries: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None


def _seeds(value: Any) -> Any:
    """A count n means seeds 0 to n - 1; a mapping lets the runs decide."""
    if isinstance(value, dict | SeedRule):
        return value
    counts = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if not counts and not (isinstance(value, list | tuple) and value):
        raise ValueError(f"expected how many seeds, from 1, a list of them, or {{min: 3, max: 20}}, not {value!r}")
    if (value if isinstance(value, int) else len(value)) > MAX_SEEDS:
        raise ValueError(f"at most {MAX_SEEDS:,} seeds")
    if isinstance(value, int):
        return list(range(value))
    twice = sorted({str(seed) for seed in value if value.count(seed) > 1})
    if twice:
        raise ValueError(f"seed {twice[0]} stands twice")
    return value


def _kind(value: Any) -> str:
    return "rule" if isinstance(value, dict | SeedRule) else "list"


Seeds = Annotated[
    Annotated[tuple[Annotated[int, Field(ge=0)], ...], Tag("list")] | Annotated[SeedRule, Tag("rule")],
    Discriminator(_kind),
    BeforeValidator(_seeds),
]


def read_seeds(words: int | str) -> tuple[int, ...] | SeedRule:
    """What `--seeds` means: "5", or "3..20" until decided. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", str(words).strip())
    if not found or not 1 <= int(found[1]) <= MAX_SEEDS:
        raise UsageError(
            f"--seeds {words}: expected a number from 1 to {MAX_SEEDS:,}, or 3..20 to add seeds until decided"
        )
    if found[2] is None:
        return tuple(range(int(found[1])))
    try:
        return SeedRule(min=int(found[1]), max=int(found[2]))
    except ValidationError as error:
        raise UsageError(f"--seeds {words}: {plain(error.errors()[0])}") from error


class StudyFile(Frozen):
    """The keys of a study file. `profile` and `train_examples` stand in resolved studies only."""

    study: Name
    question: str = Field("", max_length=500)
    data: DataSpec
    split: SplitSpec = SplitSpec()
    seeds: Seeds = (0, 1, 2)
    recipes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    entries: Annotated[dict[Name, EntrySpec], Field(min_length=1)]
    searches: dict[Name, SearchSpec] = Field(default_factory=dict)
    margin: float = Field(0.005, ge=0, lt=1)
    claims: tuple[Claim, ...] = ()
    quick: QuickSpec = QuickSpec()
    weights: Literal["none", "final"] = "final"
    profile: Literal["full", "quick"] = "full"
    train_examples: int | None = Field(None, ge=1)
