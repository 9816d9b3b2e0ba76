"""How many seeds does each entry need? Decided on validation, look by look, from nothing but the runs.

Shapes: S seeds, V validation pictures. A table of correctness is bool [S, V].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import special

from bakeoff.judge.compare import Crossed, compare_all, half_width
from bakeoff.judge.estimates import Interval
from bakeoff.judge.seed_results import PairLook, PairState, SeedLook, SeedRule, SeedsResult
from bakeoff.judge.seed_words import sentences
from bakeoff.judge.sequential import LEVEL, nominal_levels
from bakeoff.judge.words import counted

SPENDING = "alpha spending by the cube of the share of seeds (Lan & DeMets; Kim & DeMets), Holm over pairs"
HOPE = 0.1
"""A pair is out of reach if unlimited seeds would decide it with less than this probability."""

Table = Callable[[str, int], np.ndarray | None]
"""(entry, n) -> correctness of its first n seeds' sound runs on validation, None while a training is missing."""
Names = tuple[str, str]


def review(names: Sequence[str], table: Table, rule: SeedRule, *, margin: float, test_images: int) -> SeedsResult:
    """Replay every look that the finished trainings allow. Says how many seeds each entry wants by now, and if that is
    all, why. The same runs give the same decisions; nothing else is remembered. The test set plays no part but by its
    size."""
    wanted = dict.fromkeys(names, rule.min)
    states: dict[Names, PairState] = dict.fromkeys(combinations(names, 2), "open")
    history: dict[Names, list[float]] = {pair: [] for pair in states}
    looks: list[SeedLook] = []
    stopped = ""
    for number, seeds in enumerate(rule.looks):
        before = [pair for pair, state in states.items() if state == "open"]
        active = [name for name in names if number == 0 or any(name in pair for pair in before)]
        wanted |= dict.fromkeys(active, seeds)
        tables = {name: table(name, wanted[name]) for name in names}
        if any(found is None for found in tables.values()):
            break
        sound = {name: found for name, found in tables.items() if found is not None and min(len(found), found.size) > 1}
        found = _compared(sound)
        for pair in before:
            if pair in found:
                history[pair].append(found[pair].p)
            else:
                states[pair] = "not compared"
        _decide(states, history, found, rule, margin)
        if seeds < rule.max:
            _give_up(states, found, margin, _share(sound, test_images))
        looks.append(_look(seeds, active, before, states, history, found, rule))
        stopped = _why(states, seeds, rule)
        if stopped:
            break
    return SeedsResult(
        rule=rule,
        planned=list(rule.looks),
        spending=SPENDING,
        level=nominal_levels(rule.looks, LEVEL)[-1],
        looks=looks,
        wanted=wanted,
        stopped=stopped,
    )


def with_test_looks(record: SeedsResult, entries: Mapping[str, Sequence[str]], opened: Sequence[str]) -> SeedsResult:
    """The record in words, with what the ledger says of the test set. `entries`: run keys of each; `opened`: run keys
    in the order in which they were opened. One opening goes through the entries one by one; if it comes back to one,
    seeds were added after an earlier opening."""
    owner = {key: name for name, keys in entries.items() for key in keys}
    order = [owner[key] for key in opened if key in owner]
    visits = [name for i, name in enumerate(order) if i == 0 or name != order[i - 1]]
    told = record.model_copy(update={"test_seen": len(visits) > len(set(visits))})
    return told.model_copy(update={"sentences": sentences(told)})


def _compared(sound: Mapping[str, np.ndarray]) -> dict[Names, Crossed]:
    names = list(sound)
    return {(names[pair.a], names[pair.b]): pair.crossed for pair in compare_all(list(sound.values()))}


def _level(states: Mapping[Names, PairState]) -> float:
    """Holm's: shared by all pairs that have not been found to differ."""
    return LEVEL / max(1, sum(state != "better" for state in states.values()))


