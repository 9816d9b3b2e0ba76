"""What architectures can be told: common types, and validation in one line of words."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from bakeoff.errors import UsageError, nearest
from bakeoff.models.layers import Activation, ActivationName, BatchNorm, Dropout, Layer
from bakeoff.recipe import BatchNormConstants, Frozen

Shape = tuple[int, int, int]
Widths = tuple[int, ...]
Positive = Annotated[int, Field(ge=1)]
ActivationChoice = Literal[ActivationName, "none"]
NormPlace = Literal["none", "before", "after"]
"""Of a batch norm, as seen from the activation."""


class Regularisation(Frozen):
    """What a recipe has to say about layers. `dropout`: rate in [0, 1] around dense layers; `conv_dropout`: after
    convolutions. A rate of 0 adds no layer."""

    dropout: float = 0.0
    conv_dropout: float = 0.0
    batch_norm: BatchNormConstants = BatchNormConstants()


def activated(kind: ActivationChoice, norm: NormPlace, width: int, constants: BatchNormConstants) -> list[Layer]:
    """The activation, with a batch norm before or after it, or none."""
    batch_norm: list[Layer] = [normed(width, constants)]
    return [
        *(batch_norm if norm == "before" else []),
        *([] if kind == "none" else [Activation(kind)]),
        *(batch_norm if norm == "after" else []),
    ]


def normed(width: int, constants: BatchNormConstants) -> BatchNorm:
    return BatchNorm(width, constants.epsilon, constants.momentum)


def dropped(rate: float) -> list[Layer]:
    return [Dropout(rate)] if rate > 0 else []


def check_positive(name: str, widths: Widths) -> None:
    """ValueError for a width below 1."""
    if any(width < 1 for width in widths):
        raise ValueError(f"{name}: widths must be at least 1, not {list(widths)}")


def check_widths(name: str, widths: tuple[Any, ...] | None, budget: int | None, depth: int | None) -> None:
    """ValueError unless either widths or a budget are given."""
    if (widths is None) == (budget is None):
        raise ValueError(f"give either {name} or budget")
    if widths is not None and depth is not None:
        raise ValueError(f"depth goes with budget; {name} already says how many layers there are")
    if widths is not None and (not widths or min(_flat(widths)) < 1):
        raise ValueError(f"{name}: needs one or more widths of at least 1, not {list(widths)}")


def _flat(widths: tuple[Any, ...]) -> list[int]:
    return [w for item in widths for w in (item if isinstance(item, tuple) else (item,))] or [0]


def parse(kind: str, schema: type[Frozen], arguments: dict[str, Any] | None) -> Any:
    """Validated arguments. Raises UsageError with one line: the key, what was expected, the nearest known key."""
    try:
        return schema.model_validate(arguments or {})
    except ValidationError as error:
        first = error.errors()[0]
        branches = re.compile(r"int|tuple\[.*|literal\[.*|constrained-int")
        where = ".".join(str(part) for part in first["loc"] if not branches.fullmatch(str(part)))
        if first["type"] == "extra_forbidden":
            known = sorted(schema.model_fields)
            raise UsageError(f"model {kind}: unknown key {where!r}{nearest(where, known) if known else ''}") from error
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "literal_error":
            choices = re.findall(r"'([^']+)'", first["ctx"]["expected"])
            message = f"unknown choice {first['input']!r}{nearest(str(first['input']), choices)}"
        if first["type"] == "tuple_type":
            message = f"expected a list of widths, e.g. [64, 32], not {first['input']!r}"
        raise UsageError(f"model {kind}: {where + ': ' if where else ''}{message}") from error
