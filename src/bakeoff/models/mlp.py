"""Dense networks."""

from __future__ import annotations

from pydantic import Field, model_validator

from bakeoff.models.arguments import (
    ActivationChoice,
    NormPlace,
    Positive,
    Regularisation,
    Shape,
    Widths,
    activated,
    check_widths,
    dropped,
    normed,
)
from bakeoff.models.layers import Dense, Flatten, Layer
from bakeoff.recipe import Frozen


class LinearArguments(Frozen):
    """`linear`: one dense layer on the pixels. No arguments."""


def linear(_: LinearArguments, shape: Shape, classes: int, _regularisation: Regularisation) -> list[Layer]:
    c, h, w = shape
    return [Flatten(), Dense(c * h * w, classes)]


class MlpArguments(Frozen):
    """`mlp`: dense layers. `hidden`: their widths; or `budget`: most weights, with `depth` hidden layers.
    `batch_norm_layers`: which hidden layers, counted from 1, have the batch norm; all unless said otherwise.
    `input_batch_norm`, `input_dropout`: the pixels get one too."""

    hidden: Widths | None = None
    budget: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1, le=50)
    activation: ActivationChoice = "relu"
    batch_norm: NormPlace = "none"
    batch_norm_layers: tuple[Positive, ...] | None = None
    input_batch_norm: bool = False
    input_dropout: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> MlpArguments:
        check_widths("hidden", self.hidden, self.budget, self.depth)
        chosen, depth = self.batch_norm_layers, len(self.hidden or ()) or self.depth
        if chosen is not None and self.batch_norm == "none":
            raise ValueError("batch_norm_layers goes with batch_norm: before or after")
        if chosen is not None and depth is not None and (not chosen or max(chosen) > depth):
            raise ValueError(f"batch_norm_layers: there are hidden layers 1 to {depth}, not {list(chosen)}")
        return self

    @model_validator(mode="after")
    def _canonical(self) -> MlpArguments:
        """One form a model: layers in order, once, and not named where they are all."""
        if self.batch_norm_layers is not None:
            ordered = tuple(sorted(set(self.batch_norm_layers)))
            everyone = self.hidden is not None and len(ordered) == len(self.hidden)
            object.__setattr__(self, "batch_norm_layers", None if everyone else ordered)
        return self


def mlp(a: MlpArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """Dropout comes after every hidden layer."""
    c, h, w = shape
    width = c * h * w
    constants, rate = regularisation.batch_norm, regularisation.dropout
    layers: list[Layer] = [Flatten()]
    layers += [normed(width, constants)] if a.input_batch_norm else []
    layers += dropped(rate) if a.input_dropout else []
    for number, hidden in enumerate(a.hidden or (), 1):
        norm = a.batch_norm if a.batch_norm_layers is None or number in a.batch_norm_layers else "none"
        layers += [Dense(width, hidden), *activated(a.activation, norm, hidden, constants), *dropped(rate)]
        width = hidden
    return [*layers, Dense(width, classes)]
