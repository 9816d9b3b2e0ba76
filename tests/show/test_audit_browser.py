"""What the audit shows in Chromium: in a study's report and on a page of its own, the pictures behind each card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import complaints, visit
from hostile_names import NASTY
from PIL import Image
from selenium.webdriver.common.by import By
from synthetic import make_contest

from bakeoff.api import auditing
from bakeoff.data import Examples
from bakeoff.judge import judge
from bakeoff.show import write_report

MIRRORED, EQUAL = 20, 4


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    """Mirror images and equal pictures of the training set in the test set, one picture under two labels, hostile names
    of classes and files."""
    contest = make_contest(tmp_path_factory.mktemp("leaky"), {"cnn": 0.9, "mlp": 0.8}, seeds=2)
    test, train = contest.dataset.test.images.clone(), contest.dataset.train.images.clone()
    test[:MIRRORED] = train[200 : 200 + MIRRORED].flip(-1)
    test[40 : 40 + EQUAL] = train[240 : 240 + EQUAL]
    train[5] = train[4]
    dataset = replace(
        contest.dataset,
        classes=tuple(NASTY[:4]),
        train=Examples(train, contest.dataset.train.labels),
        test=Examples(test, contest.dataset.test.labels),
        skipped=((NASTY[0], NASTY[1]),),
    )
    return replace(contest, dataset=dataset)


@pytest.fixture(scope="module")
def report(leaky, tmp_path_factory) -> Path:
    return write_report(leaky, judge(leaky), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def alone(leaky, tmp_path_factory) -> Path:
    """The page of `bakeoff data audit`."""
    page = tmp_path_factory.mktemp("audit") / "audit.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auditing, "load_dataset", lambda *_, **__: leaky.dataset)
        auditing.audit_dataset("made up", out=page)
    return page


@pytest.fixture(params=["report", "alone"])
def page(request, browser, report, alone):
    if request.param == "report":
        return visit(browser, report)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.get(alone.as_uri())
    return browser


def galleries(page):
    """(title, cards) of each gallery of the section."""
    return [
        (title.text, cards.find_elements(By.TAG_NAME, "li"))
        for title, cards in zip(
            [h for h in page.find_elements(By.CSS_SELECTOR, "#data h3") if h.text != "Scores without the copies"],
            page.find_elements(By.CSS_SELECTOR, "#data ul.cards"),
            strict=True,
        )
    ]


def painted(page, tile, folder: Path) -> np.ndarray:
    """What the browser paints for a tile, uint8 [8, 8], from a screenshot of it."""
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", tile)
    tile.screenshot(str(folder / "tile.png"))
    shot = np.asarray(Image.open(folder / "tile.png").convert("L"))
    side = shot.shape[0] // 8
    return shot[side // 2 :: side, side // 2 :: side][:8, :8]


def test_a_card_paints_the_test_picture_beside_its_copy(page, leaky, tmp_path):
    parts = {"train": leaky.dataset.train.images, "test": leaky.dataset.test.images}
    (title, cards), *_ = galleries(page)
    assert title == "Test pictures and their copies in training"
    assert len(cards) == MIRRORED + EQUAL
    for card in (cards[0], cards[EQUAL]):
        for tile in card.find_elements(By.CSS_SELECTOR, ".pic"):
            part, _, row, *_ = tile.get_attribute("aria-label").split()
            truth = parts[part][int(row.rstrip(",")), 0].numpy()
            assert np.abs(painted(page, tile, tmp_path).astype(int) - truth).max() <= 2


def test_only_equal_pixels_are_called_equal(page):
    """A mirror image is as like as can be, and not equal."""
    (_, cards), *_ = galleries(page)
    feet = [card.text.splitlines()[-1] for card in cards]
    assert [foot.endswith("equal") for foot in feet] == [True] * EQUAL + [False] * MIRRORED


def test_labels_that_contradict_each_other_are_shown(page):
    _, cards = next(found for found in galleries(page) if found[0] == "Equal pictures, different labels")
    assert len(cards) == 1
    assert len(cards[0].find_elements(By.CSS_SELECTOR, ".pic")) == 2


def test_names_stay_words(page):
    assert page.find_elements(By.CSS_SELECTOR, "#data script, #data img, #data iframe") == []
    assert complaints(page) == []


@pytest.mark.parametrize("width", [400, 1280])
def test_cards_stand_in_columns_that_fit(page, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    (_, cards), *_ = galleries(page)
    places = [card.rect for card in cards[:8]]
    assert len({round(at["x"]) for at in places}) == (2 if width == 400 else 5)
    assert all(at["x"] + at["width"] <= width for at in places)


def test_the_theme_reaches_the_cards(page):
    words = "return getComputedStyle(document.querySelector('#data .cards b')).color"
    seen = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        seen.append(page.execute_script(words))
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert seen == ["rgb(28, 33, 38)", "rgb(235, 232, 226)"]
