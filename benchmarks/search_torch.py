"""One training of one configuration by hand, the PyTorch way: over a DataLoader, or over tensors in memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset

from bakeoff.data import Split, load_dataset, make_split, take_subset
from benchmarks.configurations import Configuration
from benchmarks.peers import torchvision_pictures
from benchmarks.systems import module

Batches = Iterable[tuple[torch.Tensor, torch.Tensor]]


def split_of(labels: np.ndarray, pictures: int) -> Split:
    """Everybody's split: 54,000 to train on, or the first draw of `pictures` of them, and 6,000 to validate."""
    split = make_split(labels, validation=0.1)
    return Split(take_subset(labels, pictures, within=split.train), split.validation)


@cache
def arrays(pictures: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(x, y) to train on and (x, y) to validate: float32 [N, 784], normalised, and int64 [N]."""
    train = load_dataset("fashion-mnist").train
    split = split_of(train.labels.numpy(), pictures)
    x = train.images.flatten(1).numpy().astype(np.float32)
    x = (x / np.float32(255) - np.float32(0.286)) / np.float32(0.353)
    y = train.labels.numpy()
    return x[split.train], y[split.train], x[split.validation], y[split.validation]


def network(configuration: Configuration) -> nn.Module:
    """As anybody would write it, with the start that the configuration names."""
    model = module(configuration.network.layers)
    family, kind = configuration.init.split("_")
    start = nn.init.kaiming_normal_ if kind == "normal" else nn.init.kaiming_uniform_
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            # variance 2 / fan_in for kaiming, 1 / fan_in for lecun
            start(layer.weight, nonlinearity="relu" if family == "kaiming" else "linear")
            nn.init.zeros_(layer.bias)
    return model


class TensorBatches:
    """Batches of tensors in memory by index, in place of a DataLoader over single pictures."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor, batch_size: int, shuffle: bool) -> None:
        self.x, self.y, self.batch_size, self.shuffle = x, y, batch_size, shuffle

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        order = torch.randperm(len(self.x)) if self.shuffle else torch.arange(len(self.x))
        for rows in order.split(self.batch_size):
            yield self.x[rows], self.y[rows]


def resident(batch: int, pictures: int) -> tuple[Batches, Batches]:
    """(training batches, validation batches) from tensors in memory"""
    x, y, x_held, y_held = (torch.from_numpy(part) for part in arrays(pictures))
    return TensorBatches(x, y, batch, True), TensorBatches(x_held, y_held, 1_000, False)


def loaded(batch: int, pictures: int, loaders: int) -> tuple[Batches, Batches]:
    """The same from torchvision's FashionMNIST with its transforms, through DataLoaders, as PyTorch's tutorials do."""
    with tempfile.TemporaryDirectory() as folder:
        whole: Any = torchvision_pictures(Path(folder)).dataset
    split = split_of(np.asarray(whole.targets), pictures)
    return (
        DataLoader(Subset(whole, split.train.tolist()), batch, shuffle=True, num_workers=loaders),
        DataLoader(Subset(whole, split.validation.tolist()), 1_000, num_workers=loaders),
    )


def train(configuration: Configuration, batches: tuple[Batches, Batches], epochs: int, fused: bool) -> dict[str, float]:
    """`seconds` of the whole training with one validation, of which `setup` before the first step; the validation
    `accuracy`. `fused`: Adam as one kernel, which tutorials do without."""
    started = time.perf_counter()
    model = network(configuration)
    optimizer = torch.optim.Adam(model.parameters(), lr=configuration.rate, fused=fused)
    loss_of = nn.CrossEntropyLoss()
    setup = time.perf_counter() - started
    for _ in range(epochs):
        model.train()
        for x, y in batches[0]:
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        right = [(model(x).argmax(1) == y) for x, y in batches[1]]
    accuracy = float(torch.cat(right).double().mean())
    return {"setup": setup, "seconds": time.perf_counter() - started, "accuracy": accuracy}
