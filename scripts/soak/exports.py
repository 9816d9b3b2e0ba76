"""Small sound files of models, as `bakeoff export` writes them, for the fuzzers to start from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

from bakeoff.data import Normaliser
from bakeoff.models import build, initialise, totals
from bakeoff.recipe import Recipe
from bakeoff.ship.card import Card
from bakeoff.ship.onnx_file import onnx_model
from bakeoff.ship.safetensors_file import write_safetensors
from bakeoff.ship.trained import Trained

SHAPE = (1, 4, 4)
MODEL = {"cnn": {"channels": [2], "kernel": 3}}


@lru_cache
def onnx_files() -> list[bytes]:
    return [onnx_model(tiny(), unit=unit).SerializeToString() for unit in (False, True)]


def safetensors_files(folder: Path) -> list[bytes]:
    write_safetensors(tiny(), folder / "seed.safetensors")
    return [(folder / "seed.safetensors").read_bytes()]


@lru_cache
def tiny() -> Trained:
    """An untrained network of some 60 weights and its card."""
    recipe = Recipe()
    network = build(MODEL, input_shape=SHAPE, classes=2, **recipe.layers)
    statistics = {"scale": [1.0], "mean": [[[0.3]]], "std": [[[0.2]]]}
    normalise = Normaliser.from_statistics({n: torch.tensor(v, dtype=torch.float64) for n, v in statistics.items()})
    card = Card(
        classes=("a", "b"),
        input_shape=SHAPE,
        scale=1.0,
        mean=(0.3,),
        std=(0.2,),
        study="soak",
        study_key="0" * 64,
        entry="tiny",
        seed=0,
        run_key="1" * 64,
        dataset="none",
        model=MODEL,
        recipe=recipe.model_dump(mode="json"),
        flops_forward=totals(network).flops_forward,
    )
    return Trained(network, initialise(network, "torch", 0), normalise, card)
