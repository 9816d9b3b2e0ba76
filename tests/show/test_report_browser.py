"""report.html in headless Chromium, opened from a file: what a reader clicks works."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from chromium import FLAGS, complaints, visit
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from synthetic import make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.show import write_report
from bakeoff.show.pictures import by_need
from bakeoff.show.predictions import cells, confident_mistakes, predictions


@pytest.fixture
def page(browser, report) -> webdriver.Chrome:
    yield visit(browser, report / "report.html")
    assert complaints(browser) == []


def cell(page, t: int, p: int, k: int = 4):
    return page.find_element(By.CSS_SELECTOR, f'#grid td[data-at="{t * k + p}"]')


def shown(page, where: str = "pictures") -> list[int]:
    """The test indices of the pictures on show, from their words."""
    pictures = page.find_elements(By.CSS_SELECTOR, f"#{where} .pic")
    return [int(p.get_attribute("aria-label").split(":")[0].split()[-1]) for p in pictures]


def expected(judged, entry: int, view: int, t: int, p: int) -> list[int]:
    everyone, labels = predictions(*judged), judged[0].dataset.test.labels.numpy()
    table = cells(everyone[entry], everyone[entry].views()[view], labels)
    table = table[(table[:, 0] == t) & (table[:, 1] == p) & np.isin(table[:, 2], by_need(labels, everyone))]
    return table[np.lexsort((table[:, 2], -table[:, 3])), 2][:60].tolist()


def test_a_click_shows_the_pictures_behind_a_cell(page, judged):
    for t, p in ((0, 1), (3, 0), (2, 2), (1, 0)):
        cell(page, t, p).click()
        assert shown(page) == expected(judged, 0, 0, t, p)
    assert len(shown(page)) == len(expected(judged, 0, 0, 1, 0))


def test_cells_count_what_the_judge_counted(page, judged):
    Select(page.find_element(By.ID, "measure")).select_by_value("count")
    for n, entry in enumerate(judged[1].results.entries):
        Select(page.find_element(By.ID, "entry")).select_by_value(str(n))
        words = [td.text for td in page.find_elements(By.CSS_SELECTOR, "#grid td[data-at]")]
        assert [int(w.replace(",", "") or 0) for w in words] == np.array(entry.confusion).ravel().tolist()


def test_entry_and_seed_change_the_open_cell(page, judged):
    cell(page, 0, 1).click()
    Select(page.find_element(By.ID, "entry")).select_by_value("2")
    assert shown(page) == expected(judged, 2, 0, 0, 1)
    Select(page.find_element(By.ID, "seed")).select_by_value("1")
    assert shown(page) == expected(judged, 2, 2, 0, 1)
    assert "seed 1" in page.find_element(By.ID, "pictures-note").text


def test_the_keyboard_reaches_and_opens_every_cell(page, judged):
    grid = page.find_elements(By.CSS_SELECTOR, '#grid td[tabindex="0"]')
    assert len(grid) == 1
    grid[0].send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    focused = page.switch_to.active_element
    assert focused.get_attribute("data-at") == "6"
    assert "class 1 taken for class 2" in focused.get_attribute("aria-label")
    focused.send_keys(Keys.ENTER)
    assert shown(page) == expected(judged, 0, 0, 1, 2)
    focused.send_keys(Keys.HOME, Keys.ARROW_UP, Keys.ARROW_UP)
    page.switch_to.active_element.send_keys(Keys.SPACE)
    assert shown(page) == expected(judged, 0, 0, 0, 0)
    assert len(page.find_elements(By.CSS_SELECTOR, '#grid td[tabindex="0"]')) == 1


def test_the_browser_gives_the_confident_mistakes_that_python_printed(page, judged):
    labels = judged[0].dataset.test.labels.numpy()
    everyone = predictions(*judged)
    assert shown(page, "mistake-pics") == confident_mistakes(everyone[0], labels)[:, 2].tolist()
    for n in (1, 0):
        Select(page.find_element(By.ID, "mistaken")).select_by_value(str(n))
        assert shown(page, "mistake-pics") == confident_mistakes(everyone[n], labels)[:, 2].tolist()


def test_a_tile_paints_the_picture_itself(page, judged):
    """What the browser paints for a tile is the test picture, read back through a canvas from the sheet and place."""
    cell(page, 0, 1).click()
    pixels = page.execute_async_script(
        """const done = arguments[0], pic = document.querySelector("#pictures .pic"), s = getComputedStyle(pic);
        const sheet = new Image();
        sheet.onload = () => { const c = document.createElement("canvas"), x = c.getContext("2d");
          c.width = c.height = 8; const zoom = parseFloat(s.width) / 8;
          const at = s.backgroundPosition.split(" ").map((v) => parseFloat(v) / zoom);
          x.drawImage(sheet, at[0], at[1]);
          done([...x.getImageData(0, 0, 8, 8).data].filter((_, i) => i % 4 === 0)); };
        sheet.src = s.backgroundImage.slice(5, -2);"""
    )
    image = expected(judged, 0, 0, 0, 1)[0]
    assert pixels == judged[0].dataset.test.images[image, 0].flatten().tolist()


def background(page) -> str:
    return page.execute_script("return getComputedStyle(document.body).backgroundColor")


def test_the_theme_follows_the_system_and_the_button(page):
    page.execute_script("localStorage.clear()")
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        page.refresh()
        before = background(page)
        assert before == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 27)"}[scheme]
        button = page.find_element(By.ID, "theme")
        button.click()
        assert background(page) != before
        button.click()
        assert background(page) == before
        page.execute_script("localStorage.clear()")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_curves_turn_to_seconds(page):
    def visible() -> set[str]:
        return {
            d.get_attribute("class")
            for d in page.find_elements(By.CSS_SELECTOR, "#curves figure > div")
            if d.is_displayed()
        }

    assert visible() == {"epochs"}
    page.find_element(By.CSS_SELECTOR, "input[name=axis][value=seconds]").click()
    assert visible() == {"seconds"}


def test_a_cell_of_the_verdict_matrix_leads_to_its_row(page):
    details = page.find_element(By.ID, "pair-details")
    page.execute_script("arguments[0].open = false", details)
    page.find_element(By.CSS_SELECTOR, ".versus td a[href='#pair-2']").click()
    assert page.find_element(By.ID, "pair-2").is_displayed()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(page, width):
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    page.refresh()
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    drawings = page.find_elements(By.CSS_SELECTOR, "#ranking svg")
    assert [d.get_attribute("class") for d in drawings if d.is_displayed()] == ["narrow" if width < 600 else "wide"]


def test_hostile_names_run_nothing(browser, nasty, tmp_path):
    visit(browser, write_report(*nasty, tmp_path))
    for at in range(16):
        browser.execute_script("document.querySelector(`#grid td[data-at='${arguments[0]}']`).click()", at)
    assert browser.find_element(By.ID, "pictures-title").text.startswith("\ufffdreversed\ufffd new | line")
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 2
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
    assert browser.get_log("browser") == []


def test_print_opens_what_is_folded(page):
    assert page.execute_script("return document.querySelectorAll('details:not([open])').length") > 0
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert page.execute_script("return document.querySelectorAll('details:not([open])').length") == 0
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert page.execute_script("return document.querySelectorAll('details:not([open])').length") > 0
    pdf = page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(json.dumps(pdf)) > 50_000


def test_a_sheet_as_large_as_its_budget_is_painted(browser, tmp_path):
    """Chromium drops a custom property of more than 2 MB, which such a sheet is; a plain rule has no such limit."""
    dataset = make_dataset(1545, classes=103, shape=(1, 32, 32))  # noise: a byte a pixel, 1.58 MB as PNG
    run = make_run(tmp_path, dataset, accuracy=0.5)
    contest = Contest("s", "q?", dataset, (Contestant("e", (run,)),), tmp_path / "ledger.jsonl")
    report = write_report(contest, judge(contest), tmp_path / "out")
    visit(browser, report)
    sheet = "getComputedStyle(document.querySelector('#pictures .pic')).backgroundImage"
    assert browser.execute_script(f"return {sheet}.length") > 2**21


@pytest.fixture
def coarse(browser, tmp_path) -> webdriver.Chrome:
    """A page of 60 classes in 20 superclasses; class i is of number i mod 20, so the dataset's own order mixes them."""
    of = tuple(f"kind {i % 20:02d}" for i in range(60))
    dataset = replace(make_dataset(600, classes=60), superclasses=of)
    contest = Contest("s", "q?", dataset, (Contestant("e", (make_run(tmp_path, dataset),)),), tmp_path / "l")
    return visit(browser, write_report(contest, judge(contest), tmp_path / "out"))


