"""The page over several datasets in Chromium: links, themes, narrow screens, hostile names."""

from __future__ import annotations

import pytest
from chromium import complaints
from hostile_names import NASTY
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.across import judge_across
from bakeoff.show.across_page import write_across

ACCURACIES = (0.92, 0.86, 0.8, 0.62)


@pytest.fixture(scope="module")
def overview(tmp_path_factory):
    """Seven datasets, four entries, every name hostile; the first leads on each. Reports lie where links lead."""
    folder = tmp_path_factory.mktemp("across")
    template = judge(make_contest(folder / "t", {"a": 0.9}, seeds=2, n=80)).results
    (entry,) = template.entries
    results = {}
    for i in range(7):
        scores = [entry.test_accuracy.model_copy(update={"mean": a - 0.01 * i}) for a in ACCURACIES]
        entries = [
            entry.model_copy(update={"name": name, "test_accuracy": score})
            for name, score in zip((*NASTY[:3], "x" * 120), scores, strict=True)
        ]
        dataset = template.dataset.model_copy(update={"name": f"{NASTY[i % len(NASTY)]} {i}"})
        update = {"entries": entries, "dataset": dataset, "answer": NASTY[3], "question": NASTY[1], "study": NASTY[0]}
        results[f"set {i}"] = template.model_copy(update=update)
        (folder / f"set {i}").mkdir()
        (folder / f"set {i}" / "report.html").write_text(f"<title>report {i}</title>")
    return write_across(judge_across(results, [NASTY[2]]), folder)


@pytest.fixture
def page(browser, overview):
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.get(overview.as_uri())
    return browser


def widen(page, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def test_names_stay_words_and_nothing_runs(page):
    assert page.find_elements(By.CSS_SELECTOR, "script, img, iframe, object") == []
    assert complaints(page) == []
    rows = page.find_elements(By.CSS_SELECTOR, "#datasets tbody tr")
    assert len(rows) == 8
    assert len(page.find_elements(By.CSS_SELECTOR, "#pairs tbody tr")) == 6


def test_each_dataset_leads_to_its_own_report(page):
    links = [a.get_attribute("href") for a in page.find_elements(By.CSS_SELECTOR, "#datasets tbody a")]
    assert len(links) == 7
    for i, link in enumerate(links):
        page.get(link)
        assert page.title == f"report {i}"


def test_the_best_of_a_dataset_is_bold_and_verdicts_have_their_colours(page):
    for row in page.find_elements(By.CSS_SELECTOR, "#datasets tbody tr")[:7]:
        cells = row.find_elements(By.CSS_SELECTOR, "td.n")
        assert [len(cell.find_elements(By.TAG_NAME, "b")) for cell in cells] == [1, 0, 0, 0]
    tags = page.find_elements(By.CSS_SELECTOR, "#pairs .tag")
    assert {tag.text for tag in tags} <= {"better", "undecided"}
    muted = page.execute_script("return getComputedStyle(document.querySelector('.note')).color")
    for tag in tags:
        assert (tag.value_of_css_property("color").replace("rgba", "rgb").replace(", 1)", ")") == muted) == (
            tag.text == "undecided"
        )


def test_it_follows_the_theme_of_the_system(page):
    seen = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        seen.append(
            page.execute_script("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")
        )
    assert seen == [["rgb(255, 255, 255)", "rgb(28, 33, 38)"], ["rgb(21, 24, 27)", "rgb(235, 232, 226)"]]


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_page_and_tables_scroll_by_key(page, width):
    widen(page, width)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    table = page.find_element(By.CSS_SELECTOR, "#pairs .scroll")
    assert table.get_attribute("tabindex") == "0"
    assert table.get_attribute("aria-label")
    assert width > 400 or table.get_property("scrollWidth") > table.get_property("clientWidth")
    table.send_keys(Keys.ARROW_RIGHT)
    assert page.switch_to.active_element == table
