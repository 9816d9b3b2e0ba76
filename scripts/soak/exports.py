"""Small sound files of models, ours and those of others, for the fuzzers to start from."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

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


def weights_files() -> list[bytes]:
    """A state dict as PyTorch saves it, and as safetensors."""
    state = {"conv1.weight": torch.ones(2, 1, 3, 3), "conv1.bias": torch.zeros(2), "bn.weight": torch.ones(2),
             "bn.bias": torch.zeros(2), "bn.running_mean": torch.zeros(2), "bn.running_var": torch.ones(2),
             "bn.num_batches_tracked": torch.tensor(1), "fc.weight": torch.ones(3, 8)}  # fmt: skip
    buffer = io.BytesIO()
    torch.save({**state, "fc.weight": torch.ones(8, 3).t()}, buffer)
    return [buffer.getvalue(), save(state)]


def keras_configurations() -> list[bytes]:
    """A chain of layers, and the same as a graph."""
    layers: list[dict[str, Any]] = [
        {"class_name": "Conv2D", "config": {"name": "conv", "filters": 2, "kernel_size": [3, 3], "padding": "same"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dense", "config": {"name": "out", "units": 3, "activation": "softmax"}},
    ]
    chain = {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    names = [layer["config"]["name"] for layer in layers]
    nodes = [[], *([[[name, 0, 0, {}]]] for name in names[:-1])]
    linked = [{**one, "name": n, "inbound_nodes": node} for one, n, node in zip(layers, names, nodes, strict=True)]
    graph = {"class_name": "Functional", "config": {"name": "net", "layers": linked, "input_layers": [["conv", 0, 0]],
                                                    "output_layers": [["out", 0, 0]]}}  # fmt: skip
    return [json.dumps(one).encode() for one in (chain, graph)]


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
