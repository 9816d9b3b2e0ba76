"""What the page holds of predictions and pictures, and what it says of what it left out."""

import base64
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from page_reader import Page
from synthetic import make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.show import write_report
from bakeoff.show.explorer import PREDICTION_BUDGET, affordable, packed, page_data
from bakeoff.show.pictures import make_sprite
from bakeoff.show.predictions import Predictions


def test_too_many_runs_keep_as_many_seeds_of_each_as_fit():
    rng = np.random.default_rng(0)
    n = 95_000
    noise = rng.integers(0, 256, (8, n)).astype(np.uint8)  # a byte of confidence that nothing shrinks
    labels = np.zeros(n, int)
    everyone = [Predictions(name, (4, 5, 6, 7, 8, 9, 10, 11), noise.astype(int), noise) for name in "ab"]
    kept = affordable(everyone, labels, 256)
    assert {p.seeds for p in kept} == {(4, 5, 6)}
    assert kept[0].predicted.shape == (3, n)
    assert len(packed(kept, labels, 256)) <= PREDICTION_BUDGET < len(packed(everyone, labels, 256))
    huge = Predictions(
        "e", (4, 5), np.zeros((2, 2_000_000), int), rng.integers(0, 256, (2, 2_000_000)).astype(np.uint8)
    )
    assert affordable([huge], np.zeros(2_000_000, int), 10)[0].seeds == (4,)


def test_more_than_256_classes_take_two_bytes():
    p = Predictions("e", (0,), np.array([[299, 1]]), np.array([[9, 8]], np.uint8))
    labels = np.array([299, 2])
    sprite = make_sprite(torch.zeros((2, 1, 2, 2), dtype=torch.uint8), labels, [p])
    nobody = SimpleNamespace(of=lambda _names: "")
    data = page_data([p], labels, [str(i) for i in range(300)], [], sprite, nobody)
    raw = zlib.decompress(base64.b64decode(data["packed"]))
    assert np.frombuffer(raw[:4], "<u2").tolist() == [299, 2]
    assert np.frombuffer(raw[4:8], "<u2").tolist() == [0, 299]
    assert raw[8:] == bytes([9, 8])


@pytest.fixture(scope="module")
def page(large) -> Page:
    return Page(large)


def test_a_hundred_classes_and_ten_thousand_pictures_stay_under_ten_megabytes(page):
    assert len(page.source.encode()) < 10_000_000
    assert [len(e["seeds"]) for e in page.data["entries"]] == [3] * 5


def test_the_page_says_how_many_pictures_it_holds_of_how_many(page):
    held = len(page.data["sprite"]["images"])
    assert 2_000 < held < 10_000
    assert f"This file holds {held:,} of the 10,000 test pictures" in page.text
    assert "compressed with slight losses (WebP, quality 80 of 100)" in page.text


def test_a_page_of_few_pictures_holds_them_exactly(tmp_path):
    dataset = make_dataset(40)
    contest = Contest("s", "q?", dataset, (Contestant("e", (make_run(tmp_path, dataset),)),), tmp_path / "l")
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert "This file holds all 40 test pictures." in page.text
    assert "losses" not in page.text[page.text.index("This file holds") :][:200]


def test_photos_become_thumbnails_and_the_page_says_so(tmp_path):
    dataset = make_dataset(20, shape=(3, 160, 120))
    contest = Contest("s", "q?", dataset, (Contestant("e", (make_run(tmp_path, dataset),)),), tmp_path / "l")
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert "Pictures are reduced to 48 × 64 pixels." in page.text
    assert "--tile-w:48px;--tile-h:64px" in page.source
