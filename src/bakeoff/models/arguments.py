"""What each architecture can be told, validated when it is built."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from bakeoff.errors import UsageError, nearest
from bakeoff.models.layers import ActivationName
from bakeoff.recipe import Frozen

Widths = tuple[int, ...]


class LinearArguments(Frozen):
    """`linear`: one dense layer on the pixels. No arguments."""


class MlpArguments(Frozen):
    """`mlp`: dense layers. `hidden`: their widths; or `budget`: most weights, with `depth` hidden layers."""

    hidden: Widths | None = None
    budget: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1, le=50)
    activation: ActivationName = "relu"
    batch_norm: Literal["none", "before", "after"] = "none"

    @model_validator(mode="after")
    def _one_way(self) -> MlpArguments:
        _check_widths("hidden", self.hidden, self.budget, self.depth)
        return self


class CnnArguments(Frozen):
    """`cnn`: blocks of convolution, activation and pooling, then dense layers of widths `dense` and the output.
    `channels`: of each block; or `budget`: most weights, with `depth` blocks. `kernel`: side in pixels; `padding`:
    same, valid, or pixels."""

    channels: Widths | None = None
    budget: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1, le=20)
    kernel: int = Field(3, ge=1, le=31)
    padding: Literal["same", "valid"] | int = "same"
    pool: Literal["max", "avg", "none"] = "max"
    pool_size: int = Field(2, ge=2, le=8)
    activation: ActivationName = "relu"
    batch_norm: Literal["none", "before", "after"] = "none"
    dense: Widths = ()

    @model_validator(mode="after")
    def _one_way(self) -> CnnArguments:
        _check_widths("channels", self.channels, self.budget, self.depth)
        if any(w < 1 for w in self.dense):
            raise ValueError(f"dense: widths must be at least 1, not {list(self.dense)}")
        if self.padding == "same" and self.kernel % 2 == 0:
            raise ValueError(f"padding: same needs an odd kernel, not {self.kernel}")
        if isinstance(self.padding, int) and self.padding < 0:
            raise ValueError(f"padding: {self.padding} is negative")
        return self

    @model_validator(mode="after")
    def _canonical(self) -> CnnArguments:
        """One form a model, so that two spellings of it share one key: padding by its name where it has one, and the
        default size of a pool that is not there."""
        pixels = {"same": self.kernel // 2, "valid": 0}.get(str(self.padding), self.padding)
        named = "same" if 2 * int(pixels) == self.kernel - 1 else "valid" if pixels == 0 else pixels
        object.__setattr__(self, "padding", named)
        if self.pool == "none":
            object.__setattr__(self, "pool_size", type(self).model_fields["pool_size"].default)
        return self


def _check_widths(name: str, widths: Widths | None, budget: int | None, depth: int | None) -> None:
    if (widths is None) == (budget is None):
        raise ValueError(f"give either {name} or budget")
    if widths is not None and depth is not None:
        raise ValueError(f"depth goes with budget; {name} already says how many layers there are")
    if widths is not None and (not widths or min(widths) < 1):
        raise ValueError(f"{name}: needs one or more widths of at least 1, not {list(widths)}")


def parse(kind: str, schema: type[Frozen], arguments: dict[str, Any] | None) -> Any:
    """Validated arguments. Raises UsageError with one line: the key, what was expected, the nearest known key."""
    try:
        return schema.model_validate(arguments or {})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("int", "literal['same','valid']"))
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
