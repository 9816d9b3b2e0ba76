"""Every figure of the page can be traced to the runs behind it: by its nearest `data-runs`, in the list of sources."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import complaints, visit
from page_reader import SELF_CLOSED, VOID
from searches import halving_search
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from synthetic import make_contest
from test_search_page import with_finalist

from bakeoff.judge import Claim, ModelCount, judge
from bakeoff.judge.results import Results
from bakeoff.show import write_report

FIGURED = {"table", "svg", "li", "dl", "answer", "said", "finding", "pics", "facts"}
"""Where figures stand: elements by name or class. Running text between them explains; its numbers are of the method."""
UNTRACED = {"th", "summary", "h3", "settings", "nav"}
"""Headings and names, which may hold digits, and settings, which are what was asked for and not what was found."""
EXPLAINING = {"methods", "runs"}
"""Sections that tell how, or are the list itself."""


class Walk(HTMLParser):
    """Each text with a digit and its ancestors, each (tag, attributes)."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.above: list[tuple[str, dict[str, str]]] = []
        self.told: list[tuple[str, list[tuple[str, dict[str, str]]]]] = []
        self.named: list[str] = []
        self.ids: dict[str, list[str]] = {}
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        found = {k: v or "" for k, v in attrs}
        self.named += found.get("data-runs", "").split()
        if tag not in VOID:
            self.above.append((tag, found))
        if "id" in found:
            self.ids[found["id"]] = []

    def handle_startendtag(self, tag, _attrs):
        assert tag in VOID | SELF_CLOSED | {"image"}

    def handle_endtag(self, tag):
        assert self.above.pop()[0] == tag

    def handle_data(self, data):
        for _, attributes in self.above:
            if "id" in attributes:
                self.ids[attributes["id"]].append(data)
        if re.search(r"\d", data) and not {"script", "style"} & {tag for tag, _ in self.above}:
            self.told.append((data, list(self.above)))


def words_of(element: tuple[str, dict[str, str]]) -> set[str]:
    return {element[0], *element[1].get("class", "").split()}


def section_of(above) -> str:
    return next((a.get("id", "") for tag, a in above if tag in ("section", "header")), "")


def untraced(walk: Walk) -> list[str]:
    """Figures with nothing to trace them by."""
    found = []
    for text, above in walk.told:
        kinds = set().union(*(words_of(element) for element in above))
        inside_title = above[-1][0] == "title"
        if section_of(above) in EXPLAINING or not kinds & FIGURED or inside_title:
            continue
        if kinds & UNTRACED or ("name" in kinds and above[-1][0] == "bdi"):
            continue
        if not any("data-runs" in attributes for _, attributes in above):
            found.append(f"{section_of(above)}: {text.strip()[:60]}")
    return found


@pytest.fixture(scope="module")
def traced(tmp_path_factory) -> tuple[Results, Path]:
    """A report with all that a report can have: pairs, a search, claims of every kind, a finding, a failed seed."""
    folder = tmp_path_factory.mktemp("traced")
    contest = make_contest(folder, {"best": 0.85, "default": 0.8, "poor": 0.6}, n=200, overfit=True)
    claims = (
        Claim(entry="best", metric="test_accuracy", reported=0.84, n=10_000, source="Table 1"),
        Claim(better="best", than="poor", metric="test_accuracy"),
        Claim(entry="later", metric="parameters", reported=1_234),
        Claim(about="points", reported=12, product=(3, 4)),
    )
    failed = replace(contest.entries[1], failures=("seed 7 diverged at step 123",))
    contest = replace(
        contest,
        entries=(contest.entries[0], failed, contest.entries[2]),
        searches=(with_finalist(halving_search(300), "best", "default"),),
        claims=claims,
        counts={"later": ModelCount(1_234, 1_234, 0)},
    )
    judgement = judge(contest)
    return judgement.results, write_report(contest, judgement, folder / "out")


@pytest.fixture(scope="module")
def walk(traced) -> Walk:
    return Walk(traced[1])


def test_no_figure_is_without_a_trace(walk):
    assert untraced(walk) == []


def test_the_walk_sees_figures_in_every_section(walk):
    """So that the test above cannot pass because it looks nowhere."""
    seen = {section_of(above) for _, above in walk.told if any("data-runs" in a for _, a in above)}
    wanted = {"ranking", "verdicts", "searches", "size-and-speed", "curves", "confusions", "classes", "models"}
    assert wanted | {"top", "findings", "claims", "looks", "methods"} <= seen
    bare = '<section id="ranking"><table><tr><td>90.1%</td></tr></table></section>'
    walk = Walk.__new__(Walk)
    HTMLParser.__init__(walk)
    walk.above, walk.told, walk.named, walk.ids = [], [], [], {}
    walk.feed(bare)
    assert untraced(walk) == ["ranking: 90.1%"]


