"""The best so far, whatever the order in which packs end."""

from __future__ import annotations

import itertools

from searches import halving_search, random_search

from bakeoff.judge.search import judge_search
from bakeoff.search.leader import Leader
from bakeoff.search.spec import SearchSpec


def leader_of(spec: SearchSpec, trials, epochs: int) -> Leader:
    leader = Leader(spec, epochs)
    for trial in trials:
        leader.take([trial])
    return leader


def test_it_is_the_judges_winner_at_the_end():
    for search, epochs in ((random_search(40), 8), (halving_search(200), 30)):
        winner = judge_search(search, []).winner
        leader = leader_of(search.spec, search.trials, epochs)
        assert winner is not None
        assert leader.best is not None
        assert (leader.best.number, round(leader.score, 9)) == (winner.number, round(winner.score, 9))
        assert leader.trials == len(search.trials)
        assert leader.diverged == sum(trial.diverged for trial in search.trials)


def test_packs_may_end_in_any_order_and_folds_in_different_packs():
    search = random_search(4, folds=2)
    found = {
        leader_of(search.spec, order, 8).best.number  # type: ignore[union-attr]
        for order in itertools.islice(itertools.permutations(search.trials), 0, 40_320, 97)
    }
    assert len(found) == 1


def test_a_candidate_counts_when_its_last_fold_is_there():
    search = random_search(1, folds=3)
    assert leader_of(search.spec, search.trials[:2], 8).best is None
    assert leader_of(search.spec, search.trials, 8).best is not None


def test_a_later_stage_leads_even_with_a_lower_score():
    search = halving_search(60)
    last = max(trial.stage for trial in search.trials)
    leader = leader_of(search.spec, reversed(search.trials), 30)
    assert leader.best is not None
    assert leader.best.stage == last
