"""A search's part of report.html in headless Chromium: the map of any two hyper-parameters, in both themes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chromium import complaints, visit
from searches import random_search
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.show import write_report


@pytest.fixture(scope="module")
def search():
    return random_search(80)


@pytest.fixture
def page(browser, search, tmp_path):
    contest = replace(make_contest(tmp_path, {"best": 0.85}, n=100), searches=(search,))
    yield visit(browser, write_report(contest, judge(contest), tmp_path / "out"))
    assert complaints(browser) == []


def cells(page) -> list[list[str]]:
    rows = page.find_elements(By.CSS_SELECTOR, ".heat tbody tr")
    return [[td.text.split("\n")[0] for td in row.find_elements(By.TAG_NAME, "td")] for row in rows]


def test_any_two_axes_show_mean_best_and_count(page, search):
    assert not page.find_element(By.CSS_SELECTOR, ".pair .still").is_displayed()
    for name, axis in ((".across", "activation"), (".down", "lr")):
        Select(page.find_element(By.CSS_SELECTOR, name)).select_by_visible_text(axis)
    scores: dict[int, list[float]] = {}
    points = {t.number: t.point for t in search.trials}
    for t in search.trials:
        scores.setdefault(t.number, []).append(np.nan if t.diverged else t.validation_accuracy[-1])
    means = {n: np.mean(v) for n, v in scores.items() if np.isfinite(v).all()}
    for what, reckon, form in (
        ("the mean", np.mean, lambda v: f"{100 * v:.1f}"),
        ("the best", np.max, lambda v: f"{100 * v:.1f}"),
        ("how many", len, str),
    ):
        Select(page.find_element(By.CSS_SELECTOR, ".cells")).select_by_visible_text(what)
        shown = cells(page)
        for row, lr in zip(shown, (1e-1, 1e-2, 1e-3, 1e-4, 1e-5), strict=True):
            for text, activation in zip(row, ("relu", "selu", "elu"), strict=True):
                own = [s for n, s in means.items() if points[n]["lr"] == lr and points[n]["activation"] == activation]
                expected = form(reckon(own)) if own else "–"
                assert text == expected or abs(float(text) - float(expected)) < 0.11  # a half rounds either way


def test_pictures_follow_the_theme_and_the_axis_of_cost_can_be_chosen(page):
    pictures = page.find_elements(By.CSS_SELECTOR, "#search-1 svg.wide image")
    seen = []
    for theme in ("light", "dark"):
        page.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
        seen.append([picture.value_of_css_property("display") for picture in pictures])
    assert set(seen[0]) == {"inline", "none"}
    assert all({a, b} == {"inline", "none"} for a, b in zip(*seen, strict=True))
    by_seconds = page.find_element(By.CSS_SELECTOR, "#search-1 .by-seconds")
    assert not by_seconds.is_displayed()
    page.execute_script("document.querySelector('#search-1 input[value=seconds]').click()")
    assert by_seconds.is_displayed()
