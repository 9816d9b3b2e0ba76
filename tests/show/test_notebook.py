"""What notebooks show: the same figures as the results hold, escaped, in the page's own colours."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hostile_names import NASTY
from squares import write_squares, write_study

from bakeoff import Study, notebook
from bakeoff.api import Outcome
from bakeoff.api.comparing import Comparison
from bakeoff.judge.words import percent


class Reader(HTMLParser):
    """Checks that tags close in order; `cells`: the text of each row's cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.tags, self.rows, self.text = [], set(), [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, _attributes):
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_results_are_the_answer_and_the_ranking(judged):
    results = judged[1].results
    shown = Reader(results._repr_html_())
    assert results.answer in shown.text
    assert [row[1] for row in shown.rows[1:]] == [entry.name for entry in results.entries]
    assert [row[2] for row in shown.rows[1:]] == [percent(entry.test_accuracy.mean) for entry in results.entries]


def test_a_verdict(judged):
    pair = judged[1].results.pairs[0]
    shown = Reader(pair._repr_html_())
    assert pair.sentence in shown.text
    assert f"{pair.a} against {pair.b}: {pair.verdict}" in shown.text
    assert [row[0] for row in shown.rows[1:]] == ["these recipes", "these checkpoints"]


def test_an_entry_shows_its_confusion_matrix(judged):
    entry = judged[1].results.entries[0]
    _, *rows = Reader(entry._repr_html_()).rows
    assert [row[0] for row in rows] == [c.name for c in entry.classes]
    assert [[int(n or 0) for n in row[1:]] for row in rows] == entry.confusion


def test_a_comparison_is_its_results(judged):
    results = judged[1].results
    assert Comparison(results, None)._repr_html_() == results._repr_html_()


def test_cells_are_shaded_by_the_root_of_their_share():
    alphas = re.findall(r"rgba\([\d,]+,([\d.]+)\)\">", notebook.matrix(["a", "b"], [[8, 2], [0, 0]]))
    assert [float(a) for a in alphas] == [0.537, 0.268, 0, 0]


def test_of_many_classes_the_hardest_are_named(judged):
    entry = judged[1].results.entries[0]
    many = [entry.classes[0].model_copy(update={"name": f"class {i}", "recall": i / 100}) for i in reversed(range(100))]
    rows = Reader(entry.model_copy(update={"classes": many})._repr_html_()).rows
    assert [row[0] for row in rows[1:]] == [f"class {i}" for i in range(30)]


def test_a_run_shows_its_training_and_nothing_of_the_test_set(judged):
    run = judged[0].entries[0].runs[0]
    shown = Reader(run._repr_html_())
    facts = dict(shown.rows)
    assert facts["seed"] == str(run.job.seed)
    assert facts["validation accuracy"] == f"{run.curve('validation_accuracy')[-1]:.4f}"
    assert "svg" in shown.tags
    assert "test" not in " ".join(facts)


def test_a_study(tmp_path):
    data = write_squares(tmp_path / "squares.npz")
    shown = Reader(Study.load(write_study(tmp_path / "study.yaml", data))._repr_html_())
    assert [row[0] for row in shown.rows] == ["entry", "linear", "mlp", "cnn"]
    assert shown.rows[2][1] == '{"mlp":{"hidden":[12]}}'
    assert "lr 0.01" in shown.rows[1][2]
    assert "Where is the bar?" in shown.text
    assert "2 seeds" in shown.text


def test_an_outcome_is_its_results(judged, tmp_path):
    results = judged[1].results
    assert Outcome(tmp_path, results, None, 0, 0)._repr_html_() == results._repr_html_()
    assert "stopped" in Outcome(tmp_path, None, None, 0, 0, stopped=True)._repr_html_()


@pytest.mark.parametrize("part", ["results", "pair", "entry"])
def test_hostile_names_are_text(nasty, part):
    results = nasty[1].results
    value = {"results": results, "pair": results.pairs[0], "entry": results.entries[0]}[part]
    shown = Reader(value._repr_html_())
    assert "script" not in shown.tags
    assert "\u202e" not in shown.text
    if part != "pair":
        assert NASTY[0] in shown.text


def test_colours_are_the_pages_own(judged):
    """Only shades that let the page's background through, and its own colour for text."""
    contest, judgement = judged
    results = judgement.results
    for value in (results, results.pairs[0], results.entries[0], contest.entries[0].runs[0]):
        html = value._repr_html_()
        assert set(re.findall(r"[^-]color:([^;\"]+)", html)) <= {"inherit"}
        assert all(
            colour == "none" or colour.startswith("rgba(") for colour in re.findall(r"background:([^;\"]+)", html)
        )
        assert "#" not in re.sub(r"&#?\w+;", "", html)


@pytest.mark.parametrize(("values", "drawn"), [([], 0), ([0.5], 0), ([0.1, float("nan"), 0.3], 1), ([0.2, 0.2], 1)])
def test_a_curve_needs_two_values(values, drawn):
    assert notebook.curve(values, "label").count("<polyline") == drawn
