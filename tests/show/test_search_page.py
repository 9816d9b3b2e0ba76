"""A search's part of the report: the page, its Markdown, tables and figures, with hostile names and at full size."""

from __future__ import annotations

import base64
import csv
import json
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from hostile_names import NASTY
from page_reader import Page, assert_alone
from searches import AXES, halving_search, key_of, random_search, trial
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.search import Search, judge_search
from bakeoff.judge.search_axes import Range
from bakeoff.search.spec import SearchSpec
from bakeoff.show import write_report
from bakeoff.show.drawings import as_files
from bakeoff.show.escape import markdown
from bakeoff.show.search_section import search_section
from bakeoff.show.table import to_csv


def with_finalist(search: Search, entry: str, baseline: str | None = None) -> Search:
    winner = judge_search(search, []).winner
    assert winner is not None
    return replace(search, finalists={entry: winner.candidate}, baseline=baseline)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """(judgement, folder) of a report with two searches."""
    folder = tmp_path_factory.mktemp("searched")
    contest = make_contest(folder, {"best": 0.85, "default": 0.8}, n=200)
    searches = with_finalist(halving_search(300), "best", "default"), random_search(40, metric="validation_loss")
    contest = replace(contest, searches=searches)
    judgement = judge(contest)
    return judgement, write_report(contest, judgement, folder / "out").parent


def test_page_stands_alone_and_says_what_was_selected_and_what_came_of_it(written):
    judgement, folder = written
    page = Page(folder / "report.html")
    assert_alone(page)
    grid = judgement.results.searches[0]
    words = " ".join(page.text.split())
    assert grid.sentence in words
    assert "selected, optimistic" in words
    assert f"{100 * grid.finalists[0].shrinkage:+.2f}" in words.replace("−", "-")
    assert "151,200" in words
    assert "What became of the selected" in words
    assert "Nothing of this search has been trained again yet." in words


def test_a_search_without_a_trial_is_a_sentence(tmp_path):
    contest = make_contest(tmp_path, {"best": 0.85, "default": 0.8}, n=200)
    contest = replace(contest, untried=("<late> trained nothing: its time was over.",))
    report = write_report(contest, judge(contest), tmp_path / "out")
    page = Page(report)
    assert_alone(page)
    assert "Searches" in page.text
    assert contest.untried[0] in " ".join(page.text.split())
    story = report.with_name("report.md").read_text()
    assert f"## Searches\n\n{markdown(contest.untried[0])}\n" in story


def test_every_figure_and_table_is_a_file(written):
    _, folder = written
    stems = [f"search-1-grid-{n}" for n in ("best", "best-seconds", "effects", "parallel", "heat", "trials")]
    stems += [f"search-2-draws-{n}" for n in ("best", "best-seconds", "effects", "parallel", "heat", "trials")]
    for stem in stems:
        svg = (folder / f"figures/{stem}.svg").read_text()
        assert re.search(r'<desc id="desc">.{20,}</desc>', svg)
        assert (folder / f"figures/{stem}.png").read_bytes()[:4] == b"\x89PNG"
        assert f"figures/{stem}.svg" in (folder / "report.md").read_text()
    tables = {path.name for path in (folder / "tables").glob("search-1-*")}
    names = ("trials", "finalists", "stages", "effects", "agreement", "failures")
    assert tables == {f"search-1-grid-{name}.csv" for name in names}


