"""The card that travels inside every exported file: what goes in, what comes out, and where it is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from bakeoff import __version__
from bakeoff.errors import UsageError
from bakeoff.recipe import Frozen
from bakeoff.ship.familiar import Familiar

CARD_SCHEMA = 1
Side = Annotated[int, Field(ge=1, le=4096)]


class Card(Frozen):
    """`input_shape`: (C, H, W) of the pictures. What the network sees is (pixel / 255 x `scale` - `mean`) / `std`, a
    value a channel; with `mean_picture` a whole mean picture is subtracted, whose channels have these means; `side`:
    pixels it is resized to before, by a pretrained backbone, else None. Probabilities are softmax(logits /
    `temperature`), fitted on `calibrated_on` validation pictures; 0 pictures: none, the temperature is 1. `familiar`:
    what training pictures look like, None if too few were there to say. `batch`: pictures at a time that keep memory
    small."""

    card_schema: int = CARD_SCHEMA
    bakeoff: str = __version__
    classes: tuple[str, ...] = Field(min_length=1)
    input_shape: tuple[Side, Side, Side]
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    mean_picture: bool = False
    side: int | None = None
    temperature: float = Field(1.0, gt=0)
    calibrated_on: int = 0
    familiar: Familiar | None = None
    batch: int = Field(1, ge=1, le=4096)
    study: str
    study_key: str
    """SHA-256 of the resolved study file"""
    entry: str
    seed: int
    run_key: str
    dataset: str
    model: dict[str, Any]
    recipe: dict[str, Any]
    flops_forward: int

    @model_validator(mode="after")
    def _fits(self) -> Card:
        if self.familiar is not None and len(self.familiar.centre) != 2 * self.input_shape[0] + 2:
            raise ValueError(f"familiar: {len(self.familiar.centre)} numbers for {self.input_shape[0]} channels")
        return self

    def to_metadata(self) -> dict[str, str]:
        """A JSON text a field: what ONNX and safetensors keep beside their tensors."""
        return {name: json.dumps(value) for name, value in self.model_dump(mode="json").items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], where: str) -> Card:
        """The inverse of `to_metadata`. Raises UsageError naming `where` for a file that we did not export."""
        try:
            told = {name: json.loads(metadata[name]) for name in cls.model_fields if name in metadata}
            if not told:
                raise UsageError(
                    f"{where}: it carries no class names; expected a file that `bakeoff export` wrote; one of others "
                    "comes in by `bakeoff import`"
                )
            if told.get("card_schema", 0) > CARD_SCHEMA:
                raise UsageError(f"{where}: exported by a newer bakeoff ({told.get('bakeoff')})")
            return cls.model_validate(told)
        except (ValidationError, ValueError, TypeError, RecursionError) as error:
            first = " ".join(str(error).split())[:200]
            raise UsageError(f"{where}: its metadata is not what `bakeoff export` writes ({first})") from error
