"""Lines that leave a panel: never drawn along its edge, never lost without an arrow head."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.show.axes import Scale
from bakeoff.show.leaving import below, draw_line, note_beyond
from bakeoff.show.scene import Dot, Line, Scene, Text

heights = st.lists(st.floats(-50, 150, allow_nan=False), min_size=1, max_size=20)


def drawn(points: list[tuple[float, float]], top: float) -> Scene:
    scene = Scene(300, 200, "", "")
    draw_line(scene, points, top, Line((), "c1", 2.0, "6 3"))
    return scene


def test_a_line_ends_where_it_crosses_the_top():
    assert below([(0, 100), (10, 0), (20, 100)], 50) == [((0, 100), (5, 50)), ((15, 50), (20, 100))]


def test_what_is_inside_is_drawn_as_it_is():
    points = [(0.0, 60.0), (10.0, 80.0), (20.0, 50.0)]
    assert drawn(points, 50).marks == [Line(tuple(points), "c1", 2.0, "6 3")]


def test_what_is_all_above_has_arrow_heads_alone():
    marks = drawn([(0, 20), (100, 30), (200, 10)], 50).marks
    assert [mark.points[1] for mark in marks] == [(0, 51), (200, 51)]


def test_many_crossings_have_few_arrow_heads():
    points = [(float(x), 100.0 * (x % 2)) for x in range(100)]
    heads = [mark for mark in drawn(points, 50).marks if mark.width != 2.0]
    assert 5 <= len(heads) <= 8


def test_a_single_point_is_a_dot():
    assert drawn([(3, 60)], 50).marks == [Dot(3, 60, 3, "c1")]


@given(heights)
def test_nothing_is_above_and_everything_below_is_there(ys):
    points = [(10.0 * n, y) for n, y in enumerate(ys)]
    parts = below(points, 50)
    assert all(y >= 50 - 1e-9 for part in parts for _, y in part)
    kept = [point for part in parts for point in part]
    assert [point for point in points if point[1] >= 50] == [point for point in kept if point in points]
    if any(y < 50 for y in ys) and len(ys) > 1:
        assert any(mark.width == 1.6 for mark in drawn(points, 50).marks if isinstance(mark, Line))


def test_a_note_says_how_far_they_go():
    scene, y = Scene(300, 200, "", ""), Scale(0, 3, 100, 0)
    note_beyond(scene, [np.array([1.0, np.nan, 2.9])], y, 290)
    assert scene.marks == []
    note_beyond(scene, [np.array([1.0]), np.array([np.nan, 5.6789])], y, 290)
    note_beyond(scene, [np.array([24_400.0])], y, 290)
    assert [mark.text for mark in scene.marks if isinstance(mark, Text)] == [
        "^ goes on above, to 5.68", "^ goes on above, to 24,400",
    ]  # fmt: skip