def test_classes_of_one_superclass_stand_together_under_its_name(coarse):
    heads = coarse.find_elements(By.CSS_SELECTOR, "#grid th.block")
    assert [h.get_attribute("title") for h in heads] == 2 * [f"kind {i:02d}" for i in range(20)]
    assert all(h.text == h.get_attribute("title") for h in heads)
    cells = "[...document.querySelectorAll('#grid tbody td')]"
    places = coarse.execute_script(f"return {cells}.map((td) => td.dataset.at)")
    order = [i + 20 * j for i in range(20) for j in range(3)]
    assert [int(p) for p in places] == [60 * t + p for t in order for p in order]
    edges = coarse.execute_script(f"return {cells}.slice(0, 60).map((td) => td.classList.contains('left'))")
    assert [i for i, edge in enumerate(edges) if edge] == list(range(3, 60, 3))


def test_the_keyboard_moves_over_places_and_hovering_names_classes_and_superclasses(coarse):
    at = coarse.find_element(By.CSS_SELECTOR, '#grid td[tabindex="0"]')
    assert at.get_attribute("data-at") == "0"
    at.send_keys(Keys.ARROW_RIGHT)  # class 20 is the next of kind 00
    assert coarse.switch_to.active_element.get_attribute("data-at") == "20"
    assert "class 0 taken for class 20 (both kind 00): " in coarse.find_element(By.ID, "cell").text
    coarse.switch_to.active_element.send_keys(Keys.ARROW_DOWN, Keys.END)
    assert coarse.switch_to.active_element.get_attribute("data-at") == str(20 * 60 + 59)
    target = coarse.find_element(By.CSS_SELECTOR, f'#grid td[data-at="{3 * 60 + 4}"]')
    ActionChains(coarse).move_to_element(target).perform()
    assert "class 3 taken for class 4 (kind 03, kind 04): " in coarse.find_element(By.ID, "cell").text


def test_the_axis_of_time_turns_without_javascript(report, tmp_path_factory):
    """Nothing but style sheets: in a browser that runs no scripts a click on the label is enough."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('no-script')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    chrome = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        chrome.get((report / "report.html").as_uri())
        assert chrome.find_elements(By.CSS_SELECTOR, "#grid td") == []  # no script has run
        seconds = chrome.find_elements(By.CSS_SELECTOR, "#curves .seconds")
        assert len(seconds) == 2 + 3
        assert not any(s.is_displayed() for s in seconds)
        chrome.find_element(By.CSS_SELECTOR, "input[name=axis][value=seconds]").click()
        assert all(s.is_displayed() for s in seconds)
        assert not any(s.is_displayed() for s in chrome.find_elements(By.CSS_SELECTOR, "#curves .epochs"))
    finally:
        chrome.quit()