def _decide(
    states: dict[Names, PairState], history: Mapping[Names, list[float]], found: Mapping[Names, Crossed],
    rule: SeedRule, margin: float,
) -> None:  # fmt: skip
    """Step down, a spending function for each hypothesis (Maurer & Bretz 2013, Statist. Biopharm. Res. 5:311); then
    call equivalent what lies within the margin by its repeated interval (Jennison & Turnbull 1989)."""
    while True:
        levels = nominal_levels(rule.looks, _level(states))
        beaten = [
            pair
            for pair, state in states.items()
            if state == "open" and any(p <= level for p, level in zip(history[pair], levels, strict=False))
        ]
        if not beaten:
            break
        states |= dict.fromkeys(beaten, "better")
    for pair, state in states.items():
        if state == "open":
            interval = _interval(found[pair], nominal_levels(rule.looks, LEVEL)[len(history[pair]) - 1])
            if -margin <= interval.low and interval.high <= margin:
                states[pair] = "equivalent"


def _interval(crossed: Crossed, level: float) -> Interval:
    half = half_width(crossed.variance, crossed.degrees_of_freedom, level)
    low, high = max(-1.0, crossed.difference - half), min(1.0, crossed.difference + half)
    return Interval(low=low, high=high, kind="repeated (Jennison & Turnbull), seeds x images", level=1 - level)


def _share(sound: Mapping[str, np.ndarray], test_images: int) -> float:
    """Validation pictures as a share of the larger of both sets: what these few cannot tell the test set may."""
    images = next((found.shape[1] for found in sound.values()), 1)
    return images / max(images, test_images)


def _give_up(states: dict[Names, PairState], found: Mapping[Names, Crossed], margin: float, share: float) -> None:
    level = _level(states)
    for pair, state in states.items():
        if state == "open" and chance_to_decide(found[pair], margin=margin, level=level, share=share) < HOPE:
            states[pair] = "out of reach"


def chance_to_decide(crossed: Crossed, *, margin: float, level: float, share: float = 1.0) -> float:
    """The probability that a pair would be decided by unlimited seeds: the difference then is normal about what it is
    now, with the variance of the seeds, and the images alone, `share` of what they are here, make it uncertain
    (predictive power: Spiegelhalter, Freedman & Blackburn 1986)."""
    noise = math.sqrt(crossed.variance_seeds)
    images = math.sqrt(max(0.0, crossed.variance_images - crossed.variance_residual) * share)
    apart, alike = float(-special.ndtri(level / 2)) * images, margin - float(-special.ndtri(LEVEL / 2)) * images
    if noise == 0:
        size = abs(crossed.difference)
        return float(size > apart or size < alike)

    def below(bound: float) -> float:
        return float(special.ndtr((bound - crossed.difference) / noise))

    better = 1 - (below(apart) - below(-apart))
    return min(1.0, better + max(0.0, below(alike) - below(-alike)) if alike > 0 else better)


def _look(
    seeds: int, active: list[str], before: Sequence[Names], states: Mapping[Names, PairState],
    history: Mapping[Names, list[float]], found: Mapping[Names, Crossed], rule: SeedRule,
) -> SeedLook:  # fmt: skip
    pairs = []
    for pair in before:
        looked = PairLook(a=pair[0], b=pair[1], decision=states[pair])
        if pair in found:
            at = len(history[pair]) - 1
            figures = {
                "difference": found[pair].difference,
                "interval": _interval(found[pair], nominal_levels(rule.looks, LEVEL)[at]),
                "p": found[pair].p,
                "level": nominal_levels(rule.looks, _level(states))[at],
            }
            looked = looked.model_copy(update=figures)
        pairs.append(looked)
    return SeedLook(seeds=seeds, entries=active, pairs=pairs, open=sum(s == "open" for s in states.values()))


def _why(states: Mapping[Names, PairState], seeds: int, rule: SeedRule) -> str:
    """Why no seeds are added; empty where some are."""
    if not states:
        return "there is one entry only, so nothing to decide"
    counts = {state: sum(s == state for s in states.values()) for state in ("open", "out of reach", "not compared")}
    if counts["open"] and seeds < rule.max:
        return ""
    told = []
    if counts["open"]:
        told.append(f"{counts['open']} still open at the most seeds allowed")
    if counts["out of reach"]:
        told.append(
            f"{counts['out of reach']} that more seeds would not decide, because too few pictures tell them apart"
        )
    if counts["not compared"]:
        told.append(f"{counts['not compared']} that validation cannot compare")
    decided = len(states) - sum(counts.values())
    return f"of {counted(len(states), 'pair')} {decided} decided on validation" + "".join(f", {part}" for part in told)
