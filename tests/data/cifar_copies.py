"""Small copies of CIFAR in the official layouts, written byte by byte."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np

NAMES10 = [f"class {i}" for i in range(10)]
COARSE, FINE = [f"super {i}" for i in range(20)], [f"fine {i}" for i in range(100)]


def pictures(n: int, seed: int) -> np.ndarray:
    """uint8 [n, 3, 32, 32]"""
    return np.random.default_rng(seed).integers(0, 256, (n, 3, 32, 32)).astype(np.uint8)


def cifar10(folder: Path, layout: str, *, each: int = 20) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Five training batches and a test batch of `each`; returns name -> (pictures, labels)."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {}
    for i, name in enumerate([*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]):
        images, labels = pictures(each, i), np.arange(each) % 10
        told[name] = (images, labels)
        if layout == "binary":
            rows = np.hstack([labels[:, None], images.reshape(each, -1)]).astype(np.uint8)
            (folder / f"{name}.bin").write_bytes(rows.tobytes())
        else:
            dump(folder / name, {b"batch_label": b"x", b"labels": labels.tolist(),
                                 b"data": images.reshape(each, -1), b"filenames": [b"a.png"] * each})  # fmt: skip
    if layout == "binary":
        (folder / "batches.meta.txt").write_text("\n".join(NAMES10) + "\n\n")
    else:
        dump(folder / "batches.meta", {b"label_names": [n.encode() for n in NAMES10], b"num_vis": 3072})
    return told


def cifar100(folder: Path, layout: str, *, n: int = 200, superclass_of: np.ndarray | None = None) -> np.ndarray:
    """train and test of `n`; returns the superclass numbers by class."""
    folder.mkdir(parents=True, exist_ok=True)
    above = np.arange(100) % 20 if superclass_of is None else superclass_of
    for seed, name in enumerate(("train", "test")):
        images, fine = pictures(n, seed), np.arange(n) % 100
        coarse = above[fine] if len(above) == 100 else above[:n]
        if layout == "binary":
            rows = np.hstack([coarse[:, None], fine[:, None], images.reshape(n, -1)]).astype(np.uint8)
            (folder / f"{name}.bin").write_bytes(rows.tobytes())
        else:
            dump(folder / name, {b"fine_labels": fine.tolist(), b"coarse_labels": coarse.tolist(),
                                 b"data": images.reshape(n, -1), b"filenames": [b"a"] * n})  # fmt: skip
    for kind, names in (("coarse", COARSE), ("fine", FINE)):
        if layout == "binary":
            (folder / f"{kind}_label_names.txt").write_text("\n".join(names) + "\n")
    if layout == "python":
        dump(folder / "meta", {b"fine_label_names": [n.encode() for n in FINE],
                               b"coarse_label_names": [n.encode() for n in COARSE]})  # fmt: skip
    return above


def dump(path: Path, value: object, protocol: int = 2) -> None:
    path.write_bytes(pickle.dumps(value, protocol))


def archive(path: Path, folder: Path, *, inside: str = "cifar") -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for file in sorted(folder.iterdir()):
            info = tarfile.TarInfo(f"{inside}/{file.name}")
            info.size = file.stat().st_size
            tar.addfile(info, io.BytesIO(file.read_bytes()))
    return path
