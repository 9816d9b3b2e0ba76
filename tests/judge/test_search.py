"""What the judge says of a search: from made-up trials, against figures worked out by hand or another way."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from searches import RUNGS, draw_point, halving_search, key_of, random_search
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.compare import crossed_mean
from bakeoff.judge.results import Results
from bakeoff.judge.search import Search, judge_search
from bakeoff.judge.search_axes import words as value_words
from bakeoff.judge.search_results import SpaceFacts
from bakeoff.judge.standings import standings
from bakeoff.runs.trials import Trial
from bakeoff.search.spec import Rung, SearchSpec
from bakeoff.show.search_section import search_section
from bakeoff.show.search_tables import finalists as finalists_table


def made(number: int, accuracy, *, stage=0, fold=0, stopped="epochs", parent="", parameters=100, **point) -> Trial:
    curve = tuple(float(v) for v in accuracy)
    return Trial(
        number=number, candidate=key_of(point), point=point, stage=stage, fold=fold, job=f"{number}-{stage}-{fold}",
        parameters=parameters, stopped=stopped, validation_accuracy=curve, validation_loss=tuple(1 - v for v in curve),
        running_loss=curve, seconds=tuple(2.0 * (e + 1) for e in range(len(curve))), parent=parent,
    )  # fmt: skip


def search_of(*trials: Trial, **spec) -> Search:
    return Search("s", SearchSpec(entry="mlp", **spec), trials)


def test_counts_epochs_seconds_and_failures():
    trials = [
        made(0, [0.5, 0.6], lr=1.0),
        made(1, [0.4], lr=2.0, stopped="diverged at step 31"),
        made(2, [0.7, 0.8], lr=3.0),
    ]
    result = judge_search(search_of(*trials), [])
    assert (result.candidates, result.trials, result.epochs, result.seconds) == (3, 3, 5, 10.0)
    assert result.diverged == 1
    assert [(f.number, f.stopped, f.point) for f in result.failures] == [(1, "diverged at step 31", {"lr": 2.0})]
    assert result.winner is not None
    assert (result.winner.number, result.winner.score, result.winner.label) == (2, 0.8, "selected, optimistic")


def test_score_is_the_mean_over_folds_and_a_missing_fold_leaves_none():
    whole = [made(0, [0.1, v], fold=f, lr=1.0) for f, v in enumerate((0.6, 0.7, 0.8))]
    part = [made(1, [0.1, 0.99], fold=f, lr=2.0) for f in range(2)]
    result = judge_search(search_of(*whole, *part, folds=3), [])
    assert result.winner is not None
    assert result.winner.number == 0
    assert result.winner.score == pytest.approx(0.7)
    assert result.winner.folds == pytest.approx([0.6, 0.7, 0.8])


def test_a_later_stage_goes_before_a_better_score_on_less():
    early = [made(n, [v], lr=float(n), stopped="epochs") for n, v in enumerate((0.9, 0.8, 0.7))]
    late = [made(n, [0.5, v], stage=1, lr=float(n)) for n, v in ((1, 0.75), (2, 0.76))]
    rungs = [{"epochs": 1, "examples": 100}, {"epochs": 2}]
    result = judge_search(search_of(*early, *late, strategy="halving", rungs=rungs), [])
    assert result.winner is not None
    assert result.winner.number == 2
    assert [(r.reached, r.went_on) for s in result.stages for r in s.rungs] == [(3, 2), (2, 0)]
    steps = [(s.stage, s.trials, s.score) for s in result.best_so_far]
    assert steps == [(0, 1, 0.9), (1, 4, 0.75), (1, 5, 0.76)]


def test_a_loser_at_a_rung_never_beats_a_survivor_and_ties_go_to_fewer_parameters():
    lost = made(0, [0.95], lr=1.0, stopped="rung 1")
    tied = [made(n, [0.5, 0.6], lr=float(n + 1), parameters=p) for n, p in ((1, 300), (2, 200), (3, 200))]
    result = judge_search(search_of(lost, *tied, rungs=[1, 2]), [])
    assert result.winner is not None
    assert result.winner.number == 2


def test_losses_are_told_as_losses_and_smaller_is_better():
    trials = [made(n, [v], lr=float(n)) for n, v in enumerate((0.5, 0.9, 0.7))]
    result = judge_search(search_of(*trials, metric="validation_loss"), [])
    assert result.winner is not None
    assert result.winner.number == 1
    assert result.winner.score == pytest.approx(0.1)
    assert [s.score for s in result.best_so_far] == pytest.approx([0.5, 0.1])
    assert max(v.best for e in result.effects for v in e.values) == pytest.approx(0.5)


def test_an_early_end_of_its_own_counts_at_later_comparisons_a_cut_does_not():
    trials = [
        made(0, [0.5, 0.6], lr=1.0, stopped="patience"),
        made(1, [0.5], lr=2.0, stopped="rung 1"),
        made(2, [0.4] * 4, lr=3.0),
    ]
    found = standings(trials, SearchSpec(entry="mlp", rungs=[1, 4]))
    last = found.comparisons[-1]
    assert last.epochs == 4
    assert [s.scores.get(last) for s in found.every] == [0.6, None, 0.4]


def test_warm_is_never_mixed_with_cold():
    trials = [made(0, [0.6], lr=1.0), made(1, [0.9], lr=2.0, parent="abc"), made(2, [0.5], lr=3.0)]
    result = judge_search(search_of(*trials), [])
    assert result.winner is not None
    assert result.warm_winner is not None
    assert (result.winner.number, result.warm_winner.number) == (0, 1)
    assert sum(v.candidates for v in result.effects[0].values) == 2
    assert [(s.warm, s.number) for s in result.best_so_far] == [(False, 0), (True, 1)]


def test_nothing_but_failures_has_no_winner_and_says_so():
    result = judge_search(search_of(made(0, [], lr=1.0, stopped="diverged at step 1")), [])
    assert result.winner is None
    assert result.sentence.endswith("none of them has a score.")
    with pytest.raises(ValueError, match="no trial"):
        judge_search(search_of(), [])


@pytest.fixture(scope="module")
def retrained(tmp_path_factory):
    """A judged contest with a search whose winner is the entry `best`, beside the baseline `default`."""
    contest = make_contest(tmp_path_factory.mktemp("search"), {"best": 0.85, "default": 0.8})
    search = random_search(40)
    winner = judge_search(search, []).winner
    assert winner is not None
    search = replace(search, finalists={"best": winner.candidate}, baseline="default")
    contest = replace(contest, searches=(search,))
    return contest, judge(contest)


def test_shrinkage_is_selected_minus_fresh_with_the_interval_of_the_fresh(retrained):
    contest, judgement = retrained
    result = judgement.results.searches[0]
    first = result.finalists[0]
    correct = np.stack([r.validation_logits.argmax(-1) == r.validation_labels for r in contest.entries[0].runs])
    mean, interval = crossed_mean(correct)
    assert first.fresh is not None
    assert first.shrinkage_interval is not None
    assert first.fresh.mean == pytest.approx(mean)
    assert first.shrinkage == pytest.approx(result.winner.score - mean)
    assert first.shrinkage_interval.low == pytest.approx(result.winner.score - interval.high)
    assert first.shrinkage_interval.high == pytest.approx(result.winner.score - interval.low)
    by_name = {e.name: e for e in judgement.results.entries}
    assert first.test_accuracy == by_name["best"].test_accuracy
    assert result.baseline.test_accuracy == by_name["default"].test_accuracy
    for words in ("selected, optimistic", "on 3 fresh seeds", "shrinkage", "The baseline default"):
        assert words in result.sentence


def test_a_search_that_came_back_to_its_baseline_says_so(retrained):
    """Then winner and baseline are one training, with the figures of both."""
    contest, judgement = retrained
    named = replace(contest.entries[0], aliases=("came-back",))
    (search,) = contest.searches
    search = replace(search, finalists={"came-back": search.finalists["best"]}, baseline="best")
    results = judge(replace(contest, entries=(named, contest.entries[1]), searches=(search,))).results
    (result,) = results.searches
    (before,) = judgement.results.searches
    assert result.finalists[0].fresh == before.finalists[0].fresh == result.baseline.fresh
    assert result.finalists[0].shrinkage == before.finalists[0].shrinkage
    assert result.baseline.same_as == "came-back"
    assert "came-back is the same training as the baseline best: the search found nothing better" in result.sentence
    (received,) = [one for one in results.fairness.received if one.entry == "best"]
    assert received.trials == len(search.trials)


def test_a_score_of_part_of_the_pictures_has_no_shrinkage(retrained):
    """A finalist trains on all of them, so it does better without any luck."""
    contest, _ = retrained
    (search,) = contest.searches
    of_part = replace(search, spec=search.spec.model_copy(update={"rungs": (Rung(epochs=8, examples=500),)}))
    result = judge(replace(contest, searches=(of_part,))).results.searches[0]
    assert result.finalists[0].fresh is not None
    assert (result.finalists[0].shrinkage, result.finalists[0].shrinkage_interval) == (None, None)
    assert "with all pictures, where the search trained on a part of them; test accuracy" in result.sentence


def test_a_best_epoch_has_no_shrinkage_from_last_ones(retrained):
    """Trials are scored at their last epoch; with `keep: best` a finalist is better by its choice of epoch alone."""
    contest, _ = retrained
    (search,) = contest.searches
    kept = tuple(
        replace(entry, runs=tuple(replace(run, summary={**run.summary, "selected": True}) for run in entry.runs))
        for entry in contest.entries
    )
    result = judge(replace(contest, entries=kept)).results.searches[0]
    assert result.finalists[0].best_epoch
    assert (result.finalists[0].shrinkage, result.finalists[0].shrinkage_interval) == (None, None)
    assert "in the best epoch, where trials are scored after their last; test accuracy" in result.sentence
    assert "what of the difference is luck cannot be told" in search_section(1, search, result).notes["selected"]


def test_a_score_of_folds_is_said_to_be_measured_otherwise_than_the_fresh_one(retrained):
    """Trainings on two thirds of the pictures are worse than those on more of them, without any luck."""
    contest, judgement = retrained
    (search,) = contest.searches
    result = judgement.results.searches[0]
    dataset = judgement.results.dataset
    share = dataset.train_examples / (dataset.train_examples + dataset.validation_examples)
    assert result.unlike is not None
    assert (result.unlike.folds, result.unlike.selected, result.unlike.fresh) == (3, pytest.approx(2 / 3), share)
    said = f"the mean of 3 folds, each trained on 67% of the pictures; the fresh one is of trainings on {share:.0%}"
    assert said in result.sentence
    assert said in search_section(1, search, result).notes["selected"]
    one = replace(search, spec=search.spec.model_copy(update={"folds": 1}))
    result = judge(replace(contest, searches=(one,))).results.searches[0]
    assert result.unlike is None
    assert "measured alike" not in result.sentence


def test_results_read_back_and_hold_no_nan(retrained):
    _, judgement = retrained
    text = judgement.results.model_dump_json()
    assert Results.model_validate_json(text) == judgement.results
    json.loads(text, parse_constant=lambda word: pytest.fail(word))


def test_finalists_not_trained_yet_are_named_without_figures():
    search = replace(random_search(20), finalists={"later": "0" * 16}, baseline="also-later")
    result = judge_search(search, [])
    assert (result.finalists[0].fresh, result.finalists[0].selected, result.baseline.fresh) == (None, None, None)
    assert result.sentence.endswith("it was not trained again on fresh seeds.")


def test_halving_counts_agree_with_its_trials():
    search = halving_search(400)
    result = judge_search(search, [])
    assert sum(s.trials for s in result.stages) == len(search.trials)
    assert [s.stage for s in result.stages] == [0, 1, 2]
    assert [r.at.epochs for s in result.stages for r in s.rungs] == [rung["epochs"] for rung in RUNGS]
    alive = [r.reached for s in result.stages for r in s.rungs]
    assert alive == sorted(alive, reverse=True)
    assert result.winner.at == result.stages[-1].rungs[-1].at


def test_points_are_drawn_with_inactive_axes_left_out():
    points = [draw_point(np.random.default_rng(s)) for s in range(50)]
    assert all(("dropout_rate" in p) == p["dropout"] for p in points)


def test_whoever_diverged_wins_nothing_by_what_it_had_at_a_rung():
    trials = [made(n, [0.5 + n / 10, 0.1], lr=float(n + 1), stopped="diverged at step 9") for n in range(3)]
    result = judge_search(search_of(*trials, rungs=[1, 2]), [])
    assert (result.winner, result.diverged) == (None, 3)
    assert result.sentence.endswith("tried 3 candidates (3 diverged) in 3 trainings; none of them has a score.")
    sound = judge_search(search_of(*trials, made(7, [0.2, 0.3], lr=9.0), rungs=[1, 2]), [])
    assert sound.winner is not None
    assert sound.winner.number == 7


def test_packs_that_failed_are_told():
    search = replace(search_of(made(0, [0.5], lr=1.0)), failed=("MemoryError: too large.", "OSError: full"))
    result = judge_search(search, [])
    assert result.failed == ["MemoryError: too large.", "OSError: full"]
    assert "; 2 packs failed, of which nothing counts (MemoryError: too large). Best" in result.sentence


def test_a_warm_winner_and_its_beginning_are_no_finalists_among_the_cold():
    trials = [made(n, [0.5], lr=float(n), parent="" if n < 2 else "x") for n in range(3)]
    keys = [trial.candidate for trial in trials]
    finalists = {"s-1": keys[0], "s-2": keys[1], "s-carried": keys[0], "s-warm": keys[2]}
    result = judge_search(replace(search_of(*trials), finalists=finalists), [])
    roles = [row[-1] for row in finalists_table(result).rows]
    assert roles == ["winner", "finalist 2", "beginning of the warm one", "best of the warm ones"]


def test_a_warm_winner_has_its_own_score_where_the_same_network_was_tried_cold_too():
    trials = [made(0, [0.5], lr=1.0), made(1, [0.9], lr=2.0, parent="x"), made(2, [0.7], lr=2.0)]
    warm, cold = trials[1].candidate, trials[2].candidate
    assert warm == cold
    search = replace(search_of(*trials), finalists={"s-1": cold, "s-warm": warm}, warm=["s-warm"])
    assert [f.selected for f in judge_search(search, []).finalists] == [0.7, 0.9]


def test_what_a_budget_left_untried_is_told():
    stages = [Rung(epochs=1, examples=500), Rung(epochs=1)]
    search = search_of(*(made(n, [0.5], lr=float(n)) for n in range(3)), rungs=stages)
    assert "budget" not in judge_search(search, []).sentence
    result = judge_search(replace(search, ended="budget"), [])
    assert result.ended == "budget"
    assert "in 3 trainings; its budget was used up in stage 1 of 2. Best" in result.sentence
    grid = replace(search_of(made(0, [0.5], lr=1.0), strategy="grid"), ended="budget")
    grid = replace(grid, space=SpaceFacts(declared=12, different=9, hopeless=2))
    assert "; its budget was used up with 6 of 7 candidates not tried. Best" in judge_search(grid, []).sentence


def test_models_and_schedules_as_values_are_told_in_words():
    assert value_words({"linear": {}}) == "linear"
    assert value_words({"mlp": {"hidden": [300, 150], "batch_norm": "after"}}) == "mlp hidden 300-150, batch_norm after"
    assert value_words({"every": 1, "factor": 0.5}) == "every 1, factor 0.5"
