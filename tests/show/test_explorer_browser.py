"""The explorer in headless Chromium: what is asked for is what a plain loop finds; mouse, keyboard, both themes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from chromium import complaints, unpacked, visit
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bakeoff.show.pictures import by_need
from bakeoff.show.predictions import Predictions, predictions


@pytest.fixture
def page(browser, report):
    yield visit(browser, report / "report.html")
    assert complaints(browser) == []


def ask(page, **values: str) -> None:
    """Set selectors and tell the page."""
    page.execute_script(
        """for (const [id, value] of Object.entries(arguments[0])) {
          const select = document.getElementById(id);
          select.value = value;
          if (select.value !== value) throw new Error(`${id} has no ${value}`);
          select.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        values,
    )


def shown(page) -> list[int]:
    return page.execute_script("return [...document.querySelectorAll('#pictures li')].map((li) => +li.dataset.image)")


def enough_of(rule: str, hits: int, runs: int) -> bool:
    return {"any": hits > 0, "most": 2 * hits > runs, "all": hits == runs}[rule]


def is_said(rule: str, said: int, label: int) -> bool:
    return {"any": True, "right": said == label, "wrong": said != label}.get(rule, rule == str(said))


def by_loops(p: Predictions, labels, other: Predictions | None, *, true, said, enough, otherwise, order) -> list[int]:
    """The pictures in order, straight from what the options say."""
    found = []
    for i, y in enumerate(labels):
        by = [s for s, row in enumerate(p.predicted) if is_said(said, row[i], y)]
        if true not in ("-1", str(y)) or not enough_of(enough, len(by), len(p.predicted)):
            continue
        hits = sum(is_said(otherwise, row[i], y) for row in other.predicted) if other else 0
        if other and not enough_of(enough, hits, len(other.predicted)):
            continue
        weight = sum(int(p.confidence[s, i]) for s in by)
        shares = np.unique(p.predicted[:, i], return_counts=True)[1] / len(p.predicted)
        split = -round(1 - float((shares**2).sum()), 9)
        found.append({"sure": (-weight, i), "unsure": (weight, i), "split": (split, -weight, i), "number": (i,)}[order])
    return [key[-1] for key in sorted(found)]


@pytest.fixture(scope="module")
def everyone(judged) -> list[Predictions]:
    return predictions(*judged)


@pytest.fixture(scope="module")
def labels(judged) -> np.ndarray:
    return judged[0].dataset.test.labels.numpy()


@pytest.mark.parametrize("order", ["sure", "unsure", "split", "number"])
def test_what_is_asked_for_is_what_a_plain_loop_finds(page, everyone, labels, order):
    held = set(by_need(labels, everyone).tolist())
    asked = list(itertools.product(("-1", "2"), ("wrong", "right", "any", "1"), ("any", "most", "all"), ("", "1")))
    for n, (true, said, enough, other) in enumerate(asked):
        want = {"true": true, "said": said, "enough": enough, "otherwise": "right" if n % 4 > 1 else "wrong"}
        ask(page, **want, other=other, order=order)
        wanted = by_loops(everyone[0], labels, everyone[1] if other else None, **want, order=order)
        have = [i for i in wanted if i in held]
        assert shown(page) == have[:60], (want, other)
        note = page.find_element(By.ID, "pictures-note").text
        if wanted:
            assert note.startswith(f"{len(wanted)} picture")
            assert ("in this file" in note) == (len(have) < len(wanted))
        else:
            assert note == "No picture is like this."


def test_one_seed_alone_and_another_entry(page, everyone, labels):
    ask(page, entry="2", seed="1", true="-1", said="right", enough="any", other="0", otherwise="wrong", order="sure")
    one = Predictions("one", (1,), everyone[2].predicted[1:2], everyone[2].confidence[1:2])
    wanted = by_loops(one, labels, everyone[0], true="-1", said="right", enough="any", otherwise="wrong", order="sure")
    assert shown(page) == [i for i in wanted if i in set(by_need(labels, everyone).tolist())][:60]
    title = page.find_element(By.ID, "pictures-title").text
    assert title == f"Right answers, while {everyone[0].name} is wrong"


