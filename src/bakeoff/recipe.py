"""How a model is trained (Recipe) and one training of it (Job), content-addressed.

A job's key is the SHA-256 of its canonical JSON with aliases resolved and defaults left out, so two spellings of
the same training share one key and anything that changes the result changes the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bakeoff.errors import nearest

NUMERICS = 2
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

Below1 = Annotated[float, Field(ge=0, lt=1)]
_SCALED_INIT = re.compile(r"normal\(([0-9.eE+-]+)\)")

FRAMEWORKS: dict[str, dict[str, Any]] = {
    "torch": {},
    "keras": {
        "init": "glorot_uniform",
        "epsilon": 1e-7,
        "alpha": 0.9,
        "batch_norm": {"momentum": 0.01, "epsilon": 1e-3},
    },
}
"""What a recipe does not say, the framework decides: `defaults: keras` fills in these (Keras 3), ours are PyTorch's."""

Framework = Literal["bakeoff", "keras"]
"""Who does the steps of a training."""


class Frozen(BaseModel):
    """A validated, immutable record; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Augment(Frozen):
    """Random changes to a training batch. `crop`: pixels of zero padding before a random crop back to size;
    `cutout`: side of a zeroed square; `flip`: left-right with probability 1/2. `views`: with a frozen backbone, how
    many changed copies of each picture go through it, once, one for each epoch in turn; 0 sends fresh ones through it
    in every epoch."""

    flip: bool = False
    crop: int = Field(0, ge=0, le=64)
    cutout: int = Field(0, ge=0, le=512)
    views: int = Field(0, ge=0, le=100)

    @property
    def changes(self) -> bool:
        return self.flip or self.crop > 0 or self.cutout > 0


class Input(Frozen):
    """What the network sees: pixel / 255 * `scale`, then minus the training mean (`center`: none, a channel, or
    the mean image), then divided by the training standard deviation of the channel if `standardize`. `mean`, `std`:
    numbers of somebody else's in their place, after scaling, one or one a channel."""

    scale: float = Field(1.0, gt=0)
    center: Literal["none", "channel", "image"] = "channel"
    standardize: bool = True
    mean: Annotated[tuple[float, ...], Field(min_length=1)] | None = None
    std: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _canonical(self) -> Input:
        """Numbers that are given stand in place of measured ones; those that change nothing are left out."""
        for given, measured, off, idle in (("mean", "center", "none", 0.0), ("std", "standardize", False, 1.0)):
            values = getattr(self, given)
            if values is not None:
                if measured in self.model_fields_set and getattr(self, measured) != off:
                    raise ValueError(f"{given}: stands in place of {measured}; give one of them")
                object.__setattr__(self, measured, off)
                object.__setattr__(self, given, None if set(values) == {idle} else values)
        return self


class BatchNormConstants(Frozen):
    """`momentum` is PyTorch's, the weight of the new batch: running <- (1 - momentum) x running + momentum x batch."""

    momentum: float = Field(0.1, gt=0, le=1)
    epsilon: float = Field(1e-5, gt=0)


SCHEDULE_USES: dict[str, set[str]] = {
    "constant": set(), "step": {"every", "factor"}, "cosine": set(), "one_cycle": {"warmup"}, "time": {"decay"},
    "exponential": {"factor"},
}  # fmt: skip


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
        for name in set().union(*SCHEDULE_USES.values()) - SCHEDULE_USES[self.kind]:
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
    """`he` for kaiming_normal; `{normal: 1e-5}` for `normal(1e-05)`: draws with this standard deviation, biases 0."""
    if isinstance(value, dict) and list(value) == ["normal"]:
        value = f"normal({value['normal']})"
    if not isinstance(value, str) or value in INITS:
        return value
    scaled = _SCALED_INIT.fullmatch(value)
    if scaled and 0 < float(scaled[1]) < float("inf"):
        return f"normal({float(scaled[1])!r})"
    if value not in _INIT_ALIASES:
        known = [*INITS, *_INIT_ALIASES]
        raise ValueError(
            f"expected one of {', '.join(known)} or {{normal: 0.01}}, not {value!r}{nearest(value, known)}"
        )
    return _INIT_ALIASES[value]


OPTIMIZER_USES: dict[str, set[str]] = {
    "adam": {"betas", "epsilon"},
    "adamw": {"betas", "epsilon"},
    "sgd": {"momentum", "nesterov"},
    "rmsprop": {"alpha", "epsilon", "momentum"},
}


