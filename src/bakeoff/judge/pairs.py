"""Two entries at a time: these checkpoints, these recipes, and the verdict. Corrected over all pairs by Holm."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from bakeoff.judge.compare import Crossed, compare_all, decide, holm, mcnemar_midp
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.intervals import newcombe_paired
from bakeoff.judge.power import detectable
from bakeoff.judge.results import Checkpoints, Interval, PairResult, Recipes
from bakeoff.judge.words import pair_sentence

RECIPES = "seeds x images (Obuchowski-Rockette), t"


def judge_pairs(ranked: list[Evidence], margin: float, level: float = 0.05) -> list[PairResult]:
    """All pairs of entries in ranking order, the better mean first. `level`: what looks that decided the number of
    seeds have left of 0.05."""
    fixed = [i for i, e in enumerate(ranked) if e.as_it_is]
    found = {(pair.a, pair.b): pair.crossed for pair in compare_all([e.correct for e in ranked], level, fixed)}
    corrected = dict(zip(found, holm(np.array([crossed.p for crossed in found.values()]), level), strict=True))
    return [
        _pair(ranked[i], ranked[j], found.get((i, j)), corrected.get((i, j)), len(found), margin, level)
        for i, j in combinations(range(len(ranked)), 2)
    ]


def _pair(
    a: Evidence, b: Evidence, crossed: Crossed | None, p_holm: float | None, comparisons: int, margin: float,
    level: float,
) -> PairResult:  # fmt: skip
    if crossed is None or p_holm is None:
        difference = float(a.correct.mean() - b.correct.mean())
        sentence = pair_sentence(a.name, b.name, difference, None, None, "undecided", margin, None)
        return PairResult(
            a=a.name, b=b.name, checkpoints=_checkpoints(a, b), recipes=None, verdict="undecided", detectable=None,
            sentence=sentence,
        )  # fmt: skip
    kind = RECIPES if level == 0.05 else f"{RECIPES}, widened for the looks that decided on seeds"
    interval = Interval(low=crossed.low, high=crossed.high, kind=kind)
    verdict = decide(crossed.low, crossed.high, p_holm, margin)
    found = detectable(crossed.variance, crossed.degrees_of_freedom, comparisons=comparisons, level=level)
    smallest = found if found < 1 else None
    return PairResult(
        a=a.name,
        b=b.name,
        checkpoints=_checkpoints(a, b),
        recipes=Recipes(
            difference=crossed.difference,
            interval=interval,
            degrees_of_freedom=crossed.degrees_of_freedom,
            p=crossed.p,
            p_holm=float(p_holm),
            variance_images=crossed.variance_images,
            variance_seeds=crossed.variance_seeds,
            variance_residual=crossed.variance_residual,
        ),
        verdict=verdict,
        detectable=smallest,
        sentence=pair_sentence(a.name, b.name, crossed.difference, interval, float(p_holm), verdict, margin, smallest),
    )


def _checkpoints(a: Evidence, b: Evidence) -> Checkpoints | None:
    """The runs of the first common seed; None if there is none."""
    seeds_a, seeds_b = ([run.job.seed for run in e.runs] for e in (a, b))
    common = [seed for seed in seeds_a if seed in seeds_b]
    if not common:
        return None
    x, y = a.correct[seeds_a.index(common[0])], b.correct[seeds_b.index(common[0])]
    only_a, only_b = int((x & ~y).sum()), int((~x & y).sum())
    both, neither = int((x & y).sum()), int((~x & ~y).sum())
    return Checkpoints(
        difference=(only_a - only_b) / len(x),
        interval=newcombe_paired(both, only_a, only_b, neither),
        only_a=only_a,
        only_b=only_b,
        p=mcnemar_midp(only_a, only_b),
        seed=common[0],
    )
