"""Who wins."""

from __future__ import annotations

import math

from bowl import finite

from bakeoff.search.select import rank
from bakeoff.search.strategy import Ask, Told

CANDIDATES = list(finite().candidates())


def told(
    number: int, *scores: float, stage: int = 0, whole: bool = True, parent: str = "", candidate: int = -1
) -> Told:
    one = CANDIDATES[number if candidate < 0 else candidate]
    return Told(Ask(number, one, parent), stage, scores, whole)


def numbers(ranked: tuple[Told, ...]) -> list[int]:
    return [one.ask.number for one in ranked]


def test_the_latest_stage_counts_first_then_the_score():
    first = [told(0, 0.9), told(1, 0.8), told(2, 0.7)]
    second = [told(1, 0.4, stage=1), told(2, 0.5, stage=1)]
    ranked = rank([first, second]).cold
    assert numbers(ranked) == [2, 1, 0]
    assert [one.score for one in ranked] == [0.5, 0.4, 0.9]


def test_the_end_of_a_stage_counts_before_its_rungs_and_late_rungs_before_early_ones():
    ranked = rank([[told(0, 0.9, whole=False), told(1, 0.5, 0.6, whole=False), told(2, 0.1, 0.2, 0.3), told(3, 0.4)]])
    assert numbers(ranked.cold) == [3, 2, 1, 0]


def test_ties_go_to_fewer_weights_then_to_the_lower_number():
    generation = [told(i, 0.5) for i in range(4)]
    sizes = {CANDIDATES[0].key: 30, CANDIDATES[1].key: 20, CANDIDATES[2].key: 10, CANDIDATES[3].key: 10}
    assert numbers(rank([generation], sizes).cold) == [2, 3, 1, 0]
    assert numbers(rank([generation[::-1]]).cold) == [0, 1, 2, 3]


def test_warm_and_cold_twins_stand_apart():
    key = CANDIDATES[0].key
    ranked = rank([[told(0, 0.5)], [told(1, 0.9, parent=key, candidate=5), told(2, 0.6, candidate=5)]])
    assert numbers(ranked.cold) == [2, 0]
    assert numbers(ranked.warm) == [1]


def test_who_diverged_is_left_out_even_if_it_did_well_before():
    ranked = rank(
        [[told(0, 0.9), told(1, 0.5), told(2, -math.inf, whole=False)], [told(0, -math.inf, stage=1, whole=False)]]
    )
    assert numbers(ranked.cold) == [1]


def test_nothing_told():
    assert rank([]).cold == rank([[]]).warm == ()
