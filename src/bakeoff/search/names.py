"""What an axis is about: an argument of the model, a field of the recipe, or one of the search's own words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bakeoff.errors import UsageError, nearest, plain
from bakeoff.models import Architecture
from bakeoff.models.zoo import parsed
from bakeoff.recipe import Recipe
from bakeoff.search.mistakes import SpaceError

OWN_WORDS = ("dropout", "dropout_rate", "layers", "model")
NO_AXES = {
    "epochs": "candidates are compared after equal epochs; the entry's recipe says how many, or the search's rungs",
    "keep": "a search keeps no weights",
}
"""Fields of a recipe that make no candidate different, and why."""
_SHORT = ("constant", "step", "cosine", "one_cycle", "time", "exponential", "standard", "unit")
"""Words that stand for a whole schedule or input."""
_LAYERS: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1, le=50)])


@dataclass(frozen=True)
class Target:
    """What an axis sets. `model`: the whole of it; `layers`: how many of its widths; `argument`: one, by its name;
    `switch`: dropout by yes, no or a rate; `field`: of the recipe, by its path. `accepts`: the types of which its
    values are, one an architecture that has the argument."""

    kind: Literal["model", "layers", "argument", "switch", "field"]
    path: tuple[str, ...] = ()
    accepts: tuple[TypeAdapter[Any], ...] = field(default=(), compare=False, repr=False)

    @property
    def of_model(self) -> bool:
        return self.kind in ("model", "layers", "argument")

    def settle(self, value: Any) -> Any:
        """`value` as plain JSON values, one form for all its spellings: `1e-3` as text and as number, he and
        kaiming_normal. Raises ValueError saying what was expected."""
        if self.kind == "model":
            return _whole_model(value)
        if self.kind == "switch" and isinstance(value, bool):
            return value
        mistakes: list[str] = []
        for adapter in self.accepts:
            try:
                return _settled(adapter, value)
            except ValidationError as error:
                mistakes.append(plain(error.errors()[0]))
            except ValueError as error:
                mistakes.append(str(error))
        raise ValueError(mistakes[0])


def target_of(name: str, architectures: Sequence[Architecture]) -> Target:
    """What `name` is about, for models of these architectures: `model.x` and `recipe.x` say it themselves; else the
    search's own words come first, then the model's arguments, then the recipe's fields. Raises SpaceError with the
    nearest name."""
    room, _, rest = name.partition(".")
    if rest and room in ("model", "recipe"):
        found = _argument(rest, architectures) if room == "model" else _field(rest)
        known = _arguments(architectures) if room == "model" else _fields(rest)
    else:
        found = _own_word(name, architectures) or _argument(name, architectures) or _field(name)
        known = {*OWN_WORDS, *_arguments(architectures), *_fields(name)}
        rest = name
    if found is None:
        raise SpaceError((name,), f"unknown axis {name!r}{nearest(rest, known)}")
    return found


def _own_word(name: str, architectures: Sequence[Architecture]) -> Target | None:
    if name == "model":
        return Target("model")
    if name == "layers" and any(a.widths for a in architectures):
        return Target("layers", (), (_LAYERS,))
    if name in ("dropout", "dropout_rate"):
        return Target("switch" if name == "dropout" else "field", ("dropout",), (_adapter(Recipe, "dropout"),))
    return None


def _argument(name: str, architectures: Sequence[Architecture]) -> Target | None:
    having = tuple(_adapter(a.arguments, name) for a in architectures if name in a.arguments.model_fields)
    return Target("argument", (name,), having) if having else None


def _arguments(architectures: Sequence[Architecture]) -> set[str]:
    return {name for a in architectures for name in a.arguments.model_fields}


def _field(dotted: str) -> Target | None:
    """A field of the recipe or, after dots, of what it holds: schedule.factor."""
    path = tuple(dotted.split("."))
    if path[0] in NO_AXES:
        raise SpaceError((dotted,), f"cannot be an axis: {NO_AXES[path[0]]}")
    schema: type[BaseModel] | None = Recipe
    for part in path[:-1]:
        schema = _inner(schema, part)
    if schema is None or path[-1] not in schema.model_fields:
        return None
    return Target("field", path, (_adapter(schema, path[-1]),))


def _fields(dotted: str) -> set[str]:
    """Names that `dotted` may have meant: fields, and those below the one that it begins with."""
    first = dotted.split(".")[0]
    inner = _inner(Recipe, first)
    below = {f"{first}.{name}" for name in inner.model_fields} if inner else set()
    return (set(Recipe.model_fields) - set(NO_AXES)) | below


def _inner(schema: type[BaseModel] | None, name: str) -> type[BaseModel] | None:
    """What a field of `schema` holds, if that has fields of its own."""
    annotation = schema.model_fields[name].annotation if schema and name in schema.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


@cache
def _adapter(schema: type[BaseModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_annotated(schema.model_fields[name]))


def _annotated(info: FieldInfo) -> Any:
    """The type of a field with all that is checked about it."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def _settled(adapter: TypeAdapter[Any], value: Any) -> Any:
    built = adapter.validate_python(value)
    _check_numbers(value, built)
    if isinstance(built, BaseModel):
        short = next((word for word in _SHORT if _means(adapter, word, built)), None)
        return short or built.model_dump(mode="json", exclude_defaults=True)
    return adapter.dump_python(built, mode="json")


def _means(adapter: TypeAdapter[Any], word: str, built: BaseModel) -> bool:
    try:
        return bool(adapter.validate_python(word) == built)
    except ValidationError:
        return False


def _check_numbers(given: Any, built: Any) -> None:
    """ValueError where pydantic is too kind: yes and no are no numbers, and infinity is none that we can use."""
    if isinstance(given, list | tuple) and isinstance(built, list | tuple):
        for part, made in zip(given, built, strict=True):
            _check_numbers(part, made)
    number = isinstance(built, int | float) and not isinstance(built, bool)
    if number and (isinstance(given, bool) or not math.isfinite(built)):
        raise ValueError(f"expected a finite number, not {str(given).lower()}")


def _whole_model(value: Any) -> dict[str, Any]:
    model = {value: {}} if isinstance(value, str) else value
    if isinstance(model, dict):
        model = {name: arguments or {} for name, arguments in model.items()}
    try:
        parsed(model)
    except UsageError as error:
        raise ValueError(str(error)) from error
    return dict(model)
