"""The confusion heat map: classes of one superclass together, lines between the blocks, nothing lost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reader import Page, assert_alone
from synthetic import make_contest, make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.show import write_report
from bakeoff.show.class_order import class_order
from bakeoff.show.class_tables import superclass_accuracy
from bakeoff.show.plot_confusion import plot_confusion, row_shares
from bakeoff.show.scene import Area, Line, Text
from bakeoff.show.tables import top_confusions


def hundred(folder, groups: int = 20, entries: int = 2) -> Contest:
    """100 classes; class i belongs to superclass i mod `groups`, so that the dataset's order mixes them."""
    of = tuple(f"kind {i % groups:02d}" for i in range(100)) if groups else ()
    dataset = replace(make_dataset(1000, classes=100, shape=(3, 8, 8)), superclasses=of)
    contestants = tuple(
        Contestant(f"e{i}", (make_run(folder, dataset, accuracy=0.5 + 0.1 * i, parameters=10 + i),))
        for i in range(entries)
    )
    return Contest("hundred", "Many?", dataset, contestants, folder / "ledger.jsonl")


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=40))
def test_order_is_a_permutation_in_blocks(of):
    order, blocks = class_order(len(of), of)
    assert sorted(order.tolist()) == list(range(len(of)))
    assert [b.name for b in blocks] == sorted(set(of))
    assert [of[i] for i in order] == [b.name for b in blocks for _ in range(b.size)]
    for b in blocks:
        part = order[b.start : b.start + b.size].tolist()
        assert part == sorted(part) == [i for i, name in enumerate(of) if name == b.name]


def test_without_superclasses_the_order_is_the_datasets():
    order, blocks = class_order(4, ())
    assert order.tolist() == [0, 1, 2, 3]
    assert blocks == []


def test_cells_stand_where_the_ordered_matrix_has_errors(tmp_path):
    contest = hundred(tmp_path)
    results = judge(contest).results
    entry = results.entries[0]
    scene = plot_confusion(entry, results.dataset, 800)
    lines = [m for m in scene.marks if isinstance(m, Line)]
    lines, marks = lines[:-3], lines[-3:]  # those of the colour scale come last
    assert [round(m.points[0][0] - marks[0].points[0][0]) for m in marks] == [0, 120, 240]
    left, top = min(p[0] for m in lines for p in m.points), min(p[1] for m in lines for p in m.points)
    cell = (max(p[0] for m in lines for p in m.points) - left) / 100
    order, _ = class_order(100, results.dataset.superclasses)
    errors = np.array(entry.confusion)[np.ix_(order, order)]
    np.fill_diagonal(errors, 0)
    found = {
        (round((ring[0][1] - top) / cell), round((ring[0][0] - left) / cell))
        for m in scene.marks
        if isinstance(m, Area) and m.color == "error"
        for ring in m.rings
        if ring[0][1] < top + 100 * cell - 1
    }
    assert found == {(int(i), int(j)) for i, j in np.argwhere(errors)}
    assert len(lines) == 2 * 20
    across = sorted({round((m.points[0][1] - top) / cell, 6) for m in lines if m.points[0][1] == m.points[1][1]})
    assert across == [5.0 * i for i in range(20)]
    names = [m for m in scene.marks if isinstance(m, Text) and m.title.startswith("kind ")]
    assert len(names) == 2 * 20
    assert all(m.size >= 10 for m in names)


def test_a_hundred_classes_without_superclasses_carry_their_own_names(tmp_path):
    results = judge(hundred(tmp_path, groups=0)).results
    scene = plot_confusion(results.entries[0], results.dataset, 800)
    assert len([m for m in scene.marks if isinstance(m, Text) and m.title.startswith("class ")]) == 200
    assert superclass_accuracy(results).rows == ()


def test_the_report_of_a_hundred_classes_has_superclasses_in_page_files_and_markdown(tmp_path):
    contest = hundred(tmp_path)
    judgement = judge(contest)
    page = Page(write_report(contest, judgement, tmp_path / "out"))
    assert_alone(page)
    order, blocks = class_order(100, contest.dataset.superclasses)
    assert page.data["order"] == order.tolist()
    assert page.data["blocks"] == [[b.name, b.start, b.size] for b in blocks]
    best = judgement.results.entries[0]
    assert f"{100 * best.superclass_accuracy.mean:.2f}%" in page.text
    tables = {p.name for p in (tmp_path / "out" / "tables").glob("superclass*")}
    assert tables == {f"superclass{name}.{form}" for name in ("es", "-accuracy") for form in ("csv", "tex")}
    assert "### Superclasses" in (tmp_path / "out" / "report.md").read_text()
    plain = replace(contest, dataset=replace(contest.dataset, superclasses=()))
    page = Page(write_report(plain, judge(plain), tmp_path / "out"))
    assert page.data["blocks"] == []
    assert "Superclasses" not in page.text
    assert not list((tmp_path / "out" / "tables").glob("superclass*"))


def test_errors_inside_the_superclass_and_by_chance(tmp_path):
    contest = hundred(tmp_path, groups=20, entries=1)
    judgement = judge(contest)
    (row,) = superclass_accuracy(judgement.results).rows
    labels = contest.dataset.test.labels.numpy()
    said = next(iter(judgement.test_logits.values())).argmax(1)
    wrong = said != labels
    assert row[6] == pytest.approx((said[wrong] % 20 == labels[wrong] % 20).mean())
    assert row[7] == pytest.approx(4 / 99)


def test_the_table_of_pairs_says_which_superclasses_they_cross(tmp_path):
    dataset = replace(make_dataset(400, classes=6), superclasses=("a", "a", "a", "b", "b", "b"))
    contest = Contest("s", "q?", dataset, (Contestant("e", (make_run(tmp_path, dataset),)),), tmp_path / "l")
    table = top_confusions(judge(contest).results)
    where = {(row[0], row[1]): row[2] for row in table.rows}
    assert where["class 0", "class 1"] == "a"
    assert where["class 2", "class 3"] == "a → b"


def test_without_numbers_a_colour_scale_reaches_to_the_strongest_error(tmp_path):
    """Every opacity of the matrix stands on it, in rising order; with numbers in the cells there is none."""
    results = judge(hundred(tmp_path)).results
    entry = results.entries[0]
    scene = plot_confusion(entry, results.dataset, 800)
    shares = row_shares(entry.confusion)
    np.fill_diagonal(shares, 0)
    assert [m.text for m in scene.marks if isinstance(m, Text)][-3:] == [
        "0%", f"{50 * shares.max():.1f}%", f"{100 * shares.max():.1f}%",
    ]  # fmt: skip
    bottom = max(p[1] for m in scene.marks if isinstance(m, Line) for p in m.points) - 20
    colours = [m for m in scene.marks if isinstance(m, Area) and m.color == "error"]
    of_the_scale = [m for m in colours if min(p[1] for p in m.rings[0]) > bottom]
    opacities = [m.opacity for m in sorted(of_the_scale, key=lambda m: m.rings[0][0][0])]
    assert opacities == sorted(opacities)
    assert {m.opacity for m in colours if m not in of_the_scale} <= set(opacities)
    few = judge(make_contest(tmp_path / "few")).results
    assert "0%" not in [m.text for m in plot_confusion(few.entries[0], few.dataset).marks if isinstance(m, Text)]
