"""Architectures by name: from a study's model mapping to a Network.

A new architecture is one builder, one arguments schema and one line in `_ZOO`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import UsageError, nearest
from bakeoff.models.arguments import CnnArguments, LinearArguments, MlpArguments, parse
from bakeoff.models.layers import Activation, BatchNorm, Conv, Dense, Dropout, Flatten, Layer, Network, Pool
from bakeoff.recipe import Frozen

Shape = tuple[int, int, int]


def _linear(_: LinearArguments, shape: Shape, classes: int, _dropout: float) -> list[Layer]:
    c, h, w = shape
    return [Flatten(), Dense(c * h * w, classes)]


def _mlp(a: MlpArguments, shape: Shape, classes: int, dropout: float) -> list[Layer]:
    c, h, w = shape
    layers: list[Layer] = [Flatten()]
    width = c * h * w
    for hidden in a.hidden or ():
        layers += [Dense(width, hidden), *_activated(a, hidden), *_dropped(dropout)]
        width = hidden
    return [*layers, Dense(width, classes)]


def _cnn(a: CnnArguments, shape: Shape, classes: int, dropout: float) -> list[Layer]:
    c, h, w = shape
    layers: list[Layer] = []
    padding = {"same": a.kernel // 2, "valid": 0}[a.padding] if isinstance(a.padding, str) else a.padding
    for channels in a.channels or ():
        layers += [Conv(c, channels, a.kernel, 1, padding), *_activated(a, channels)]
        h, w = h + 2 * padding - a.kernel + 1, w + 2 * padding - a.kernel + 1
        if a.pool != "none":
            layers.append(Pool(a.pool, a.pool_size, a.pool_size))
            h, w = h // a.pool_size, w // a.pool_size
        if h < 1 or w < 1:
            raise UsageError(
                f"model cnn: pictures of {shape[1]} x {shape[2]} pixels shrink to nothing in "
                f"{len(a.channels or ())} blocks; use fewer blocks, a smaller kernel or padding: same"
            )
        c = channels
    layers.append(Flatten())
    width = c * h * w
    for hidden in a.dense:
        layers += [*_dropped(dropout), Dense(width, hidden), Activation(a.activation)]
        width = hidden
    return [*layers, *_dropped(dropout), Dense(width, classes)]


def _activated(a: MlpArguments | CnnArguments, width: int) -> list[Layer]:
    """The activation, with a batch norm before or after it, or none."""
    norm: list[Layer] = [BatchNorm(width)]
    return [
        *(norm if a.batch_norm == "before" else []),
        Activation(a.activation),
        *(norm if a.batch_norm == "after" else []),
    ]


def _dropped(rate: float) -> list[Layer]:
    return [Dropout(rate)] if rate > 0 else []


@dataclass(frozen=True)
class Architecture:
    """`arguments`: what it can be told; its docstring's first lines describe it."""

    name: str
    arguments: type[Frozen]
    layers: Callable[[Any, Shape, int, float], list[Layer]]
    widths: str | None = None
    """The argument that holds the widths which a budget solves, if it has one."""
    doubling: bool = False
    """Whether those widths double from one layer to the next or are equal."""

    @property
    def description(self) -> str:
        return " ".join((self.arguments.__doc__ or "").split()).split(": ", 1)[-1]


_ZOO = {
    a.name: a
    for a in (
        Architecture("linear", LinearArguments, _linear),
        Architecture("mlp", MlpArguments, _mlp, "hidden"),
        Architecture("cnn", CnnArguments, _cnn, "channels", doubling=True),
    )
}


def architectures() -> list[Architecture]:
    """All known architectures, sorted by name."""
    return [_ZOO[name] for name in sorted(_ZOO)]


def parsed(model: dict[str, Any]) -> tuple[Architecture, Any]:
    """The architecture of a model mapping `{name: arguments}` and its validated arguments. Raises UsageError."""
    if not isinstance(model, dict) or len(model) != 1:
        raise UsageError(
            f"a model is one architecture with its arguments, e.g. {{mlp: {{hidden: [128]}}}}, not {model!r}"
        )
    name, arguments = next(iter(model.items()))
    if name not in _ZOO:
        raise UsageError(f"unknown architecture {name!r}{nearest(str(name), _ZOO)}")
    if arguments is not None and not isinstance(arguments, dict):
        raise UsageError(f"model {name}: expected arguments as key: value, not {arguments!r}")
    return _ZOO[name], parse(name, _ZOO[name].arguments, arguments)


def build(model: dict[str, Any], *, input_shape: Shape, classes: int, dropout: float = 0.0) -> Network:
    """The network of a model mapping whose widths are given (see `resolve` for budgets).

    `input_shape`: (C, H, W); `dropout`: rate in [0, 1], after every hidden dense layer (mlp) or before every dense
    layer (cnn); 0 adds no layer. Raises UsageError naming the key that does not fit.
    """
    architecture, arguments = parsed(model)
    if getattr(arguments, "budget", None) is not None:
        raise UsageError(f"model {architecture.name}: budget must be resolved into widths first")
    c, h, w = input_shape
    return Network((c, h, w), classes, tuple(architecture.layers(arguments, input_shape, classes, dropout)))
