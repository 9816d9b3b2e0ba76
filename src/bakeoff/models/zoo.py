"""Architectures by name: from a study's model mapping to a Network.

A new architecture is one file, with its arguments and its builder, and one line in `_ZOO`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import UsageError, nearest
from bakeoff.models.alexnet import AlexnetArguments, alexnet
from bakeoff.models.arguments import Regularisation, Shape, parse
from bakeoff.models.cnn import CnnArguments, cnn
from bakeoff.models.foreign.architecture import OnnxArguments, onnx
from bakeoff.models.layers import Layer, Network
from bakeoff.models.mlp import LinearArguments, MlpArguments, linear, mlp
from bakeoff.models.pretrained import PretrainedArguments, pretrained
from bakeoff.models.residual import ResidualArguments, residual
from bakeoff.recipe import BatchNormConstants, Frozen


@dataclass(frozen=True)
class Architecture:
    """`arguments`: what it can be told; its docstring's first lines describe it."""

    name: str
    arguments: type[Frozen]
    layers: Callable[[Any, Shape, int, Regularisation], list[Layer]]
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
        Architecture("alexnet", AlexnetArguments, alexnet),
        Architecture("cnn", CnnArguments, cnn, "channels", doubling=True),
        Architecture("linear", LinearArguments, linear),
        Architecture("mlp", MlpArguments, mlp, "hidden"),
        Architecture("onnx", OnnxArguments, onnx),
        Architecture("pretrained", PretrainedArguments, pretrained),
        Architecture("residual", ResidualArguments, residual),
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


def build(
    model: dict[str, Any],
    *,
    input_shape: Shape,
    classes: int,
    dropout: float = 0.0,
    conv_dropout: float = 0.0,
    batch_norm: BatchNormConstants = BatchNormConstants(),  # noqa: B008 (frozen)
) -> Network:
    """The network of a model mapping whose widths are given (see `resolve` for budgets).

    `input_shape`: (C, H, W). `dropout`, `conv_dropout`: rates in [0, 1]; where they apply, each architecture's builder
    says; 0 adds no layer. A recipe has all that follows as `recipe.layers`. Raises UsageError naming the key that does
    not fit.
    """
    architecture, arguments = parsed(model)
    if getattr(arguments, "budget", None) is not None:
        raise UsageError(f"model {architecture.name}: budget must be resolved into widths first")
    c, h, w = input_shape
    regularisation = Regularisation(dropout=dropout, conv_dropout=conv_dropout, batch_norm=batch_norm)
    return Network((c, h, w), classes, tuple(architecture.layers(arguments, input_shape, classes, regularisation)))
