"""Folders of small noise pictures, for tests of the readers."""

from __future__ import annotations

import numpy as np
from PIL import Image


def paint(path, number, mode="RGB", size=(10, 8)):
    """A picture of noise that is a function of `number`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(number).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).convert(mode).save(path)


def fill(root, parts=("",), classes=("cat", "dog"), count=10, **options):
    number = 0
    for part in parts:
        for name in classes:
            for i in range(count):
                number += 1
                paint(root / part / name / f"{i:02}.png", number, **options)
    return root
