"""The table of claims: what each verdict and figure reads like."""

from __future__ import annotations

import csv

import pytest
from hostile_names import NASTY
from page_reader import Page

from bakeoff.judge import Claim, Judgement, ModelCount, check_claims
from bakeoff.judge.claim_results import Conclusion
from bakeoff.show import escape, tables, write_report
from bakeoff.show.table import show, to_csv


@pytest.fixture(scope="module")
def table(judged):
    claims = [
        Claim(entry="later", metric="test_accuracy", reported=0.88, plus_minus=0.0209, n=10_000, source="Table 1"),
        Claim(entry="later", metric="test_loss", reported=0.41),
        Claim(entry="later", metric="seconds", at_least=5, at_most=6, unit="h"),
        Claim(entry="later", metric="parameters", reported=1_234),
        Claim(about="points", reported=6_220_800, product=(30, 30, 27, 256)),
    ]
    found = check_claims(claims, counts={"later": ModelCount(1_234, 1_234, 0)})
    return tables.claims(judged[1].results.model_copy(update={"claims": found}))


def column(table, key: str) -> list[str]:
    place = next(i for i, c in enumerate(table.columns) if c.key == key)
    return [show(table.columns[place], row[place]) for row in table.rows]


def test_each_figure_has_its_unit(table) -> None:
    assert column(table, "reported") == ["88.00%", "0.4100", "5 h to 6 h", "1,234", "6,220,800"]
    assert column(table, "ours") == ["–", "–", "–", "1,234", "6,220,800"]


def test_both_verdicts_are_seen(table) -> None:
    assert column(table, "verdict") == [
        "not judged; does not follow", "not judged", "not judged", "reproduced", "reproduced",
    ]  # fmt: skip
    problems = column(table, "problems")
    assert problems[0].startswith("does not follow: ±2.09 points is 6.4 times the standard error")
    assert problems[1:] == ["–"] * 4


def test_files_hold_raw_shares(table) -> None:
    first = next(csv.DictReader(to_csv(table).splitlines()))
    assert (first["reported"], first["verdict"]) == ("0.88", "not judged; does not follow")


def test_the_page_shows_problems_below_the_verdict(nasty, tmp_path) -> None:
    page = Page(write_report(*nasty, tmp_path))
    said = page.text[page.text.index("Published claims") :]
    for claim in nasty[1].results.claims:
        assert escape.tidy(claim.problems[0].evidence) in said
    assert said.count("not reached") == len(nasty[1].results.claims)


def test_the_page_sets_conclusions_above_the_figures(nasty, tmp_path) -> None:
    """In the report's own words, however hostile, beside what we find."""
    contest, judgement = nasty
    concluded = [
        Conclusion(
            said=name, quoted=True, source=name, entries=[contest.entries[0].name], verdict="does not hold", found=name,
            chance=name,
        )
        for name in NASTY
    ]  # fmt: skip
    results = judgement.results.model_copy(update={"conclusions": concluded})
    folder = tmp_path / "report"
    page = Page(write_report(contest, Judgement(results, judgement.test_logits), folder))
    said = page.text[page.text.index("What was concluded") : page.text.index("Figure by figure")]
    for name in NASTY:
        assert said.count(escape.tidy(name)) >= 4
    assert said.count("does not hold") == len(NASTY)
    assert "### What was concluded" in (folder / "report.md").read_text()
    first = next(csv.DictReader((folder / "tables/conclusions.csv").read_text().splitlines()))
    assert first["verdict"] == "does not hold"


def test_what_sets_our_runs_apart_stands_before_the_claims(nasty, tmp_path) -> None:
    contest, judgement = nasty
    told = "The published figures are of cifar100, ours of"
    for asked, quick in ((None, False), ("cifar100", True)):
        r = judgement.results
        dataset = r.dataset.model_copy(update={"asked": asked})
        changed = Judgement(r.model_copy(update={"dataset": dataset, "quick": quick}), judgement.test_logits)
        page = write_report(contest, changed, tmp_path / str(quick))
        said = Page(page).text
        said = said[said.index("Published claims") :]
        markdown = page.with_suffix(".md").read_text()
        assert (told in said, told in markdown) == (bool(asked), bool(asked))
        assert ("of the quick profile, at most" in said) == quick
