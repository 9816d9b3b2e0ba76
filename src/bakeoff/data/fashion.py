"""Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747), carried whole in the package, and any folder
with the four files of MNIST's own layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bakeoff.data.arrays import from_arrays
from bakeoff.data.dataset import Dataset
from bakeoff.data.idx import read_idx
from bakeoff.data.stream import shown
from bakeoff.errors import DataError

FASHION_FOLDER = Path(__file__).parent / "files" / "fashion-mnist"
FASHION_SOURCE = "Fashion-MNIST by Zalando SE (Xiao, Rasul & Vollgraf 2017), carried inside the package"
FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FASHION_SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""Of the decompressed files."""


def load_fashion_mnist(folder: Path = FASHION_FOLDER) -> Dataset:
    """60,000 training and 10,000 test pictures, [1, 28, 28], 10 classes. Raises DataError naming a file whose
    content is not the published one."""
    dataset = read_idx_folder(
        folder,
        name="fashion-mnist",
        classes=FASHION_CLASSES,
        sha256=FASHION_SHA256,
        source=FASHION_SOURCE,
        licence="MIT",
    )
    return replace(dataset, official=True)


def is_idx_folder(folder: Path) -> bool:
    """True if the folder holds at least one of the four files, so that a missing one can be named."""
    return any(_find(folder, stem) is not None for stem in FASHION_SHA256)


def read_idx_folder(
    folder: Path,
    *,
    name: str,
    classes: tuple[str, ...] | None = None,
    sha256: dict[str, str] | None = None,
    source: str = "",
    licence: str = "unknown",
) -> Dataset:
    """A dataset from `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
    `t10k-labels-idx1-ubyte`, each plain or `.gz`. Raises DataError naming the file that is missing or bad."""
    arrays = []
    for stem in FASHION_SHA256:
        path = _find(folder, stem)
        if path is None:
            raise DataError(f"{shown(folder / stem)}: no such file, plain or .gz")
        expected = None if sha256 is None else sha256[stem]
        arrays.append(read_idx(path, dimensions=3 if "images" in stem else 1, sha256=expected))
    train_images, train_labels, test_images, test_labels = arrays
    return from_arrays(
        train_images,
        train_labels,
        test_images,
        test_labels,
        classes=classes,
        name=name,
        source=source or f"IDX files in the folder {shown(folder)}",
        licence=licence,
    )


def _find(folder: Path, stem: str) -> Path | None:
    return next((p for p in (folder / f"{stem}.gz", folder / stem) if p.is_file()), None)