def test_every_source_that_is_named_is_in_the_list_with_its_full_keys(walk, traced):
    assert len(walk.named) > 150
    assert {f"from-{name}" for name in walk.named} <= set(walk.ids)
    for n, entry in enumerate(traced[0].entries):
        for seed, key in zip(entry.seeds, entry.run_keys, strict=True):
            assert "".join(walk.ids[f"from-e{n}-s{seed}"]) == f"seed {seed} {key}"
    assert traced[0].dataset.test_fingerprint in "".join(walk.ids["from-data"])
    assert traced[0].searches[0].winner.candidate in "".join(walk.ids["from-s1"])


def rows(walk: Walk, section: str) -> list[tuple[str, str]]:
    """(what its row names, the text) of every figure in a table of the section."""
    out = []
    for text, above in walk.told:
        row = [a for tag, a in above if tag == "tr"]
        if row and section_of(above) == section and "td" in {tag for tag, _ in above}:
            out.append((row[-1].get("data-runs", ""), text))
    return out


def test_a_row_names_its_own_entries_and_seed(walk, traced):
    results = traced[0]
    ranking = rows(walk, "ranking")
    for n, entry in enumerate(results.entries):
        assert (f"e{n}", f"{100 * entry.test_accuracy.mean:.2f}%") in ranking
    pairs = rows(walk, "verdicts")
    assert {runs for runs, _ in pairs} >= {"e0-s0 e1-s0", "e0 e1", "e1-s0 e2-s0", "e1 e2"}
    only = {(runs, text) for runs, text in pairs}
    assert ("e0-s0 e1-s0", f"{results.pairs[0].checkpoints.only_a}") in only


def test_a_claim_names_what_it_was_held_against(walk, traced):
    runs = [row for row, _ in rows(walk, "claims")]
    assert {"e0", "e0 e2", "reckoned"} == set(runs)
    assert [claim.entries for claim in traced[0].claims] == [["best"], ["best", "poor"], ["later"], []]


def test_the_fresh_and_the_selected_figure_of_a_finalist_have_both_sources(walk):
    assert {"e0 s1", "e1 s1"} <= {runs for runs, _ in rows(walk, "searches")}


@pytest.fixture
def page(browser, traced):
    yield visit(browser, traced[1])
    assert complaints(browser) == []


def tip(page) -> str:
    return WebDriverWait(page, 10).until(lambda b: b.find_element(By.ID, "tip").text)


def test_the_pointer_over_a_number_brings_its_runs(page, traced):
    number = page.find_element(By.CSS_SELECTOR, "#ranking tbody tr:nth-child(2) td.n:nth-child(3)")
    ActionChains(page).move_to_element(number).perform()
    entry = traced[0].entries[1]
    told = tip(page)
    assert entry.name in told
    assert all(key[:16] in told for key in entry.run_keys)
    ActionChains(page).send_keys(Keys.ESCAPE).perform()
    assert not page.find_element(By.ID, "tip").is_displayed()


def test_a_tap_on_a_number_of_a_checkpoint_brings_one_seed_each(page, traced):
    page.execute_script("document.getElementById('pair-0').querySelector('td.n').click()")
    told = tip(page)
    for entry in traced[0].entries[:2]:
        assert entry.run_keys[0][:16] in told
        assert entry.run_keys[1][:16] not in told


def test_the_keyboard_reaches_the_runs_and_the_list(page, traced):
    link = page.find_element(By.CSS_SELECTOR, "#ranking tbody a.from")
    page.execute_script("arguments[0].focus({ focusVisible: true })", link)
    assert traced[0].entries[0].run_keys[2][:16] in tip(page)
    assert link.get_attribute("aria-describedby") == "tip"
    link.send_keys(Keys.ENTER)
    assert page.find_element(By.CSS_SELECTOR, "#from-e0 li").is_displayed()


def test_the_explorer_names_the_runs_it_shows(page):
    assert page.find_element(By.ID, "cell").get_attribute("data-runs") == "e0"
    page.execute_script(
        "for (const [id, v] of [['entry', '1'], ['seed', '2']]) { const s = document.getElementById(id); s.value = v; "
        "s.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    assert page.find_element(By.ID, "pictures-note").get_attribute("data-runs") == "e1-s2"
