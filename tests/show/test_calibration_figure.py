"""Reliability diagrams: a panel an entry, everything inside, what lies outside the band filled."""

from pathlib import Path

import pytest
from page_reader import Page
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.results import Results
from bakeoff.show.calibration_tables import calibration
from bakeoff.show.plot_reliability import FEWEST, plot_reliability
from bakeoff.show.scene import Area, Dot, Line, Scene, Text
from bakeoff.show.table import show


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return judge(make_contest(Path(tmp_path_factory.mktemp("confidence")), seeds=2)).results


def points(scene: Scene):
    for mark in scene.marks:
        match mark:
            case Line():
                yield from mark.points
            case Area():
                yield from (p for ring in mark.rings for p in ring)
            case Dot() | Text():
                yield (mark.x, mark.y)


@pytest.mark.parametrize("width", [800.0, 360.0])
@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_every_entry_has_a_panel_and_nothing_leaves_the_picture(results, width, count):
    entries = [results.entries[i % 3].model_copy(update={"name": f"entry {i}"}) for i in range(count)]
    scene = plot_reliability(results.model_copy(update={"entries": entries}), width)
    names = [m.text for m in scene.marks if isinstance(m, Text) and m.text.startswith("entry ")]
    assert names == [f"entry {i}" for i in range(count)]
    assert all(0 <= x <= width and 0 <= y <= scene.height for x, y in points(scene))


def test_dots_stand_at_confidence_and_accuracy_and_are_filled_outside_the_band(results):
    one = results.model_copy(update={"entries": results.entries[:1]})
    bins = results.entries[0].calibration.bins
    dots = [m for m in plot_reliability(one, 800).marks if isinstance(m, Dot) and m.title]
    assert [dot.hollow for dot in dots] == [b.band.low <= b.accuracy <= b.band.high for b in bins]
    assert {dot.hollow for dot in dots} == {True, False}
    for dot, b in zip(dots, bins, strict=True):
        assert f"{100 * b.confidence:.1f}% said, {100 * b.accuracy:.1f}% right" in dot.title
    by_confidence = [dot.x for dot in dots]
    assert by_confidence == sorted(by_confidence)


def test_the_line_leaves_out_bins_of_a_few_images(results):
    one = results.entries[0]
    bins = [b.model_copy(update={"images": FEWEST - 1.0}) for b in one.calibration.bins[:2]]
    few = one.calibration.model_copy(update={"bins": [*bins, *one.calibration.bins[2:]]})
    scene = plot_reliability(results.model_copy(update={"entries": [one.model_copy(update={"calibration": few})]}))
    (line,) = [m for m in scene.marks if isinstance(m, Line) and m.color == "c0"]
    assert len(line.points) == sum(b.images >= FEWEST for b in few.bins)


def test_the_table_is_the_judges(results):
    table = calibration(results)
    for row, entry in zip(table.rows, results.entries, strict=True):
        told = dict(zip((c.key for c in table.columns), row, strict=True))
        c = entry.calibration
        assert (told["ece"], told["temperature"], told["nll_after"]) == (
            entry.ece.mean, c.temperature.mean, c.nll_after.mean
        )  # fmt: skip
        assert show(table.columns[4], told["perfect"]) == f"{c.band.low:.3f} to {c.band.high:.3f}"


def test_results_of_earlier_versions_have_no_rows(results):
    old = [e.model_copy(update={"calibration": None}) for e in results.entries]
    assert calibration(results.model_copy(update={"entries": old})).rows == ()


def test_the_page_and_its_markdown_say_it(report, judged):
    page, text = Page(report / "report.html"), (report / "report.md").read_text()
    for entry in judged[1].results.entries:
        assert entry.calibration.sentence in page.text
        assert entry.calibration.sentence.split(":")[0] in text
    assert "figures/calibration.svg" in text
