"""The report's section on the data: words, scores without the copies, contact sheets; hostile names too."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hostile_names import NASTY
from page_reader import Page, assert_alone
from PIL import Image
from synthetic import make_contest

from bakeoff.data import Examples
from bakeoff.judge import judge
from bakeoff.judge.audit import audit_data
from bakeoff.show import write_report
from bakeoff.show.audit_page import render_audit
from bakeoff.show.audit_section import CARDS, audit_section

COPIES = 30


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    """A contest where 30 test pictures are mirror images of training pictures, and two equal pictures bear two labels.
    Class names are hostile."""
    contest = make_contest(tmp_path_factory.mktemp("leaky"), {"cnn": 0.9, "mlp": 0.89}, seeds=2)
    test, train = contest.dataset.test.images.clone(), contest.dataset.train.images.clone()
    test[:COPIES] = train[200 : 200 + COPIES].flip(-1)
    train[5] = train[4]
    dataset = replace(
        contest.dataset,
        classes=tuple(NASTY[:4]),
        train=Examples(train, contest.dataset.train.labels),
        test=Examples(test, contest.dataset.test.labels),
    )
    return replace(contest, dataset=dataset)


@pytest.fixture(scope="module")
def section(leaky):
    return audit_section(judge(leaky).results.audit, leaky.dataset)


def tile(gallery, at) -> np.ndarray:
    """uint8 [h, w] of the picture behind a card's tile."""
    content = base64.b64decode(gallery.uri.partition(",")[2])
    sheet = np.asarray(Image.open(io.BytesIO(content)))
    side = sheet.shape[1] // gallery.columns
    return sheet[at.row * side : (at.row + 1) * side, at.column * side : (at.column + 1) * side]


def test_every_card_shows_the_pictures_it_names(leaky, section):
    copies, conflicts = section.galleries
    assert (copies.title, len(copies.cards)) == ("Test pictures and their copies in training", CARDS)
    assert copies.note == f"The first {CARDS} are shown."
    assert conflicts.title == "Equal pictures, different labels"
    parts = {"train": leaky.dataset.train.images, "test": leaky.dataset.test.images}
    for gallery in section.galleries:
        for card in gallery.cards:
            for at in card.tiles:
                part, row = re.match(r"(train|test) picture (\d+), labelled ", at.name).groups()
                assert np.array_equal(tile(gallery, at), parts[part][int(row), 0].numpy())


def test_a_pair_is_a_test_picture_beside_its_mirror_image(section):
    for card in section.galleries[0].cards:
        first, second = (tile(section.galleries[0], at) for at in card.tiles)
        assert np.array_equal(first[:, ::-1], second)


def test_words_and_scores(section):
    assert section.sentences[0].startswith(
        "None of the 400 test pictures is in the training set pixel for pixel; 30 have a near copy there"
    )
    assert "1 group of equal pictures bear" in " ".join(section.sentences)
    assert section.scores.caption == "Test accuracy on the 370 pictures without a copy in training"
    for _, everything, without, interval, change in section.scores.rows:
        assert interval.low <= without <= interval.high
        assert everything + change == pytest.approx(without)


def test_the_report_holds_it_and_stays_alone(leaky, tmp_path):
    page = Page(write_report(leaky, judge(leaky), tmp_path))
    assert_alone(page)
    assert "data" in page.ids()
    assert "Test accuracy on the 370 pictures" in page.source
    for name in NASTY[:4]:
        assert f"<b><bdi>{name}" not in page.source or "<" not in name
    text = (tmp_path / "report.md").read_text()
    assert "## The data" in text
    assert "24 cards" in text


def test_the_audit_page_of_colour_pictures_with_hostile_names(leaky):
    colour = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (150, 3, 90, 70), dtype=np.uint8))
    colour[:4] = colour[4:8].flip(-1)
    labels = torch.arange(150) % 4
    train, test = Examples(colour, labels), Examples(colour[:1], labels[:1])
    dataset = replace(leaky.dataset, name=NASTY[0], train=train, test=test,
                      files=tuple(f"{NASTY[i % 4]}/{i}" for i in range(151)))  # fmt: skip
    audit = audit_data(dataset)
    assert (audit.equal_test, audit.near_train) == (1, 8)
    source = render_audit(audit, [], dataset)
    assert "<script" not in source
    assert len(source) < 200_000


def test_nothing_found_is_said_and_shows_nothing(tmp_path):
    contest = make_contest(tmp_path, {"cnn": 0.9}, seeds=2)
    found = audit_section(judge(contest).results.audit, contest.dataset)
    assert (found.scores, found.galleries, found.changed) == (None, (), ())
    assert found.sentences[0].startswith("None of the 400 test pictures is in the training set pixel for pixel; 0 have")
