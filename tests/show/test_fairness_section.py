"""The fairness ledger on the page: what is alike in a sentence, what differs in a table, nothing left out of files."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from page_reader import Page, assert_alone
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.results import Results
from bakeoff.show import write_report
from bakeoff.show.fairness_tables import equal_seconds, received, same_for_all, sizes
from bakeoff.show.findings_table import quiet


@pytest.fixture(scope="module")
def results(judged) -> Results:
    return judged[1].results


def changed(results: Results, **update) -> Results:
    """The results with something else in the first line of the ledger."""
    first, *rest = results.fairness.received
    fairness = results.fairness.model_copy(update={"received": [first.model_copy(update=update), *rest]})
    return results.model_copy(update={"fairness": fairness})


def shown(table) -> set[str]:
    return {column.key for _, column in table.shown()}


def test_what_is_alike_is_a_sentence_and_what_differs_a_column(results):
    assert shown(received(results)) == {"entry", "parameters", "flops_forward", "tflop_training", "seconds"}
    assert "400 training pictures, no augmentation" in same_for_all(results)
    tuned = changed(results, augmentation="flip")
    assert shown(received(tuned)) - shown(received(results)) == {"augmentation"}
    assert "augmentation" not in same_for_all(tuned)
    assert {c.key for c in received(results).columns} >= {"trials", "epochs", "pictures_seen", "stopping", "hardware"}


def test_the_page_has_all_three_parts(report, results):
    page = Page(report / "report.html")
    for words in (same_for_all(results), results.fairness.equal_seconds.sentence, "For equal size"):
        assert words in page.text


def test_files_hold_every_column(report, results):
    with (report / "tables/received.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["entry"] for row in rows] == [e.name for e in results.entries]
    assert {row["train_examples"] for row in rows} == {"400"}
    with (report / "tables/equal-seconds.csv").open() as file:
        first = next(csv.DictReader(file))
    best = results.fairness.equal_seconds.budgets[0].standings
    assert float(first["budget_0"]) == next(s.accuracy.mean for s in best if s.entry == first["entry"])


def test_sizes_name_the_best_of_each_group(results):
    group = results.fairness.sizes[0]
    both = [*group.members, results.fairness.sizes[1].members[0].model_copy(update={"verdict": "undecided"})]
    both[0] = both[0].model_copy(update={"verdict": "best"})
    fairness = results.fairness.model_copy(update={"sizes": [group.model_copy(update={"members": both})]})
    table = sizes(results.model_copy(update={"fairness": fairness}))
    assert [row[5] for row in table.rows] == ["best of its size", f"undecided against {both[0].entry}"]
    assert table.strong == {0}


def test_seconds_that_do_not_compare_say_why(tmp_path):
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8}, seeds=2, n=100)
    first = contest.entries[0]
    runs = tuple(replace(r, summary={**r.summary, "device": "NVIDIA <X>"}) for r in first.runs)
    contest = replace(contest, entries=(replace(first, runs=runs), contest.entries[1]))
    judgement = judge(contest)
    assert equal_seconds(judgement.results) is None
    report = write_report(contest, judgement, tmp_path / "out")
    page = Page(report)
    assert_alone(page)
    assert "Not ranked: trained on NVIDIA <X> and made up: seconds do not compare." in page.text
    assert not Path(report.parent / "tables/equal-seconds.csv").exists()


def test_one_entry_has_a_ledger_and_no_ranking(tmp_path):
    contest = make_contest(tmp_path, {"a": 0.9}, seeds=2, n=100)
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert_alone(page)
    assert "fairness" in page.ids()
    assert "For equal seconds" not in page.text


def test_quiet_checks_share_a_row_where_they_say_the_same(results):
    table = quiet(results)
    told = [f for f in results.findings if f.status != "found"]
    assert len(table.rows) < len(told)
    for f in told:
        (row,) = [r for r in table.rows if (r[0], r[2], r[4]) == (f.code, f.status, f.evidence)]
        assert (f.entry or "") in row[3]
