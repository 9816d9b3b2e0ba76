"""Labels, ticks and scales."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.show.axes import Scale, linear, logarithmic
from bakeoff.show.labels import Box, place
from bakeoff.show.scene import fit, fit_all, text_width

ROOM = Box(40, 20, 780, 380)
POINTS = st.lists(st.tuples(st.floats(60, 760), st.floats(30, 370)), min_size=1, max_size=12)


@settings(max_examples=40)
@given(POINTS)
def test_labels_never_overlap_nor_leave_the_plot(points):
    boxes = place(points, [(90.0, 15.0)] * len(points), [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points], ROOM)
    assert all(box is not None and box.inside(ROOM) for box in boxes)
    assert all(a.overlap(b) == 0 for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_twenty_entries_on_one_spot_are_all_labelled():
    boxes = place([(400.0, 200.0)] * 20, [(100.0, 15.0)] * 20, [], ROOM)
    assert all(boxes)
    assert all(a.overlap(b) == 0 for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_a_label_that_fits_nowhere_is_left_out():
    assert place([(400.0, 200.0)], [(2000.0, 15.0)], [], ROOM) == [None]


def test_a_lone_label_stands_right_beside_its_point():
    (box,) = place([(400.0, 200.0)], [(50.0, 15.0)], [Box(394, 194, 406, 206)], ROOM)
    assert math.hypot(max(box.x0 - 400, 400 - box.x1, 0), max(box.y0 - 200, 200 - box.y1, 0)) < 12


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.integers(2, 9))
def test_linear_ticks_are_inside_and_even(low, span, wanted):
    scale = Scale(low, low + span, 0, 100)
    ticks = scale.ticks(wanted)
    assert all(low - 1e-6 * span <= t <= low + span + 1e-6 * span for t in ticks)
    assert 1 <= len(ticks) <= 2 * wanted + 1
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert all(s == pytest.approx(steps[0], rel=1e-3) for s in steps)


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=6))
def test_log_scale_holds_its_values_and_has_two_ticks(values):
    scale = logarithmic(values, 0, 100)
    assert all(0 <= scale(v) <= 100 for v in values)
    assert len(scale.ticks(5)) >= 2


def test_scale_of_one_value_and_of_none_is_usable():
    assert linear([0.9], 0, 100)(0.9) == pytest.approx(50)
    assert linear([math.nan], 0, 100).ticks()


def test_labels_that_begin_alike_keep_their_ends():
    widths = ["300-250-150", "300-250-150-50", "300-300-200-100", "300-250-150-100-50"]
    short = fit_all(widths, 10.5, 60)
    assert len(set(short)) == 4
    assert all(text_width(label, 10.5) <= 60 for label in short)
    assert fit_all(["alphabet", "betting"], 10.5, 40) == [fit("alphabet", 10.5, 40), fit("betting", 10.5, 40)]
    assert fit_all(["1e-05", "0.1"], 10.5, 60) == ["1e-05", "0.1"]
    assert fit_all([], 10.5, 60) == []
