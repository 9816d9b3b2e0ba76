"""The sheets of every packaged entry, and stand-ins for datasets that are not on this machine."""

from __future__ import annotations

import pytest
import torch

from bakeoff.api import ModelSheet, packaged_sheets
from bakeoff.data import Dataset, describe
from bakeoff.data.dataset import Examples
from bakeoff.fleet import DataRef

TRAIN = {"fashion-mnist": 60_000}
TRAIN_CIFAR, TEST = 50_000, 10_000


@pytest.fixture(scope="session")
def sheets() -> list[ModelSheet]:
    return packaged_sheets()


@pytest.fixture(scope="session")
def systems(sheets) -> dict[str, ModelSheet]:
    """By the system that they rebuild."""
    return {sheet.seed_id: sheet for sheet in sheets if sheet.seed_id}


@pytest.fixture(scope="session")
def stand_ins() -> dict[str, Dataset]:
    """Black pictures in the shape and number of each known dataset."""

    def part(count: int, shape: tuple[int, int, int], classes: int) -> Examples:
        return Examples(torch.zeros(count, *shape, dtype=torch.uint8), torch.arange(count) % classes)

    return {
        known.name: Dataset(
            known.name,
            tuple(f"class {i}" for i in range(known.classes)),
            part(TRAIN.get(known.name, TRAIN_CIFAR), known.shape, known.classes),
            part(TEST, known.shape, known.classes),
        )
        for known in describe()
    }


@pytest.fixture
def no_data(monkeypatch, stand_ins):
    """Studies find the stand-ins."""
    monkeypatch.setattr(DataRef, "load", lambda self: stand_ins[self.name])
