"""What all findings have in common: a file, a page, a test, a line in the index, and an answer for whoever they are
about."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from searches import key_of
from test_search import made, search_of

from bakeoff.judge.findings import CHECKS, Case, Code, all_findings
from bakeoff.judge.results import Finding

ROOT = Path(__file__).parents[3]
INDEX = (ROOT / "docs/findings/README.md").read_text()
every_code = pytest.mark.parametrize("code", list(CHECKS), ids=lambda code: code.code)


@pytest.fixture(scope="module")
def searched(case) -> Case:
    """The case with a search in it."""
    search = replace(search_of(made(0, [0.9], lr=0.1), made(1, [0.5], lr=1.0)), finalists={"cnn": key_of({"lr": 0.1})})
    return replace(case, contest=replace(case.contest, searches=(search,)))


def about(code: Code, case: Case) -> list[str | None]:
    """Whom its findings must name, one each."""
    named = {"an entry": [e.name for e in case.contest.entries], "a search": [None] * len(case.contest.searches)}
    return named.get(code.about, [None])


def test_codes_differ_and_count_up():
    assert [code.code for code in CHECKS] == sorted({code.code for code in CHECKS})
    assert len({code.title for code in CHECKS}) == len(CHECKS) >= 15


@every_code
def test_a_file_a_test_and_a_page(code):
    file = Path(inspect.getfile(CHECKS[code]))
    assert file.stem.startswith(code.code.lower() + "_")
    assert list(Path(__file__).parent.glob(f"test_{code.code.lower()}_*.py")), "no test"
    page = (ROOT / f"docs/findings/{code.code}.md").read_text()
    assert page.startswith(f"# {code.code} {code.title}\n")
    for part in ("**What it says.**", "**How it is found.**", "**What to do.**"):
        assert part in page
    assert ("**Not applicable**" in page) == ("not_applicable(" in file.read_text())


@every_code
def test_the_index_says_what_the_code_says(code):
    (row,) = re.findall(rf"^\| \[{code.code}\].*$", INDEX, re.MULTILINE)
    _, title, severity, whom = (cell.strip() for cell in row.strip("|").split("|"))
    assert (title, whom) == (code.title, code.about)
    assert severity.split(",")[0] == code.severity


@every_code
def test_everybody_it_is_about_gets_one_answer(code, searched):
    findings = list(CHECKS[code](searched))
    assert sorted(str(f.entry) for f in findings) == sorted(str(name) for name in about(code, searched))
    for finding in findings:
        assert (finding.code, finding.title) == (code.code, code.title)
        holds(finding)


def holds(finding: Finding) -> None:
    assert finding.evidence
    assert not finding.evidence.endswith(".") or finding.code == "BK010"
    assert bool(finding.advice) == (finding.status == "found")
    if finding.status == "found":
        assert re.search(r"\d", finding.evidence), "evidence without a figure"
        assert finding.advice.endswith(".")
        assert "\n" not in finding.evidence + finding.advice


@every_code
def test_an_entry_alone_with_one_seed_breaks_no_check(code, case):
    first = case.contest.entries[0]
    alone = replace(first, runs=first.runs[:1])
    entry = case.entries[0].model_copy(update={"seeds": [0]})
    evidence = {first.name: SimpleNamespace(runs=alone.runs)}
    small = Case(replace(case.contest, entries=(alone,)), [entry], evidence)
    for finding in CHECKS[code](small):
        holds(finding)


@pytest.mark.parametrize("status", ["passed", "not applicable"])
def test_not_applicable_is_not_passed(status):
    code = Code("BK999", "made up", "info", about="the study")
    finding = code.passed("why") if status == "passed" else code.not_applicable("why")
    assert (finding.status, finding.evidence, finding.advice) == (status, "why", "")


def test_found_ones_come_first_the_gravest_before_the_others(case):
    findings = all_findings(case)
    place = {"found": 0, "passed": 1, "not applicable": 2}
    weight = {"serious": 0, "warning": 1, "info": 2}
    keys = [(place[f.status], weight[f.severity], f.code) for f in findings]
    assert keys == sorted(keys)
    assert {f.code for f in findings} == {code.code for code, check in CHECKS.items() if list(check(case))}
