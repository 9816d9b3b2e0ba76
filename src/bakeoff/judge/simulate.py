"""Studies drawn from a known truth, put before the real comparisons: do intervals cover, are equal entries called better?

Shapes: E entries, S seeds, N images. A drawn study is a bool table of correctness [S, N] an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from bakeoff.judge.compare import compare_all, decide, holm


@dataclass(frozen=True)
class World:
    """How correctness comes about, on a probit scale: an image is right if skill + difficulty x image + interaction x
    (image, recipe) + seed_sd x (recipe, seed) + noise > 0. Images differ in difficulty, seeds in skill, and with
    `interaction` each recipe finds other images difficult, so that recipes are equal on average only. `lead`: how much
    more accurate (0..1) the first entry is than the others."""

    accuracy: float = 0.9
    difficulty: float = 1.5
    interaction: float = 0.0
    seed_sd: float = 0.03
    lead: float = 0.0

    def draw(self, rng: np.random.Generator, *, entries: int, seeds: int, images: int) -> list[np.ndarray]:
        """E tables [S, N] over the same images."""
        scale = np.sqrt(1 + self.difficulty**2 + self.interaction**2 + self.seed_sd**2)
        hard = self.difficulty * rng.standard_normal(images, np.float32)
        tables = []
        for entry in range(entries):
            skill = ndtri(self.accuracy + (self.lead if entry == 0 else 0.0)) * scale
            level = hard + np.float32(skill)
            if self.interaction:
                level += self.interaction * rng.standard_normal(images, np.float32)
            shift = self.seed_sd * rng.standard_normal((seeds, 1), np.float32)
            tables.append(rng.standard_normal((seeds, images), np.float32) < level + shift)
        return tables