def test_table_of_trials_has_every_trial_with_its_values(written):
    _, folder = written
    search = halving_search(300)
    with (folder / "tables/search-1-grid-trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(search.trials)
    by_place = {(t.number, t.stage + 1, t.fold + 1): t for t in search.trials}
    for row in rows:
        t = by_place[int(row["number"]), int(row["stage"]), int(row["fold"])]
        assert float(row["validation_accuracy"]) == pytest.approx(t.validation_accuracy[-1], abs=1e-5)
        assert row["stopped"] == t.stopped
        assert (row["dropout_rate"] == "") == ("dropout_rate" not in t.point)


def test_embedded_data_is_that_of_the_candidates(written):
    _, folder = written
    page = Page(folder / "report.html")
    told = [json.loads(script) for script in page.scripts[1:3]]
    assert [t["accuracy"] for t in told] == [True, False]
    data = told[0]
    search = halving_search(300)
    first = {t.number: t for t in search.trials if t.stage == 0 and not t.diverged}
    scores = np.frombuffer(base64.b64decode(data["scores"]), "<u2") / 65535 * (data["high"] - data["low"]) + data["low"]
    assert scores == pytest.approx([t.validation_accuracy[0] for _, t in sorted(first.items())], abs=1e-5)
    lr = next(axis for axis in data["axes"] if axis["name"] == "lr")
    codes = np.frombuffer(base64.b64decode(lr["codes"]), np.uint8)
    assert codes.tolist() == [AXES["lr"].index(t.point["lr"]) for _, t in sorted(first.items())]


def test_without_searches_nothing_of_them_is_there(report):
    page = (report / "report.html").read_text()
    assert "search" not in page.lower()
    assert "--s0:" not in page
    assert "search" not in (report / "report.md").read_text().lower()


def test_a_report_drawn_again_without_its_searches_loses_their_files(tmp_path):
    contest = make_contest(tmp_path, {"best": 0.85}, n=100)
    searched = replace(contest, searches=(random_search(12),))
    write_report(searched, judge(searched), tmp_path / "out")
    assert list((tmp_path / "out").glob("*/search-*"))
    write_report(contest, judge(contest), tmp_path / "out")
    assert not list((tmp_path / "out").glob("*/search-*"))


def hostile_search() -> Search:
    rng = np.random.default_rng(0)
    axes = {NASTY[0]: list(NASTY), NASTY[1]: [1, 2, 3], NASTY[3]: [{"mlp": {NASTY[2]: 1}}, [NASTY[1]]]}
    points = [{n: v[int(rng.integers(len(v)))] for n, v in axes.items()} for _ in range(40)]
    kept = {key_of(p): p for p in points}
    trials = [trial(n, p, 0, 0, 3, NASTY[0] if n else f"diverged {NASTY[0]}", rng) for n, p in enumerate(kept.values())]
    return Search(NASTY[0], SearchSpec(entry=NASTY[1]), trials, axes, finalists={NASTY[2]: "x"}, baseline=NASTY[3])


def test_hostile_names_stay_text(tmp_path):
    contest = replace(make_contest(tmp_path, {"best": 0.85}, n=100), searches=(hostile_search(),))
    folder = write_report(contest, judge(contest), tmp_path / "out").parent
    page = Page(folder / "report.html")
    assert_alone(page)
    assert not any("boom()" in script for script in page.scripts if not script.startswith("{"))
    assert len(page.scripts) == 3
    for path in (folder / "tables").glob("search-*.csv"):
        with path.open() as file:
            assert not [c for row in csv.reader(file) for c in row if re.match(r"[=+@]", c)]
    assert "<script>" not in (folder / "report.md").read_text()
    for path in (folder / "figures").glob("search-*.svg"):
        assert "<script" not in path.read_text()


def section_of(search: Search):
    return search_section(1, search, judge_search(search, []))


@pytest.mark.parametrize("count", [1, 2, 6])
def test_few_candidates_are_drawn_as_far_as_they_go(count):
    section = section_of(random_search(count, folds=1))
    assert {"best", "trials"} <= set(section.figures)
    assert ("parallel" in section.figures) == (count > 1)


def test_a_search_in_which_everything_diverged_is_told(tmp_path):
    rng = np.random.default_rng(0)
    trials = [trial(n, {"lr": n + 1.0}, 0, 0, 0, "diverged at step 3", rng) for n in range(3)]
    search = Search("doomed", SearchSpec(entry="mlp"), trials)
    contest = replace(make_contest(tmp_path, {"best": 0.85}, n=100), searches=(search,))
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert_alone(page)
    assert "none of them has a score" in page.text


def test_ranges_and_warm_starts_are_drawn():
    rng = np.random.default_rng(0)
    axes = {"lr": Range(1e-4, 1e-1, log=True), "layers": [1, 2, 3]}
    points = [{"lr": float(10 ** rng.uniform(-4, -1)), "layers": int(rng.integers(1, 4))} for _ in range(60)]
    trials = [trial(n, p, 0, 0, 4, "epochs", rng, parent="a" * 16 if n > 50 else "") for n, p in enumerate(points)]
    search = Search("refined", SearchSpec(entry="mlp", strategy="tpe", trials=60), trials, axes)
    section = section_of(search)
    assert set(section.figures) == {"best", "best-seconds", "effects", "parallel", "heat", "trials"}
    assert "started from another one’s weights" in section.notes["selected"]
    assert "chose what to try" in section.notes["effects"]


def test_fifteen_thousand_trials_are_drawn_fast_and_small():
    """The bounds are those of the promise, 20 seconds and 5 MB, for judging and drawing one search."""
    search = halving_search(13_000)
    assert 14_500 < len(search.trials) < 15_500
    began = time.process_time()
    result = judge_search(search, [])
    section = search_section(1, search, result)
    size = sum(len(content) for content in as_files(section.scenes).values())
    size += sum(len(to_csv(table).encode()) for table in section.files)
    size += sum(len(f.wide) + len(f.narrow) for f in section.figures.values()) + len(section.data)
    size += len(result.model_dump_json())
    assert time.process_time() - began < 20
    assert size < 5_000_000