class Recipe(Frozen):
    """How a model is trained. Rates and probabilities are plain numbers; epochs count passes over the training
    split; 0 of them takes the model as it is and measures it. `weight_decay` is PyTorch's: added to the gradient (L2)
    for adam, sgd and rmsprop, decoupled for adamw. `backbone_rate`: factor on `lr` for the weights of a pretrained
    backbone that trains. `batch_size: full` takes all training pictures in one step. `keep: best` stores the weights
    of the best validation epoch and labels the run *selected*. `defaults: keras`, as written in a study, stands for
    what Keras would do where the recipe is silent (`FRAMEWORKS`).
    """

    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam"
    lr: float = Field(1e-3, gt=0)
    momentum: float = Field(0.0, ge=0, lt=1)
    nesterov: bool = False
    betas: tuple[Below1, Below1] = (0.9, 0.999)
    alpha: float = Field(0.99, ge=0, lt=1)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    decay_biases: bool = True
    schedule: Annotated[Schedule, BeforeValidator(_schedule)] = Schedule()
    epochs: int = Field(10, ge=0)
    batch_size: Annotated[int, Field(ge=1)] | Literal["full"] = 64
    loss: Literal["cross_entropy", "squared_error"] = "cross_entropy"
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    backbone_rate: float = Field(1.0, gt=0)
    dropout: float = Field(0.0, ge=0, le=1)
    conv_dropout: float = Field(0.0, ge=0, le=1)
    batch_norm: BatchNormConstants = BatchNormConstants()
    init: Annotated[str, BeforeValidator(_init)] = "torch"
    input: Annotated[Input, BeforeValidator(_input)] = Input()
    augment: Augment = Augment()
    stop: Stop = Stop()
    keep: Literal["last", "best"] = "last"

    @model_validator(mode="before")
    @classmethod
    def _framework(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "defaults" not in value:
            return value
        name = value["defaults"]
        if not isinstance(name, str) or name not in FRAMEWORKS:
            raise ValueError(f"defaults: expected torch or keras, not {name!r}")
        return {**FRAMEWORKS[name], **{key: given for key, given in value.items() if key != "defaults"}}

    def examples_a_step(self, training_examples: int) -> int:
        """The batch size as a number."""
        return training_examples if self.batch_size == "full" else self.batch_size

    @property
    def passes(self) -> int:
        """What the progress of a training is counted in: epochs, or the one pass that measures what is not trained."""
        return self.epochs or 1

    @property
    def layers(self) -> dict[str, Any]:
        """What a recipe has to say about the layers of a network: arguments of `models.build`."""
        return {"dropout": self.dropout, "conv_dropout": self.conv_dropout, "batch_norm": self.batch_norm}

    @model_validator(mode="after")
    def _canonical(self) -> Recipe:
        """Check what belongs together; reset what the chosen optimiser, or no training at all, does not use."""
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs momentum above 0")
        for name in set().union(*OPTIMIZER_USES.values()) - OPTIMIZER_USES[self.optimizer]:
            object.__setattr__(self, name, type(self).model_fields[name].default)
        if self.weight_decay == 0:
            object.__setattr__(self, "decay_biases", True)
        if self.epochs == 0:
            for name in OF_TRAINING:
                object.__setattr__(self, name, type(self).model_fields[name].default)
        return self


OF_TRAINING = (
    "optimizer", "lr", "momentum", "nesterov", "betas", "alpha", "epsilon", "weight_decay", "decay_biases", "schedule",
    "batch_size", "label_smoothing", "backbone_rate", "augment", "stop", "keep",
)  # fmt: skip
"""What of a recipe is about the steps of a training, and says nothing where there are none."""


class Job(Frozen):
    """One training: what a run is the result of.

    `dataset` and `split` are content hashes; `model` is `{name: arguments}` with every width resolved; `device`
    is the kind that trains it ("cpu", "cuda"), part of identity because bits differ between kinds. `start`: whose
    weights it goes on from, a training's key or a file (see `data.kept`). `revision`: see `models.revision`.
    """

    dataset: str
    split: str
    fold: int | None = None
    model: dict[str, dict[str, Any]]
    recipe: Recipe
    seed: int = Field(ge=0)
    device: Literal["cpu", "cuda"] = "cpu"
    framework: Framework = "bakeoff"
    start: str | None = None
    numerics: int = NUMERICS
    revision: int = 0

    @property
    def key(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits. What is at its default is left out, so that a setting which
        later versions add does not change the keys of trainings that do without it."""
        told = self.model_dump(mode="json", exclude_defaults=True) | {"numerics": self.numerics, "device": self.device}
        return hashlib.sha256(canonical(told).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def derive_seed(seed: int, *purpose: str | int) -> int:
    """A seed for one purpose, 0..2**63 - 1, e.g. `derive_seed(3, "order", epoch)`: the first 63 bits of the SHA-256 of
    the canonical JSON of its arguments. Different purposes give unrelated streams, whatever ran before."""
    return int.from_bytes(hashlib.sha256(canonical([seed, *purpose]).encode()).digest()[:8]) >> 1
