"""How a model is trained (Recipe) and one training of it (Job), content-addressed.

A job's key is the SHA-256 of its canonical JSON with aliases and defaults resolved, so two spellings of the
same training share one key and anything that changes the result changes the key.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

NUMERICS = 1
"""Raised whenever our code changes the bits that a job's training gives."""

INITS = ("torch", *(f"{family}_{kind}" for family in ("kaiming", "lecun", "glorot") for kind in ("normal", "uniform")))
_INIT_ALIASES = {
    "kaiming": "kaiming_normal",
    "he": "kaiming_normal",
    "he_normal": "kaiming_normal",
    "he_uniform": "kaiming_uniform",
    "lecun": "lecun_normal",
    "glorot": "glorot_uniform",
    "xavier": "glorot_uniform",
    "xavier_normal": "glorot_normal",
    "xavier_uniform": "glorot_uniform",
}


class Frozen(BaseModel):
    """A validated, immutable record; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Augment(Frozen):
    """Random changes to a training batch. `crop`: pixels of zero padding before a random crop back to size;
    `cutout`: side of a zeroed square; `flip`: left-right with probability 1/2."""

    flip: bool = False
    crop: int = Field(0, ge=0, le=64)
    cutout: int = Field(0, ge=0, le=512)


class Input(Frozen):
    """What the network sees: pixel / 255 * `scale`, then minus the training mean (`center`: none, a channel, or
    the mean image), then divided by the training standard deviation of the channel if `standardize`."""

    scale: float = Field(1.0, gt=0)
    center: Literal["none", "channel", "image"] = "channel"
    standardize: bool = True


class Schedule(Frozen):
    """The learning rate over time, as a factor of the recipe's `lr`.

    constant: 1. step: x `factor` every `every` epochs. cosine: half a cosine from 1 to 0 over all steps.
    one_cycle: linear rise over the first `warmup` share of the steps from 1/25, then cosine to 1/250000
    (Smith & Topin 2018; `lr` is the peak). time: 1 / (1 + `decay` x step) (Keras's old `decay`), step counted
    from 0. exponential: x `factor` each epoch.
    """

    kind: Literal["constant", "step", "cosine", "one_cycle", "time", "exponential"] = "constant"
    every: int = Field(10, ge=1)
    factor: float = Field(0.1, gt=0, le=1)
    warmup: float = Field(0.3, ge=0, lt=1)
    decay: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def _canonical(self) -> Schedule:
        """Fields that this kind does not use go back to their defaults, so that they cannot change a key."""
        used = {"step": {"every", "factor"}, "exponential": {"factor"}, "one_cycle": {"warmup"}, "time": {"decay"}}
        for name in {"every", "factor", "warmup", "decay"} - used.get(self.kind, set()):
            object.__setattr__(self, name, type(self).model_fields[name].default)
        return self


class Stop(Frozen):
    """When to end before `epochs`: validation accuracy reached, or no better validation loss (or accuracy) for
    `patience` epochs in a row. 0 epochs of patience means never."""

    validation_accuracy: float | None = Field(None, gt=0, le=1)
    patience: int = Field(0, ge=0)
    metric: Literal["validation_loss", "validation_accuracy"] = "validation_loss"


def _schedule(value: Any) -> Any:
    """`cosine`, `one-cycle` or `{step: {every: 10}}` as written in a study."""
    if isinstance(value, str):
        return {"kind": value.replace("-", "_")}
    if isinstance(value, dict) and len(value) == 1 and "kind" not in value:
        kind, arguments = next(iter(value.items()))
        if isinstance(arguments, dict):
            return {"kind": str(kind).replace("-", "_"), **arguments}
    return value


def _input(value: Any) -> Any:
    named = {"standard": {}, "unit": {"center": "none", "standardize": False}}
    return named.get(value, value) if isinstance(value, str) else value


def _init(value: Any) -> Any:
    return _INIT_ALIASES.get(value, value) if isinstance(value, str) else value


class Recipe(Frozen):
    """How a model is trained. Rates and probabilities are plain numbers; epochs count passes over the training
    split. `weight_decay` is PyTorch's: added to the gradient (L2) for adam, sgd and rmsprop, decoupled for adamw.
    `keep: best` stores the weights of the best validation epoch and labels the run *selected*.
    """

    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam"
    lr: float = Field(1e-3, gt=0)
    momentum: float = Field(0.0, ge=0, lt=1)
    nesterov: bool = False
    betas: tuple[float, float] = (0.9, 0.999)
    alpha: float = Field(0.99, ge=0, lt=1)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    decay_biases: bool = True
    schedule: Annotated[Schedule, BeforeValidator(_schedule)] = Schedule()
    epochs: int = Field(10, ge=1)
    batch_size: int = Field(64, ge=1)
    loss: Literal["cross_entropy", "squared_error"] = "cross_entropy"
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    dropout: float = Field(0.0, ge=0, le=1)
    init: Annotated[
        Literal[
            "torch",
            "kaiming_normal",
            "kaiming_uniform",
            "lecun_normal",
            "lecun_uniform",
            "glorot_normal",
            "glorot_uniform",
        ],
        BeforeValidator(_init),
    ] = "torch"
    input: Annotated[Input, BeforeValidator(_input)] = Input()
    augment: Augment = Augment()
    stop: Stop = Stop()
    keep: Literal["last", "best"] = "last"

    @model_validator(mode="after")
    def _canonical(self) -> Recipe:
        """Check what belongs together; reset what the chosen optimiser does not use."""
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs momentum above 0")
        used = {
            "adam": {"betas", "epsilon"},
            "adamw": {"betas", "epsilon"},
            "sgd": {"momentum", "nesterov"},
            "rmsprop": {"alpha", "epsilon", "momentum"},
        }[self.optimizer]
        for name in {"momentum", "nesterov", "betas", "alpha", "epsilon"} - used:
            object.__setattr__(self, name, type(self).model_fields[name].default)
        if self.weight_decay == 0:
            object.__setattr__(self, "decay_biases", True)
        return self


class Job(Frozen):
    """One training: what a run is the result of.

    `dataset` and `split` are content hashes; `model` is `{name: arguments}` with every width resolved; `device`
    is the kind that trains it ("cpu", "cuda"), part of identity because bits differ between kinds.
    """

    dataset: str
    split: str
    fold: int | None = None
    model: dict[str, dict[str, Any]]
    recipe: Recipe
    seed: int = Field(ge=0)
    device: Literal["cpu", "cuda"] = "cpu"
    numerics: int = NUMERICS

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits."""
        return hashlib.sha256(canonical(self.model_dump(mode="json")).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def derive_seed(seed: int, *purpose: str | int) -> int:
    """A seed for one purpose, 0..2**63 - 1, e.g. `derive_seed(3, "order", epoch)`: the first 63 bits of the SHA-256 of
    the canonical JSON of its arguments. Different purposes give unrelated streams, whatever ran before."""
    return int.from_bytes(hashlib.sha256(canonical([seed, *purpose]).encode()).digest()[:8]) >> 1