def test_a_picture_in_full_tells_what_every_run_said(page, everyone, labels):
    ask(page, true="-1", said="wrong", order="split")
    page.find_elements(By.CSS_SELECTOR, "#pictures li")[2].click()
    image = shown(page)[2]
    title = page.find_element(By.ID, "picture-title").text
    assert title == f"Test picture {image}, labelled class {labels[image]}"
    rows = page.find_elements(By.CSS_SELECTOR, "#picture-answers tr")
    assert len(rows) == len(everyone)
    for row, p in zip(rows, everyone, strict=True):
        cells = [cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
        said = p.predicted[:, image]
        assert cells[:2] == [p.name, f"{(said == labels[image]).sum()} of 3"]
        for c in np.unique(said):
            by = np.flatnonzero(said == c)
            sure = round(100 * float(p.confidence[by, image].mean()) / 255)
            seeds = ", ".join(str(p.seeds[s]) for s in by)
            assert f"class {c} {sure}% \nseed{'s' * (len(by) > 1)} {seeds}".replace(" \n", "\n") in cells[2]


def test_the_keyboard_walks_opens_and_closes(page):
    ask(page, true="-1", said="wrong")
    items = page.find_elements(By.CSS_SELECTOR, "#pictures li")
    assert [i.get_attribute("tabindex") for i in items].count("0") == 1
    page.find_element(By.ID, "clear").send_keys(Keys.TAB)
    focused = page.switch_to.active_element
    assert focused == items[0]
    focused.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert page.switch_to.active_element == items[2]
    outline = "return getComputedStyle(arguments[0]).outlineStyle"
    assert page.execute_script(outline, items[2]) == "solid"
    items[2].send_keys(Keys.ENTER)
    panel = page.find_element(By.ID, "picture")
    assert panel.is_displayed()
    assert items[2].get_attribute("aria-selected") == "true"
    before = page.find_element(By.ID, "picture-title").text
    items[2].send_keys(Keys.ARROW_DOWN)  # the open picture follows the focus
    below = page.switch_to.active_element
    tops = [page.execute_script("return arguments[0].offsetTop", i) for i in (items[2], below)]
    assert tops[0] < tops[1]
    assert page.find_element(By.ID, "picture-title").text != before
    below.send_keys(Keys.ESCAPE)
    assert not panel.is_displayed()
    assert page.switch_to.active_element == below
    below.send_keys(Keys.HOME)
    assert page.switch_to.active_element == items[0]


def test_sixty_more(page, everyone, labels):
    ask(page, entry="2", true="-1", said="wrong", enough="any", order="number")
    wanted = by_loops(
        everyone[2], labels, None, true="-1", said="wrong", enough="any", otherwise="wrong", order="number"
    )
    assert len(wanted) > 120
    page.find_element(By.ID, "more").click()
    assert shown(page) == wanted[:120]
    assert page.switch_to.active_element.get_attribute("data-image") == str(wanted[60])


def test_the_matrix_marks_the_cell_whose_pictures_are_shown(page):
    page.find_element(By.CSS_SELECTOR, '#grid td[data-at="1"]').click()
    assert [td.get_attribute("data-at") for td in page.find_elements(By.CSS_SELECTOR, "#grid td.open")] == ["1"]
    assert page.find_element(By.ID, "said").get_attribute("value") == "1"
    ask(page, said="2")
    assert [td.get_attribute("data-at") for td in page.find_elements(By.CSS_SELECTOR, "#grid td.open")] == ["2"]
    ask(page, said="wrong")
    assert page.find_elements(By.CSS_SELECTOR, "#grid td.open") == []
    assert page.find_element(By.ID, "pictures-title").text == "class 0 taken for something else"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_and_theme(page, width, scheme):
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.refresh()
    unpacked(page)
    page.find_elements(By.CSS_SELECTOR, "#pictures li")[0].click()
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = page.execute_script(
        "return ['#explorer', '#picture'].map((s) => document.querySelector(s).getBoundingClientRect().toJSON())"
    )
    assert boxes[0]["left"] <= boxes[1]["left"] < boxes[1]["right"] <= boxes[0]["right"] <= width
    paint = "const s = getComputedStyle(document.querySelector(arguments[0])); return [s.color, s.backgroundColor]"
    ink, paper = page.execute_script(paint, ".picture")
    assert light(ink) - light(paper) > 0.5 if scheme == "dark" else light(paper) - light(ink) > 0.5
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def light(color: str) -> float:
    parts = color[color.index("(") + 1 : color.index(")")].split(",")[:3]
    return sum(float(part) for part in parts) / 765


def test_ten_thousand_pictures_of_a_hundred_classes_answer(browser, large):
    page = visit(browser, large)
    ask(page, true="-1", said="right", enough="most", other="4", otherwise="wrong", order="split")
    note = page.find_element(By.ID, "pictures-note").text
    assert " pictures of 10,000 (" in note
    assert len(shown(page)) == 60
    page.find_elements(By.CSS_SELECTOR, "#pictures li")[0].click()
    assert len(page.find_elements(By.CSS_SELECTOR, "#picture-answers tr")) == 5
    assert complaints(browser) == []
