"""live.html in headless Chromium, opened from a file: it refreshes itself while training goes on, and then no more."""

import time
from datetime import datetime, timedelta

import pytest
from chromium import complaints
from hostile_names import NASTY
from live_events import about, beginning, job, launch_of, news
from selenium.webdriver.common.by import By

from bakeoff.atomic import write_bytes
from bakeoff.show import Board, Heading
from bakeoff.show import live_page as room

HEADING = Heading("shapes", "Which shape is best?", "fashion-mnist")
PATIENCE_S = 30


@pytest.fixture
def show(browser, tmp_path, monkeypatch):
    """(events, ending, seconds of age, of refreshing) -> writes the page; the first time the browser opens it."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    path = tmp_path / "live.html"

    def write(events, ending="", age=0.0, refresh=0.5, heading=HEADING):
        monkeypatch.setattr(room, "REFRESH_S", refresh)
        board = Board()
        for event in events:
            board.take(event)
        if ending:
            board.end(ending)
        new = not path.exists()
        written = datetime.now().astimezone() - timedelta(seconds=age)
        write_bytes(path, room.render_live(board, heading, written, 15.0).encode())
        if new:
            browser.get(path.as_uri())
        return browser

    yield write
    assert complaints(browser) == []


def soon(condition) -> bool:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        try:
            if condition():
                return True
        except Exception:  # the page may be on its way out
            pass
        time.sleep(0.05)
    return False


def headline(page) -> str:
    return page.find_element(By.ID, "headline").text


def mark(page) -> None:
    """A sign that a reload wipes away."""
    page.execute_script("window.untouched = true")


def untouched(page) -> bool:
    return page.execute_script("return window.untouched === true")


def test_the_page_follows_the_training_and_keeps_place_axis_and_theme(show):
    page = show(launch_of(["a", "b"], 2, done=1, under_way=1), refresh=6)  # what a reader does takes a while
    assert "1 of 4 trainings is done" in headline(page)
    page.find_element(By.CSS_SELECTOR, "input[name=axis][value=steps]").click()
    page.find_element(By.ID, "theme").click()
    theme = page.find_element(By.TAG_NAME, "html").get_attribute("data-theme")
    page.execute_script("scrollTo(0, 400)")
    place = "return document.querySelector('#curves h2').getBoundingClientRect().top"
    before = page.execute_script(place)
    show(launch_of(["a", "b"], 2, done=3, under_way=1), "stopped")  # so that it holds still to be looked at
    assert soon(lambda: "3 of 4 trainings are done" in headline(page))
    assert soon(lambda: abs(page.execute_script(place) - before) < 2), "what is being read stays where it is"
    assert page.find_element(By.CSS_SELECTOR, "figure.steps").is_displayed()
    assert not page.find_element(By.CSS_SELECTOR, "figure.epochs").is_displayed()
    assert page.find_element(By.CSS_SELECTOR, "input[value=steps]").is_selected()
    assert page.find_element(By.TAG_NAME, "html").get_attribute("data-theme") == theme
    page.execute_script("localStorage.clear(); sessionStorage.clear()")


@pytest.mark.parametrize("ending", ["done", "stopped", "failed"])
def test_at_the_end_it_refreshes_no_more(show, ending):
    page = show(launch_of(["a"], 2, done=1, under_way=1))
    show(launch_of(["a"], 2, done=2, under_way=0), ending)
    assert soon(lambda: "no longer refreshes" in page.find_element(By.ID, "fresh").text)
    mark(page)
    time.sleep(1.2)
    assert untouched(page)
    assert len(page.find_elements(By.CSS_SELECTOR, "a[href='report.html']")) == (ending == "done")


def test_a_page_that_nobody_writes_any_more_says_so_and_rests(show):
    page = show(launch_of(["a"], 2, done=1, under_way=1), age=300)
    assert "nothing new since" in page.find_element(By.ID, "fresh").text
    mark(page)
    time.sleep(1.2)
    assert untouched(page)


def test_a_pause_holds_the_page_until_it_goes_on(show):
    page = show(launch_of(["a"], 2, done=1, under_way=1))
    press = """const b = document.getElementById("pause"); if (b.textContent === arguments[0]) b.click();
        return b.textContent !== arguments[0] || arguments[0] === "Go on";"""
    assert soon(lambda: page.execute_script(press, "Pause"))
    mark(page)
    time.sleep(1.2)
    assert untouched(page)
    assert soon(lambda: page.execute_script(press, "Go on"))
    assert soon(lambda: not untouched(page))
    assert soon(lambda: page.execute_script("sessionStorage.clear(); return true"))


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(show, width):
    page = show(launch_of(["a", "b" * 60], 2, done=2, under_way=1), "stopped")
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    page.refresh()
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    drawings = page.find_elements(By.CSS_SELECTOR, "figure.epochs svg")
    assert len({d.rect["x"] for d in drawings}) == (1 if width < 700 else 2)


def test_hostile_names_run_nothing(show):
    events = [beginning(NASTY), about("epoch", job(0), "", news(0, 1)), about("pack_failed", job(1), NASTY[0])]
    page = show(events, "stopped", heading=Heading(NASTY[0], NASTY[3], NASTY[1]))
    assert len(page.find_elements(By.TAG_NAME, "script")) == 1
    assert page.find_element(By.TAG_NAME, "h1").text.startswith("\ufffdreversed\ufffd new | line")
