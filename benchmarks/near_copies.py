"""`python -m benchmarks.near_copies [CIFAR_DIR]`: which planted copies the data audit finds, and what else it finds.

Copies of pictures drawn at random, changed in each of the ways below, are added to Fashion-MNIST (and, given a folder
with its files, to CIFAR-10); the audit then searches all of it at once. Prints what docs/findings/BK020.md has.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from bakeoff.data import load_dataset
from bakeoff.data.copies import find_copies

EACH = 200
Change = Callable[[np.ndarray], np.ndarray]
"""uint8 [C, H, W] to the same."""


def picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))


def pixels(image: Image.Image) -> np.ndarray:
    array = np.asarray(image)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def jpeg(quality: int) -> Change:
    def change(x: np.ndarray) -> np.ndarray:
        file = io.BytesIO()
        picture(x).save(file, "JPEG", quality=quality)
        return pixels(Image.open(file))

    return change


def shift(down: int, right: int) -> Change:
    """The border is repeated."""

    def change(x: np.ndarray) -> np.ndarray:
        rows = (np.arange(x.shape[1]) - down).clip(0, x.shape[1] - 1)
        columns = (np.arange(x.shape[2]) - right).clip(0, x.shape[2] - 1)
        return x[:, rows][:, :, columns]

    return change


def enlarge(border: int) -> Change:
    def change(x: np.ndarray) -> np.ndarray:
        h, w = x.shape[1:]
        return pixels(picture(x).resize((w, h), Image.Resampling.BICUBIC, box=(border, border, w - border, h - border)))

    return change


def coarser(share: float) -> Change:
    def change(x: np.ndarray) -> np.ndarray:
        h, w = x.shape[1:]
        small = picture(x).resize((round(share * w), round(share * h)), Image.Resampling.BICUBIC)
        return pixels(small.resize((w, h), Image.Resampling.BICUBIC))

    return change


def levels(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda x: change(x.astype(float)).clip(0, 255).astype(np.uint8)


def noise(x: np.ndarray) -> np.ndarray:
    return x + np.random.default_rng(int(x.sum())).normal(0, 5, x.shape)


CHANGES: dict[str, Change] = {
    "mirrored": lambda x: x[:, :, ::-1],
    "darker and flatter (x 0.7, + 20)": levels(lambda x: 0.7 * x + 20),
    "gamma 0.8": levels(lambda x: 255 * (x / 255) ** 0.8),
    "1.2 times as bright, cut off at white": levels(lambda x: 1.2 * x),
    "noise, sd 5 of 255": levels(noise),
    "JPEG, quality 75": jpeg(75),
    "JPEG, quality 50": jpeg(50),
    "JPEG, quality 30": jpeg(30),
    "mirrored, then JPEG, quality 75": lambda x: jpeg(75)(x[:, :, ::-1]),
    "reduced to 3/4 and enlarged again": coarser(0.75),
    "shifted by 1 pixel": shift(1, -1),
    "shifted by 2 pixels": shift(2, -1),
    "shifted by 3 pixels": shift(-3, 2),
    "enlarged by 1 pixel on each side": enlarge(1),
}


def planted(images: np.ndarray, each: int) -> tuple[list[float], int, float]:
    """(share found of each change, pairs found that were not planted, seconds), searched without a cache."""
    rows = np.random.default_rng(0).choice(len(images), len(CHANGES) * each, replace=False).reshape(len(CHANGES), each)
    copies = [change(images[row]) for change, own in zip(CHANGES.values(), rows, strict=True) for row in own]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        found = find_copies(np.concatenate([images, np.stack(copies)]), Path(folder))
        seconds = time.perf_counter() - started
    n, groups = len(images), found.same
    pairs = {tuple(sorted(pair)) for pair in groups[found.pairs].tolist()}
    there = [
        groups[row] == groups[n + i] or tuple(sorted((int(groups[row]), int(groups[n + i])))) in pairs
        for i, row in enumerate(rows.reshape(-1))
    ]
    others = int((found.pairs < n).all(1).sum())
    return np.array(there).reshape(len(CHANGES), each).mean(1).tolist(), others, seconds


def few(images: np.ndarray, sizes: tuple[int, ...] = (100, 150, 250, 500), rounds: int = 3) -> tuple[int, int, int]:
    """(copies planted, found, other pairs found) over small sets drawn from `images`, a copy each of some changes."""
    changes = [*list(CHANGES.values())[:6], CHANGES["shifted by 1 pixel"]]
    total = right = wrong = 0
    for size in sizes:
        for seed in range(rounds):
            some = images[np.random.default_rng(seed).choice(len(images), size, replace=False)]
            copies = np.stack([change(some[i]) for i, change in enumerate(changes)])
            pairs = {tuple(p) for p in find_copies(np.concatenate([some, copies])).pairs.tolist()}
            wanted = {(i, size + i) for i in range(len(changes))}
            total, right, wrong = total + len(wanted), right + len(pairs & wanted), wrong + len(pairs - wanted)
    return total, right, wrong


def main() -> None:
    sets = {"fashion-mnist": load_dataset("fashion-mnist")}
    if len(sys.argv) > 1:
        dataset = load_dataset("cifar10", data_dir=sys.argv[1], called="cifar10-jpeg")
        sets[dataset.name] = dataset
    images = {name: np.concatenate([d.train.images.numpy(), d.test.images.numpy()]) for name, d in sets.items()}
    found = {name: planted(every, EACH) for name, every in images.items()}
    print(f"| share found of {EACH} copies each | " + " | ".join(found) + " |")
    print("| --- |" + " ---: |" * len(found))
    for i, name in enumerate(CHANGES):
        print(f"| {name} | " + " | ".join(f"{100 * shares[i]:.0f}%" for shares, _, _ in found.values()) + " |")
    for name, (_, others, seconds) in found.items():
        print(f"\n{name}: {len(images[name]):,} pictures and the copies in {seconds:.0f} s; {others} pairs not planted")
        total, right, wrong = few(images[name])
        print(f"small sets of {name}: {right} of {total} copies found, {wrong} other pairs")


if __name__ == "__main__":
    main()
