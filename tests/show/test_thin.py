"""Thinned step losses: nothing high or low gets lost, every step is in exactly one bucket."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.show.thin import thin

LOSSES = st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=500)


@given(LOSSES, st.integers(1, 60), st.booleans())
def test_buckets_keep_the_extremes_and_the_mean_of_every_step(loss, buckets, log):
    t = thin(np.array(loss, np.float32), buckets, log)
    assert len(t.mean) <= buckets
    assert t.size.min() >= 1
    assert t.size.sum() == len(loss)
    assert t.low.min() == min(loss)
    assert t.high.max() == max(loss)
    assert np.dot(t.mean, t.size) == pytest.approx(sum(loss), rel=1e-9, abs=1e-9)
    first = 0
    for middle, mean, low, high, size in zip(t.step, t.mean, t.low, t.high, t.size, strict=True):
        part = loss[first : first + size]
        assert (low, high) == (min(part), max(part))
        assert mean == pytest.approx(np.mean(part), rel=1e-9, abs=1e-9)
        assert middle == pytest.approx(np.mean(np.arange(first, first + size) + 1))
        first += size


@given(LOSSES, st.integers(500, 900), st.booleans())
def test_with_room_for_every_step_nothing_is_thinned_on_a_linear_axis(loss, buckets, log):
    t = thin(np.array(loss), buckets, log)
    if not log:
        assert t.mean.tolist() == loss
        assert t.step.tolist() == list(range(1, len(loss) + 1))
    assert t.size[0] == 1


@pytest.mark.parametrize("log", [False, True])
def test_one_spike_among_thousands_stays(log):
    loss = np.full(20_000, 0.5)
    loss[12_345] = 9.0
    t = thin(loss, 100, log)
    assert t.high.max() == 9.0
    assert (t.high > 0.5).sum() == 1
    assert (t.low == 0.5).all()


def test_log_buckets_are_narrow_where_the_axis_is_wide():
    t = thin(np.linspace(2, 1, 10_000), 100, log=True)
    assert t.size[0] == 1
    assert t.size[-1] > 500
    assert (np.diff(t.size[40:]) >= -1).all()


def test_losses_that_are_not_finite_are_left_out_and_not_hidden_by_others():
    t = thin(np.array([1.0, np.nan, 3.0, np.inf, np.nan, np.nan]), 3)
    assert t.mean.tolist()[:2] == [1.0, 3.0]
    assert t.high.tolist()[:2] == [1.0, 3.0]
    assert np.isnan([t.mean[2], t.low[2], t.high[2]]).all()


def test_golden():
    t = thin(np.array([5.0, 1, 4, 2, 3, 9, 0]), 3)
    assert t.size.tolist() == [2, 3, 2]
    assert t.mean.tolist() == [3.0, 3.0, 4.5]
    assert t.low.tolist() == [1.0, 2.0, 0.0]
    assert t.high.tolist() == [5.0, 4.0, 9.0]
    assert t.step.tolist() == [1.5, 4.0, 6.5]
