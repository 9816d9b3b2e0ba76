"""Accuracy against parameters and seconds: from one entry to twenty, every label there and none over another."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.results import Results
from bakeoff.show.labels import Box
from bakeoff.show.plot_size_speed import plot_parameters, plot_seconds
from bakeoff.show.scene import Dot, Line, Scene, Text, text_width


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Results:
    return judge(make_contest(Path(tmp_path_factory.mktemp("one")), {"e": 0.8}, seeds=2, n=100)).results


def crowd(one: Results, points: list[tuple[float, float, str]]) -> Results:
    """The results of `one` with an entry for each (accuracy, cost, name); parameters and seconds are both the cost."""
    (entry,) = one.entries
    entries = []
    for rank, (accuracy, cost, name) in enumerate(sorted(points, reverse=True), 1):
        seconds = entry.seconds.model_copy(update={"mean": cost, "values": [cost * 0.1, cost * 1.9]})
        span = {"low": max(0.0, accuracy - 0.01), "high": min(1.0, accuracy + 0.01)}
        interval = entry.test_accuracy.interval.model_copy(update=span)
        test = entry.test_accuracy.model_copy(update={"mean": accuracy, "interval": interval})
        changes = {"rank": rank, "name": name, "parameters": round(cost), "seconds": seconds, "test_accuracy": test}
        entries.append(entry.model_copy(update=changes))
    return one.model_copy(update={"entries": entries})


def label_boxes(scene: Scene, names: int) -> list[Box]:
    found = [m for m in scene.marks if isinstance(m, Text) and m.size == 12]
    assert len(found) == names
    boxes = []
    for m in found:
        width = text_width(m.text, 12)
        left = {"start": m.x, "middle": m.x - width / 2, "end": m.x - width}[m.anchor]
        boxes.append(Box(left, m.y - 9, left + width, m.y + 3))
    return boxes


NAMES = st.sampled_from(["cnn", "mlp-256", "a-rather-long-name-of-an-entry", "WWWWWWWWWW", "fcn-100k"])
POINTS = st.lists(st.tuples(st.floats(0.5, 0.99), st.floats(10, 1e8), NAMES), min_size=1, max_size=20)


@settings(max_examples=25)
@given(POINTS, st.booleans(), st.sampled_from([800.0, 360.0]), st.sampled_from([plot_parameters, plot_seconds]))
def test_labels_are_all_there_and_none_overlaps(one, points, together, width, plot):
    if together:
        points = [(points[0][0], points[0][1], name) for _, _, name in points]
    scene = plot(crowd(one, points), width)
    boxes = label_boxes(scene, len(points))
    assert all(a.overlap(b) == 0 for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    assert all(b.inside(Box(0, 0, scene.width, scene.height)) for b in boxes)
    dots = [m for m in scene.marks if isinstance(m, Dot)]
    assert len(dots) == len(points)
    bars = [p for m in scene.marks if isinstance(m, Line) and m.width == 2 for p in m.points]
    assert all(44 <= x <= scene.width - 8 and 0 <= y <= scene.height - 40 for x, y in bars)


def test_equal_ratios_of_cost_are_equally_far_apart(one):
    scene = plot_parameters(crowd(one, [(0.9, 1e6, "large"), (0.8, 1e4, "middle"), (0.7, 1e2, "small")]), 800)
    xs = [m.x for m in scene.marks if isinstance(m, Dot)]
    assert xs[0] - xs[1] == pytest.approx(xs[1] - xs[2])
    assert any(isinstance(m, Text) and m.text == "parameters, log scale" for m in scene.marks)
