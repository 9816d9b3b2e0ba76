"""Do early comparisons rank candidates as later ones do? Each next to the one before it."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from bakeoff.judge.estimates import Interval
from bakeoff.judge.search_results import Agreement
from bakeoff.judge.standings import Standing, Standings

FEWEST = 5
"""Candidates below which nothing is said of a rank correlation."""


def agreements(standings: Standings, winner: Standing | None) -> list[Agreement]:
    """Spearman's and Kendall's correlation between successive comparisons, over the cold candidates that have both;
    none where fewer than five have, or where either ranks nothing."""
    found = []
    for before, after in zip(standings.comparisons, standings.comparisons[1:], strict=False):
        both = [s for s in standings.cold if before in s.scores and after in s.scores]
        first = np.array([s.scores[before] for s in both])
        then = np.array([s.scores[after] for s in both])
        if len(both) < FEWEST or np.ptp(first) == 0 or np.ptp(then) == 0:
            continue
        compared = [s.scores[before] for s in standings.cold if before in s.scores]
        rho, tau = float(stats.spearmanr(first, then)[0]), float(stats.kendalltau(first, then)[0])
        own = winner.scores.get(before) if winner else None
        found.append(
            Agreement(
                before=before,
                after=after,
                candidates=len(both),
                spearman=rho,
                spearman_interval=spearman_interval(rho, len(both)),
                kendall=tau,
                kendall_interval=kendall_interval(tau, len(both)),
                winner_rank=1 + sum(score > own for score in compared) if own is not None else None,
                compared=len(compared),
            )
        )
    return found


def spearman_interval(rho: float, n: int) -> Interval:
    """Fisher's z with the standard error of Bonett & Wright (2000, Psychometrika 65:23); n at least 4."""
    return _fisher(rho, math.sqrt((1 + rho**2 / 2) / (n - 3)), "Fisher z, Bonett & Wright")


def kendall_interval(tau: float, n: int) -> Interval:
    """Fisher's z with the standard error of Fieller, Hartley & Pearson (1957, Biometrika 44:470); n at least 5."""
    return _fisher(tau, math.sqrt(0.437 / (n - 4)), "Fisher z, Fieller")


def _fisher(r: float, error: float, kind: str) -> Interval:
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r)))
    half = float(stats.norm.ppf(0.975)) * error
    return Interval(low=min(r, math.tanh(z - half)), high=max(r, math.tanh(z + half)), kind=kind)
