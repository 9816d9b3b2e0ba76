"""Hyperband (Li et al. 2017): successive halving from several first rungs, since nobody knows how early the good ones
show. The first bracket starts many on the first rung, the last a few on the last: a random search in small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bakeoff.search.rungs import ladder
from bakeoff.search.spec import Rung, SearchSpec, Stage, stages
from bakeoff.search.strategies.draws import Draws
from bakeoff.search.strategies.halving import Bracket, line_up
from bakeoff.search.strategies.space import Space
from bakeoff.search.strategy import Generation, Told


def hyperband_search(spec: SearchSpec, space: Space, epochs: int) -> Hyperband:
    rungs = ladder(spec, epochs)
    sizes = bracket_sizes(len(rungs), spec.eta, spec.trials)
    candidates, start, brackets = Draws(space, spec).first(sum(sizes)), 0, []
    for first, size in enumerate(sizes):
        asks = line_up(candidates[start : start + size], spec.seed, start)
        brackets.append(Bracket(asks, _from_rung(rungs, first), spec.eta, spec.seed))
        start += size
    return Hyperband(tuple(brackets))


def bracket_sizes(rungs: int, eta: int, trials: int | None) -> list[int]:
    """Candidates of each bracket, the one from the first rung first: ceil((s_max + 1) / (s + 1) x eta^s), with s rungs
    to climb (Li et al. 2017, algorithm 1), so that all cost about the same; in these proportions where `trials` says
    how many there are."""
    sizes = [-(-rungs * eta**s // (s + 1)) for s in reversed(range(rungs))]
    if trials is None:
        return sizes
    shares = [trials * size / sum(sizes) for size in sizes]
    scaled = [int(share) for share in shares]
    by_remainder = sorted(range(rungs), key=lambda i: (scaled[i] - shares[i], i))
    for i in by_remainder[: trials - sum(scaled)]:
        scaled[i] += 1
    return scaled


def _from_rung(rungs: tuple[Rung, ...], first: int) -> tuple[tuple[int, Stage], ...]:
    """The stages from rung `first` on, with the numbers that they have in the whole climb: a stage is known by its
    data, wherever a bracket joins it."""
    skipped = len(stages(rungs)) - len(stages(rungs[first:]))
    return tuple(enumerate(stages(rungs[first:]), skipped))


@dataclass(frozen=True)
class Hyperband:
    """One bracket after the other."""

    brackets: tuple[Bracket, ...]

    def next(self, told: Sequence[Sequence[Told]]) -> Generation | None:
        for bracket in self.brackets:
            used = bracket.used(told)
            if used == len(told) and (generation := bracket.next(told)):
                return generation
            told = told[used:]
        return None
