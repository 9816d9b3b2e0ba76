"""What a strategy hears of trials."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from bowl import bowl, finite, trained

from bakeoff.runs.trials import Trial, TrialStore
from bakeoff.search.spec import Rung, SearchSpec, Stage
from bakeoff.search.strategy import Ask, Generation, Told
from bakeoff.search.told import tell

ACCURACY = (0.5, 0.6, 0.7, 0.8)
CANDIDATE = next(finite().candidates())
GENERATION = Generation((Ask(3, CANDIDATE),), Stage(rungs=(Rung(epochs=1), Rung(epochs=2), Rung(epochs=4))), 1)
SPEC = SearchSpec(entry="one", folds=2)


def trial(accuracy: tuple[float, ...] = ACCURACY, stopped: str = "epochs", **changes: object) -> Trial:
    base = Trial(
        number=3, candidate=CANDIDATE.key, point={}, stage=1, fold=0, job="", parameters=1, stopped=stopped,
        validation_accuracy=accuracy, validation_loss=tuple(2 * a for a in accuracy), running_loss=accuracy,
        seconds=accuracy,
    )  # fmt: skip
    return replace(base, **changes)


def told(*folds: Trial, spec: SearchSpec = SPEC) -> Told:
    (one,) = tell(GENERATION, [replace(t, fold=fold) for fold, t in enumerate(folds)], spec)
    return one


def test_the_mean_over_folds_at_each_rung():
    one = told(trial(), trial((0.3, 0.4, 0.5, 0.6)))
    assert one.scores == pytest.approx((0.4, 0.5, 0.7))
    assert one.whole
    assert one.stage_number == 1


def test_a_loss_is_turned():
    spec = SPEC.model_copy(update={"metric": "validation_loss"})
    assert told(trial(), trial(), spec=spec).scores == pytest.approx((-1.0, -1.2, -1.6))


def test_a_loser_is_not_there_at_later_rungs():
    one = told(trial((0.5, 0.6), "rung 2"), trial((0.7, 0.8), "rung 2"))
    assert one.scores == pytest.approx((0.6, 0.7))
    assert not one.whole


@pytest.mark.parametrize("stopped", ["patience", "target"])
def test_one_that_ended_by_itself_counts_with_its_last_epoch(stopped):
    one = told(trial((0.5, 0.6), stopped), trial())
    assert one.scores == pytest.approx((0.5, 0.6, 0.7))
    assert one.whole


def test_one_fold_that_diverges_is_enough():
    # It did in its second epoch: the first rung is sound, the second is not.
    one = told(trial((0.5, 0.1), "diverged at step 9"), trial((0.7, 0.8), "rung 2"))
    assert one.scores == (pytest.approx(0.6), -math.inf)
    assert not one.whole


@pytest.mark.parametrize("accuracy", [(), (math.nan,), (0.1,)])
def test_one_that_diverges_at_once(accuracy):
    bad = trial(accuracy, "diverged at step 1")
    assert told(bad, bad).scores == (-math.inf,)


def test_a_loss_that_is_no_number_is_the_worst_score():
    spec = SPEC.model_copy(update={"metric": "validation_loss"})
    one = told(trial(validation_loss=(1.0, math.nan, 1.0, 1.0)), trial(), spec=spec)
    assert one.scores == (-1.0, -math.inf)
    assert not one.whole


def test_an_ask_without_all_its_folds_was_not_trained():
    assert tell(GENERATION, [trial()], SPEC) == []
    assert len(tell(GENERATION, [trial()], SPEC.model_copy(update={"folds": 1}))) == 1
    first_fold = replace(GENERATION, stage=Stage(rungs=(Rung(epochs=4, folds=1),)))
    assert len(tell(first_fold, [trial()], SPEC)) == 1


def test_trials_of_other_stages_and_numbers_are_nothing_to_it():
    assert tell(GENERATION, [trial(stage=0), trial(number=4), trial(stage=2, fold=1)], SPEC) == []


def test_shards_and_their_order_make_no_difference(tmp_path):
    """On single precision, as shards hold curves; told in the order asked whatever order packs ended in."""
    asks = tuple(Ask(i, c) for i, c in enumerate(finite().candidates()))
    generation = Generation(asks, Stage(rungs=(Rung(epochs=1), Rung(epochs=3))), 0)
    trials = trained(generation, SPEC, bowl)
    store = TrialStore(tmp_path / "it's a store")
    store.write("b", trials[:31])
    store.write("a", trials[31:])
    reread = tell(generation, [t for pack in store.packs() for t in store.read(pack)], SPEC)
    straight = tell(generation, trials, SPEC)
    assert [one.ask for one in reread] == list(asks)
    assert [one.scores for one in reread] == [pytest.approx(one.scores) for one in straight]
    assert [one.whole for one in reread] == [one.whole for one in straight]
