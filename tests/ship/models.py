"""Models to ship: any architecture with random weights, as if trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from bakeoff.data import Normaliser
from bakeoff.models import build, initialise, totals
from bakeoff.recipe import Recipe
from bakeoff.ship.card import Card
from bakeoff.ship.formats import FORMATS
from bakeoff.ship.trained import Trained, batch_size


def made_up(
    model: dict[str, Any], shape: tuple[int, int, int] = (3, 16, 16), classes: int = 5, seed: int = 0, **card: Any
) -> Trained:
    """Every tensor random, also the running statistics of batch norms: an export that drops one differs."""
    recipe = Recipe(dropout=0.5)
    network = build(model, input_shape=shape, classes=classes, **recipe.layers)
    rng = torch.Generator().manual_seed(seed)
    tensors = initialise(network, "torch", seed)
    for name, tensor in tensors.items():
        if name.endswith("running_var"):
            tensors[name] = torch.rand(tensor.shape, generator=rng) + 0.5
        elif name.endswith(("running_mean", "bias")) or tensor.ndim == 1:
            tensors[name] = tensor + 0.1 * torch.randn(tensor.shape, generator=rng)
    c = shape[0]
    mean, std = torch.rand(shape if seed % 2 else (c, 1, 1), generator=rng), torch.rand(c, 1, 1, generator=rng) + 0.2
    normalise = Normaliser.from_statistics({"scale": torch.tensor([1.0]), "mean": mean.double(), "std": std.double()})
    told = {
        "classes": tuple(f"class {i}" for i in range(classes)), "input_shape": shape, "scale": 1.0,
        "mean": tuple(mean.mean((1, 2)).tolist()), "std": tuple(std.flatten().tolist()), "mean_picture": bool(seed % 2),
        "temperature": 1.7, "calibrated_on": 100, "batch": batch_size(network), "study": "made-up",
        "study_key": "0" * 64, "entry": "e", "seed": seed, "run_key": "1" * 64, "dataset": "made-up", "model": model,
        "recipe": recipe.model_dump(mode="json"), "flops_forward": totals(network).flops_forward,
    }  # fmt: skip
    return Trained(network, tensors, normalise, Card(**{**told, **card}))


def pictures(shape: tuple[int, int, int], n: int = 7, seed: int = 0) -> np.ndarray:
    """uint8 [N, C, H, W]"""
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def check_every_format(architecture: dict[str, Any], shape: tuple[int, int, int], seed: int, folder: Path) -> None:
    """That every format gives this model's own answers in its own runtime, to five pictures and to one."""
    model = made_up(architecture, shape, seed=seed)
    for n in (5, 1):
        x = pictures(shape, n)
        expected = model.logits(x)
        for format in FORMATS.values():
            path = folder / format.name / format.file
            if n == 5:
                path.parent.mkdir()
                format.write(model, path)
            logits, probabilities = format.open(path)(x)
            np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)
            if probabilities is not None:
                np.testing.assert_allclose(probabilities, model.probabilities(expected), atol=1e-5)
