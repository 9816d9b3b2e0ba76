"""What is wrong with a value, in words: file, line, key, what was expected, the nearest valid choice."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bakeoff.errors import nearest, plain
from bakeoff.study.yaml_file import Document, Path

Schema = TypeVar("Schema", bound=BaseModel)
Origins = Mapping[str, Path]


def validated(
    schema: type[Schema], value: Any, document: Document, path: Path = (), origins: Origins | None = None
) -> Schema:
    """`schema` built from `value`, which stands at `path` of the document. `origins`: where a key of `value` really
    stands, if it was put together from several places. Raises UsageError for the first thing that is wrong."""
    try:
        built = schema.model_validate(value)
    except ValidationError as error:
        first = _first(error.errors())
        loc = _existing(first["loc"], value)
        raise document.error(_place(loc, path, origins), _in_words(first, loc, schema)) from error
    hidden = _hidden_mistake(value, built, ())
    if hidden:
        raise document.error(_place(hidden[0], path, origins), hidden[1])
    return built


def _first(errors: list[ErrorDetails]) -> ErrorDetails:
    """Of a key that is needed, the one beside it that misspells it, if there is one."""
    first = errors[0]
    if first["type"] != "missing":
        return first
    *place, key = first["loc"]
    beside = (one for one in errors if one["type"] == "extra_forbidden" and list(one["loc"][:-1]) == place)
    return next((one for one in beside if "did you mean" in nearest(str(one["loc"][-1]), [str(key)])), first)


def _place(loc: Path, path: Path, origins: Origins | None) -> Path:
    if loc and origins and loc[0] in origins:
        return (*origins[str(loc[0])], *loc[1:])
    return (*path, *loc)


def _in_words(error: ErrorDetails, loc: Path, schema: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        known = _known_keys(schema, loc[:-1])
        return "unknown key" + (nearest(str(loc[-1]), known) if known else "; it takes no keys")
    return "this key is needed" if error["type"] == "missing" else plain(error)


def _existing(loc: tuple[str | int, ...], value: Any) -> Path:
    """`loc` without the words that pydantic puts in for the branches of a union: what the file really holds, and at
    most one key more."""
    path: list[str | int] = []
    for i, part in enumerate(loc):
        inside = isinstance(value, dict) and part in value
        if inside or (isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)):
            value = value[part]
            path.append(part)
        elif isinstance(value, dict) and i == len(loc) - 1 and part != "[key]":
            path.append(part)
    return tuple(path)


def _known_keys(schema: type[BaseModel], loc: Path) -> list[str]:
    """The keys that the part of `schema` at `loc` knows."""
    for part in loc:
        field = schema.model_fields.get(str(part))
        inner = _models_in(field.annotation) if field else []
        schema = inner[0] if inner else schema
    return sorted(field.alias or name for name, field in schema.model_fields.items())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in _models_in(inner)]


def _hidden_mistake(given: Any, built: Any, path: Path) -> tuple[Path, str] | None:
    """The first place where pydantic is too kind: yes and no are no numbers, and "inf" is none that we can use."""
    number = isinstance(built, int | float) and not isinstance(built, bool)
    if number and isinstance(given, bool):
        return path, f"expected a number, not {str(given).lower()}"
    if number and not math.isfinite(built):
        return path, f"expected a finite number, not {given!r}"
    pairs: list[tuple[str | int, Any, Any]] = []
    if isinstance(given, dict):
        inner = dict(built) if isinstance(built, BaseModel) else built if isinstance(built, dict) else {}
        pairs = [(key, given[key], inner[key]) for key in given if key in inner]
    elif isinstance(given, list) and isinstance(built, list | tuple) and len(given) == len(built):
        pairs = [(i, *both) for i, both in enumerate(zip(given, built, strict=True))]
    found = (_hidden_mistake(part, made, (*path, key)) for key, part, made in pairs)
    return next((mistake for mistake in found if mistake), None)
