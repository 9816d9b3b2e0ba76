"""What people use today: the plain PyTorch loop over a Dataset and a DataLoader, and skorch.

All train the same network on the same 54,000 pictures with Adam at the same batch size; only the training pass is
timed, no validation. Written the usual way, not slowed down and not tuned beyond threads and memory format. The
usual loop comes with two datasets: torchvision's own `FashionMNIST` with `ToTensor` and `Normalize`, as in PyTorch's
tutorials, and a lean one over arrays, the least that a Dataset can do.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from bakeoff.data.fashion import FASHION_FOLDER
from bakeoff.models.vision import import_torchvision


def network(kind: str, memory_format: torch.memory_format = torch.contiguous_format) -> nn.Module:
    if kind == "fcn-100k":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 112), nn.ReLU(), nn.Dropout(0.5), nn.Linear(112, 106), nn.ReLU(),
            nn.Dropout(0.5), nn.Linear(106, 10),
        )  # fmt: skip
    return nn.Sequential(
        nn.Conv2d(1, 12, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(24 * 49, 10),
    ).to(memory_format=memory_format)  # type: ignore[call-overload]  # fmt: skip


def torchvision_pictures(folder: Path) -> Subset:
    """torchvision's FashionMNIST over the packaged files, unpacked below `folder`; the first 54,000 pictures."""
    import_torchvision()
    from torchvision import datasets, transforms

    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in FASHION_FOLDER.glob("*.gz"):
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    changes = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.286,), (0.353,))])
    return Subset(datasets.FashionMNIST(folder, train=True, transform=changes), range(54_000))


class Pictures(Dataset):
    """The leanest dataset: one picture at a time from an array, scaled and normalised when it is asked for."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        image = torch.from_numpy(self.images[i]).float().div(255)
        return (image - 0.286) / 0.353, int(self.labels[i])


def usual_loop(kind: str, images: np.ndarray, labels: np.ndarray, batch: int, loaders: int, lean: bool) -> float:
    """Seconds for one epoch of the usual loop."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures(images, labels) if lean else torchvision_pictures(Path(folder))
    torch.manual_seed(0)
    model = network(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()
    loader = DataLoader(pictures, batch, shuffle=True, num_workers=loaders)
    model.train()
    started = time.perf_counter()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
    return time.perf_counter() - started


def skorch_epoch(kind: str, images: np.ndarray, labels: np.ndarray, batch: int, channels_last: bool) -> float:
    """Seconds for one epoch of skorch's NeuralNetClassifier on float arrays in memory, after one to warm up."""
    from skorch import NeuralNetClassifier

    torch.manual_seed(0)
    x = ((images / 255.0 - 0.286) / 0.353).astype(np.float32)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    tensor = torch.from_numpy(x).contiguous(memory_format=layout)
    net = NeuralNetClassifier(
        network(kind, layout), criterion=nn.CrossEntropyLoss, optimizer=torch.optim.Adam, lr=1e-3, max_epochs=1,
        batch_size=batch, iterator_train__shuffle=True, train_split=None, verbose=0,
    )  # fmt: skip
    net.initialize()
    net.partial_fit(tensor[: 20 * batch], labels[: 20 * batch].astype(np.int64))
    started = time.perf_counter()
    net.partial_fit(tensor, labels.astype(np.int64))
    return time.perf_counter() - started
