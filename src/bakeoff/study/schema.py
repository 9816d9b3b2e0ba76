"""What a study file may hold, and how a mistake in it is put into words."""

from __future__ import annotations

import re
import typing
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from bakeoff.errors import nearest
from bakeoff.judge import Claim
from bakeoff.recipe import Frozen
from bakeoff.study.yaml_file import Document, Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+-]{0,79}")


def _plain_name(value: str) -> str:
    if not _NAME.fullmatch(value) or value != value.strip():
        raise ValueError("a name is up to 80 letters, digits, spaces and . _ + -, and starts with a letter or digit")
    return value


Name = Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, int) else v), AfterValidator(_plain_name)]


class DataSpec(Frozen):
    """`name`: a known dataset, or the path of a folder of pictures or a .npz file. `size`: side in pixels that a
    folder's pictures are brought to; `on_error: skip` leaves unreadable pictures out and lists them; `dir`: where
    files that were placed by hand lie."""

    name: str
    size: int | None = Field(None, ge=4, le=1024)
    on_error: Literal["raise", "skip"] = "raise"
    dir: str | None = None


class SplitSpec(Frozen):
    """`validation`: a share (0.1) or a number of examples, set aside by class; `seed`: of that draw."""

    validation: int | float = Field(0.1, ge=0)
    seed: int = Field(0, ge=0)


class EntrySpec(Frozen):
    """A contestant. `recipe`: the name of one, or settings, on top of another where `from` names it. `seed_id`: the
    system of a report that it rebuilds, e.g. D1."""

    model: dict[str, Any]
    recipe: str | dict[str, Any] = Field(default_factory=dict)
    seed_id: str | None = Field(None, max_length=20)


class QuickSpec(Frozen):
    """The `--quick` profile: at most so many training examples, epochs and seeds."""

    train_examples: int = Field(6_000, ge=1)
    epochs: int = Field(3, ge=1)
    seeds: int = Field(2, ge=1)


def _seeds(value: Any) -> Any:
    return list(range(value)) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else value


class StudyFile(Frozen):
    """The keys of a study file."""

    study: Name
    question: str = Field("", max_length=500)
    data: Annotated[DataSpec, BeforeValidator(lambda v: {"name": v} if isinstance(v, str) else v)]
    split: SplitSpec = SplitSpec()
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], BeforeValidator(_seeds), Field(min_length=1)] = (0, 1, 2)
    recipes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    entries: Annotated[dict[Name, EntrySpec], Field(min_length=1)]
    margin: float = Field(0.005, ge=0, lt=1)
    claims: tuple[Claim, ...] = ()
    quick: QuickSpec = QuickSpec()
    profile: Literal["full", "quick"] = "full"
    train_examples: int | None = Field(None, ge=1)


def validated(schema: type[BaseModel], value: Any, document: Document, path: Path = ()) -> Any:
    """`schema` built from `value`, which stands at `path` of the document. Raises UsageError naming file, line, key,
    what was expected and, for an unknown key, the nearest known one."""
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        loc = _existing(first["loc"], value)
        if first["type"] == "extra_forbidden":
            known = _known_keys(schema, loc[:-1])
            raise document.error((*path, *loc), f"unknown key{nearest(str(loc[-1]), known)}") from error
        given = first.get("input")
        message = first["msg"].removeprefix("Value error, ")
        message = message[0].lower() + message[1:]
        shown = f", not {given!r:.80}" if first["type"] not in ("missing", "value_error") else ""
        raise document.error((*path, *loc), message + shown) from error


def _existing(loc: tuple[str | int, ...], value: Any) -> Path:
    """`loc` without the words that pydantic puts in for the branches of a union: what the file really holds, and at
    most one key more."""
    path: list[str | int] = []
    for i, part in enumerate(loc):
        if isinstance(value, dict) and part in value:
            value = value[part]
            path.append(part)
        elif isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
        elif isinstance(value, dict) and i == len(loc) - 1 and part != "[key]":
            path.append(part)
    return tuple(path)


def _known_keys(schema: type[BaseModel], loc: Path) -> list[str]:
    """The keys that the part of `schema` at `loc` knows."""
    for part in loc:
        field = schema.model_fields.get(str(part))
        if field is None:
            continue
        inner = _models_in(field.annotation)
        if inner:
            schema = inner[0]
    return sorted(schema.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in _models_in(inner)]
