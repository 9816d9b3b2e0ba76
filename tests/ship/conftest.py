from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from models import made_up


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model():
    """A small net that subtracts a mean picture."""
    return made_up({"cnn": {"channels": [4], "kernel": 3}}, (3, 8, 10), seed=1)
