"""A small learnable dataset as a .npz file, and a study over it that trains in a second or two."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CLASSES = ("left", "middle", "right")


def pictures(n: int, *, side: int = 8, channels: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [N, C, side, side] noise with a bright bar whose place is the class, and int64 [N] labels 0..2."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(CLASSES)
    images = rng.integers(0, 120, (n, channels, side, side))
    for i, label in enumerate(labels):
        images[i, :, 1:7, 2 * label + 1 : 2 * label + 3] += 90
    return images.astype(np.uint8), labels


def write_squares(path: Path, *, train: int = 240, test: int = 90, seed: int = 0) -> Path:
    images, labels = pictures(train, seed=seed)
    test_images, test_labels = pictures(test, seed=seed + 1000)
    np.savez(path, train_images=images, train_labels=labels, test_images=test_images, test_labels=test_labels,
             classes=np.array(CLASSES))  # fmt: skip
    return path


ENTRIES = {
    "linear": "{model: {linear: {}}, recipe: plain}",
    "mlp": "{model: {mlp: {hidden: [12]}}, recipe: plain}",
    "cnn": "{model: {cnn: {channels: [4], kernel: 3}}, recipe: plain}",
}


def study_text(data: Path, entries: dict[str, str] = ENTRIES, *, seeds: str = "2", epochs: int = 3) -> str:
    """The text of a study file over `data`; `entries`: YAML by name."""
    contestants = "\n".join(f"  {name}: {entry}" for name, entry in entries.items())
    return (
        f"study: squares\nquestion: Where is the bar?\ndata: '{data}'\nsplit: {{validation: 0.2}}\nseeds: {seeds}\n"
        f"recipes:\n  plain: {{lr: 0.01, batch_size: 32, epochs: {epochs}}}\nentries:\n{contestants}\n"
    )


def write_study(path: Path, data: Path, entries: dict[str, str] = ENTRIES, **settings: object) -> Path:
    path.write_text(study_text(data, entries, **settings), encoding="utf-8")  # type: ignore[arg-type]
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
