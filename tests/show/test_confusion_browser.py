"""The matrix of many classes in Chromium: small cells without numbers, and the colour scale that stands for them."""

from __future__ import annotations

import numpy as np
import pytest
from chromium import complaints, visit
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from test_confusion_figure import hundred

from bakeoff.judge import judge
from bakeoff.show import write_report
from bakeoff.show.plot_confusion import row_shares


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hundred")
    contest = hundred(folder)
    judgement = judge(contest)
    return judgement.results, write_report(contest, judgement, folder / "report")


def strongest(entry) -> float:
    shares = row_shares(entry.confusion)
    np.fill_diagonal(shares, 0)
    return float(shares.max())


def test_the_scale_ends_at_the_strongest_error_of_what_is_shown(browser, many):
    results, report = many
    page = visit(browser, report)
    for n, entry in enumerate(results.entries):
        Select(page.find_element(By.ID, "entry")).select_by_value(str(n))
        marks = [mark.text for mark in page.find_elements(By.CSS_SELECTOR, "#scale b")]
        assert marks == ["0%", f"{50 * strongest(entry):.1f}%", f"{100 * strongest(entry):.1f}%"]
    assert complaints(page) == []


def test_the_end_of_the_scale_has_the_colour_of_the_strongest_cell(browser, many):
    page = visit(browser, many[1])
    ends = page.execute_script("return getComputedStyle(document.querySelector('#scale i')).backgroundImage")
    colours = page.execute_script(
        "return [...document.querySelectorAll('#grid td[data-at]')].map((td) => getComputedStyle(td).backgroundColor)"
    )
    errors = [colour for colour in colours if colour.startswith("rgba(213, 94, 0")]
    assert max(errors, key=lambda colour: float(colour.split(", ")[3][:-1])) in ends


@pytest.mark.parametrize("width", [1280, 400])
def test_the_scale_fits_the_page(browser, many, width):
    page = visit(browser, many[1])
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scale = page.find_element(By.ID, "scale")
    assert scale.is_displayed()
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert scale.rect["x"] + scale.rect["width"] <= width


def test_cells_with_numbers_need_no_scale(browser, report):
    assert not visit(browser, report / "report.html").find_element(By.ID, "scale").is_displayed()
