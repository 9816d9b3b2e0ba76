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
    """`linear`: one dense layer on the pixels, behind the recipe's dropout. No arguments."""


def linear(_: LinearArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    c, h, w = shape
    return [Flatten(), *dropped(regularisation.dropout), Dense(c * h * w, classes)]


CHOSEN = ("batch_norm_layers", "dropout_layers")
"""Arguments that choose among the hidden layers."""


class MlpArguments(Frozen):
    """`mlp`: dense layers. `hidden`: their widths; or `budget`: most weights, with `depth` hidden layers.
    `batch_norm_layers`, `dropout_layers`: which hidden layers, counted from 1, have the batch norm, or the recipe's
    dropout behind them; all unless said otherwise.
    `input_batch_norm`, `input_dropout`: the pixels get one too."""

    hidden: Widths | None = None
    budget: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1, le=50)
    activation: ActivationChoice = "relu"
    batch_norm: NormPlace = "none"
    batch_norm_layers: tuple[Positive, ...] | None = None
    dropout_layers: tuple[Positive, ...] | None = None
    input_batch_norm: bool = False
    input_dropout: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> MlpArguments:
        check_widths("hidden", self.hidden, self.budget, self.depth)
        if self.batch_norm_layers is not None and self.batch_norm == "none":
            raise ValueError("batch_norm_layers goes with batch_norm: before or after")
        depth = len(self.hidden or ()) or self.depth
        for name in CHOSEN:
            chosen = getattr(self, name)
            if chosen is not None and depth is not None and (not chosen or max(chosen) > depth):
                raise ValueError(f"{name}: there are hidden layers 1 to {depth}, not {list(chosen)}")
        return self

    @model_validator(mode="after")
    def _canonical(self) -> MlpArguments:
        """One form a model: layers in order, once, and not named where they are all."""
        for name in CHOSEN:
            chosen = getattr(self, name)
            if chosen is not None:
                ordered = tuple(sorted(set(chosen)))
                everyone = self.hidden is not None and len(ordered) == len(self.hidden)
                object.__setattr__(self, name, None if everyone else ordered)
        return self


def mlp(a: MlpArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    c, h, w = shape
    width = c * h * w
    constants, rate = regularisation.batch_norm, regularisation.dropout
    layers: list[Layer] = [Flatten()]
    layers += [normed(width, constants)] if a.input_batch_norm else []
    layers += dropped(rate) if a.input_dropout else []
    for number, hidden in enumerate(a.hidden or (), 1):
        norm = a.batch_norm if _is_among(a.batch_norm_layers, number) else "none"
        layers += [Dense(width, hidden), *activated(a.activation, norm, hidden, constants)]
        layers += dropped(rate) if _is_among(a.dropout_layers, number) else []
        width = hidden
    return [*layers, Dense(width, classes)]


def _is_among(chosen: tuple[int, ...] | None, number: int) -> bool:
    return chosen is None or number in chosen
