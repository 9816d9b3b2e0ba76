"""Studies with a known truth, put before the real judge: do intervals cover, is an equal entry called better, is a true
difference found?

Shapes: E entries, S seeds, N images. A drawn study is a bool table of correctness [S, N] an entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from bakeoff.judge.compare import compare_all, decide, holm
from bakeoff.judge.power import Components, components, mean_components
from bakeoff.judge.seed_results import SeedRule
from bakeoff.judge.seeds import review

VALIDATION = 0.6
"""Validation pictures of an adaptive study, as a share of its test pictures: 6,000 of 10,000, as in Fashion-MNIST."""


class Truth(Protocol):
    """Where studies are drawn from. `lead`: how much more accurate (0..1) the first entry is; the others are equal."""

    @property
    def lead(self) -> float: ...

    def draw(self, rng: np.random.Generator, *, entries: int, seeds: int, images: int) -> list[np.ndarray]:
        """E tables [S, N] over the same images."""
        ...


@dataclass(frozen=True)
class World:
    """Correctness on a probit scale: an image is right if skill + difficulty x image + interaction x (image, recipe) +
    seed_sd x (recipe, seed) + noise > 0. Images differ in difficulty, seeds in skill, and with `interaction` each
    recipe finds other images difficult, so that recipes are equal on average only."""

    accuracy: float = 0.9
    difficulty: float = 1.5
    interaction: float = 0.0
    seed_sd: float = 0.03
    lead: float = 0.0

    def draw(self, rng: np.random.Generator, *, entries: int, seeds: int, images: int) -> list[np.ndarray]:
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


@dataclass(frozen=True, eq=False)
class Dealt:
    """Real seeds of one entry, `correct` bool [R, N], dealt out to entries that do not differ. Images are drawn anew
    for each study, with replacement: what is known of all images there are."""

    correct: np.ndarray
    lead: float = 0.0

    def draw(self, rng: np.random.Generator, *, entries: int, seeds: int, images: int) -> list[np.ndarray]:
        chosen = rng.permutation(len(self.correct))[: entries * seeds].reshape(entries, seeds)
        drawn = self.correct[:, rng.integers(0, self.correct.shape[1], images)]
        return [drawn[rows] for rows in chosen]


@dataclass(frozen=True)
class Simulation:
    """`false_better`: share of studies with at least one *better* between entries that are equal; a margin of
    equivalence would only make it less, so there is none. `coverage`: share of intervals that hold the true difference.
    `found`: share of true differences with a corrected p below 0.05; None where there are none. `seeds`: mean number an
    entry."""

    studies: int
    false_better: float
    coverage: float
    found: float | None
    seeds: float


Drawn = tuple[list[np.ndarray], float]
"""The tables that are judged, and the level that looks before have left."""


def simulate(truth: Truth, *, entries: int, seeds: int, images: int, studies: int, seed: int = 0) -> Simulation:
    """Judge so many studies of a fixed number of seeds."""

    def study(rng: np.random.Generator) -> Drawn:
        return truth.draw(rng, entries=entries, seeds=seeds, images=images), 0.05

    return _simulate(study, truth.lead, studies, [seed, entries, seeds, images])


def simulate_adaptive(
    truth: Truth, rule: SeedRule, *, entries: int, images: int, studies: int, seed: int = 0, margin: float = 0.005
) -> Simulation:
    """Judge so many studies on test pictures whose validation pictures decided how many seeds each entry got."""
    validation = round(VALIDATION * images)
    names = [str(entry) for entry in range(entries)]

    def study(rng: np.random.Generator) -> Drawn:
        tables = truth.draw(rng, entries=entries, seeds=rule.max, images=validation + images)

        def table(name: str, seeds: int) -> np.ndarray:
            return tables[int(name)][:seeds, :validation]

        record = review(names, table, rule, margin=margin, test_images=images)
        return [tables[int(name)][: record.wanted[name], validation:] for name in names], record.level

    return _simulate(study, truth.lead, studies, [seed, entries, rule.min, rule.max, images])


def _simulate(study: Callable[[np.random.Generator], Drawn], lead: float, studies: int, seed: list[int]) -> Simulation:
    rng = np.random.Generator(np.random.PCG64(seed))
    false, covered, found, used = 0, [], [], []
    for _ in range(studies):
        tables, level = study(rng)
        pairs = compare_all(tables, level)
        corrected = holm(np.array([pair.crossed.p for pair in pairs]), level)
        true = np.array([lead if pair.a == 0 else 0.0 for pair in pairs])
        better = [
            decide(pair.crossed.low, pair.crossed.high, p, 0.0) == "better"
            for pair, p in zip(pairs, corrected, strict=True)
        ]
        false += bool(np.any(np.array(better)[true == 0]))
        covered.append(np.mean([p.crossed.low <= t <= p.crossed.high for p, t in zip(pairs, true, strict=True)]))
        found.append(np.mean(corrected[true != 0] < 0.05) if lead else np.nan)
        used.append(np.mean([len(table) for table in tables]))
    power = float(np.mean(found)) if lead else None
    return Simulation(studies, false / studies, float(np.mean(covered)), power, float(np.mean(used)))


@cache
def noise_of(world: World) -> Components:
    """Where the noise of a difference comes from, estimated from a few very large studies."""
    rng = np.random.Generator(np.random.PCG64(0))
    studies = [world.draw(rng, entries=2, seeds=40, images=10_000) for _ in range(10)]
    return mean_components([components(a, b, None) for a, b in studies])


def with_lead(world: World, *, entries: int, seeds: int, images: int) -> World:
    """The same world in which the first entry leads by the difference that such a study is said to detect."""
    return replace(world, lead=noise_of(world).detectable(seeds=seeds, images=images, entries=entries))
