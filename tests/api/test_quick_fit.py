"""What fits a given time: pure arithmetic, so every promise of `choose` is checked on drawn costs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.api.quickly.fit import HALVINGS, LEAST_EPOCHS, MOST_EPOCHS, Choice, Costs, choose

CHEAP = Costs({"linear": 0.01, "mlp": 0.02, "cnn": 0.5, "residual": 1.0}, head=1.0, before=30.0)
seconds = st.floats(0.001, 50)
costs = st.builds(
    Costs,
    st.fixed_dictionaries(dict.fromkeys(("linear", "mlp", "cnn", "residual"), seconds)),
    head=seconds,
    before=seconds,
)


def test_with_time_to_spare_everything_takes_part_to_the_last_epoch():
    assert choose(CHEAP, 1e6, 2, seeds=None, head=True) == Choice(tuple(CHEAP.epoch), True, 1.0, 3, MOST_EPOCHS)


def test_seconds_by_hand():
    """On two workers: 3 x (10 x 1 + 0.5) on one, 3 x (10 x 0.5 + 0.5) on the other, which also takes the rest."""
    choice = Choice(("cnn", "residual"), False, 1.0, 1, 10)
    assert choice.seconds(CHEAP, 2) == pytest.approx(10.5)
    assert choice.seconds(CHEAP, 1) == pytest.approx(10.5 + 5.5)
    heads = Choice((), True, 0.5, 1, 10)
    assert heads.seconds(CHEAP, 1) == pytest.approx(0.5 * 30 + 2 * (0.5 * 1.0 + 0.5))


FOUR, THREE = ("linear", "mlp", "cnn", "residual"), ("linear", "mlp", "cnn")


@pytest.mark.parametrize(
    "expected",
    [
        Choice(FOUR, True, 1.0, 3, 10),
        Choice(FOUR, True, 1.0, 3),
        Choice(FOUR, True, 1.0, 2),
        Choice(FOUR, True, 0.5, 3),
        Choice(FOUR, True, 0.5, 2),
        Choice(FOUR, True, 0.25, 3),
        Choice(FOUR, True, 0.25, 2),
        Choice(FOUR, True, 0.125, 3),
    ],
)
def test_what_is_given_up_comes_in_order(expected):
    """Epochs, then a seed, then pictures. Where these are dear, all alone decides."""
    assert choose(CHEAP, expected.seconds(CHEAP, 2), 2, seeds=None, head=True) == expected


def test_a_dear_net_goes_before_most_of_the_pictures():
    dear = Costs(CHEAP.epoch | {"residual": 90.0})
    found = choose(dear, 60, 2, seeds=3, head=False)
    assert (found.scratch, found.share) == (THREE, 1.0)


def test_the_pretrained_entry_goes_last():
    assert not choose(CHEAP, 3, 2, seeds=None, head=True).head


@given(costs, st.floats(0, 3000), st.integers(1, 8), st.sampled_from([None, 1, 2, 5]), st.booleans())
def test_the_choice_keeps_to_the_time_or_is_the_cheapest(cost, left, workers, seeds, head):
    choice = choose(cost, left, workers, seeds=seeds, head=head)
    cheapest = Choice((min(cost.epoch, key=cost.epoch.get),), False, 0.5**HALVINGS, seeds or 2)
    assert choice.seconds(cost, workers) <= left or choice == cheapest
    assert LEAST_EPOCHS <= choice.epochs <= MOST_EPOCHS
    assert choice.seeds in ((2, 3) if seeds is None else (seeds,))
    assert choice.scratch
    assert head or not choice.head


@given(costs, st.floats(0, 3000), st.integers(1, 4))
def test_one_epoch_more_would_not_fit(cost, left, workers):
    choice = choose(cost, left, workers, seeds=None, head=True)
    if choice.epochs < MOST_EPOCHS and choice.seconds(cost, workers) <= left:
        longer = Choice(choice.scratch, choice.head, choice.share, choice.seeds, choice.epochs + 1)
        assert longer.seconds(cost, workers) > left


@given(costs, st.floats(0, 1000), st.floats(1, 3))
def test_more_time_never_gives_up_more(cost, left, factor):
    def given_up(choice):
        lost = 4 - len(choice.scratch) + 3 * (not choice.head) + 0.5 * (choice.seeds == 2)
        return lost - math.log2(choice.share)

    less, more = (choose(cost, time, 2, seeds=None, head=True) for time in (left, factor * left))
    assert given_up(more) <= given_up(less)
