import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))

from learnable import DATASET, SPLIT

from bakeoff.data import save_split
from bakeoff.fleet import DataRef
from bakeoff.runs.paths import StudyPaths


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataRef:
    """The learnable squares as a file that worker processes read for themselves."""
    path = tmp_path_factory.mktemp("data") / "squares.npz"
    np.savez(
        path,
        x_train=DATASET.train.images.numpy(),
        y_train=DATASET.train.labels.numpy(),
        x_test=DATASET.test.images.numpy(),
        y_test=DATASET.test.labels.numpy(),
        classes=np.array(DATASET.classes),
    )
    return DataRef(name=str(path))


@pytest.fixture
def new_study(tmp_path: Path):
    """Makes study folders that hold the split."""

    def make(name: str) -> Path:
        save_split(StudyPaths(tmp_path / name).split(SPLIT.digest), SPLIT)
        return tmp_path / name

    return make
