"""Which pictures a report carries, against plain loops."""

import base64
import io
import shutil
from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from synthetic import make_contest

from bakeoff.judge import Contestant, judge
from bakeoff.show.pictures import by_need, make_sprite
from bakeoff.show.predictions import (
    HASH,
    Predictions,
    cells,
    confident_mistakes,
    first_pictures,
    fooled_all,
    predictions,
    split_by_half,
)


def made_up(rng, seeds=3, n=60, k=4, skill=0.6) -> tuple[Predictions, np.ndarray]:
    labels = rng.integers(0, k, n)
    predicted = np.where(rng.random((seeds, n)) < skill, labels, rng.integers(0, k, (seeds, n)))
    return Predictions("e", tuple(range(seeds)), predicted, rng.integers(0, 256, (seeds, n)).astype(np.uint8)), labels


def by_loops(p: Predictions, rows, labels, t, c) -> list[int]:
    """Images of one cell in the page's order, errors by summed confidence, right answers by hash."""
    found = []
    for i, label in enumerate(labels):
        by = [s for s in rows if p.predicted[s, i] == c]
        if label == t and by:
            weight = sum(int(p.confidence[s, i]) for s in by)
            found.append((((i + 1) * HASH) % 2**32 if t == c else -weight, i))
    return [i for _, i in sorted(found)]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_cells_match_plain_loops(seed, seeds):
    p, labels = made_up(np.random.default_rng(seed), seeds)
    for rows in p.views():
        table = cells(p, rows, labels)
        for t in range(4):
            for c in range(4):
                mine = table[(table[:, 0] == t) & (table[:, 1] == c), 2].tolist()
                assert mine == by_loops(p, rows, labels, t, c)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 5))
def test_sheet_holds_every_view_of_every_cell_up_to_its_caps(seed, errors, right):
    p, labels = made_up(np.random.default_rng(seed))
    held = set()
    for rows in p.views():
        held |= set(first_pictures(cells(p, rows, labels), errors, right)[:, 2].tolist())
    for rows in p.views():
        for t in range(4):
            for c in range(4):
                assert set(by_loops(p, rows, labels, t, c)[: right if t == c else errors]) <= held


def test_confident_mistakes_are_the_highest_sums():
    p, labels = made_up(np.random.default_rng(3))
    sums = {}
    for s in range(3):
        for i, label in enumerate(labels):
            c = int(p.predicted[s, i])
            if c != label:
                sums[i, c] = sums.get((i, c), 0) + int(p.confidence[s, i])
    top = confident_mistakes(p, labels, 10)
    assert top[:, 3].tolist() == sorted(sums.values(), reverse=True)[:10]
    assert all(sums[i, c] == w for _, c, i, w in top.tolist())


def test_fooled_all_needs_every_run_of_every_entry():
    labels = np.array([0, 0, 1])
    sure = np.full((2, 3), 200, np.uint8)
    a = Predictions("a", (0, 1), np.array([[1, 1, 1], [1, 1, 1]]), sure)
    b = Predictions("b", (0, 1), np.array([[1, 0, 1], [1, 1, 1]]), sure)
    assert fooled_all([a, b], labels).tolist() == [[0, 1, 0]]


def test_confidence_is_the_softmax_of_the_prediction(judged):
    contest, judgement = judged
    p = predictions(contest, judgement)[0]
    entry = judgement.results.entries[0]
    logits = judgement.test_logits[entry.name, entry.run_keys[0]]
    share = torch.softmax(torch.from_numpy(logits).double(), 1).max(1).values.numpy()
    assert np.abs(p.confidence[0] / 255 - share).max() <= 0.5 / 255 + 1e-9
    assert (p.predicted[0] == logits.argmax(1)).all()


def test_one_training_on_two_machines_has_its_own_answers_on_each(tmp_path):
    contest = make_contest(tmp_path, {"here": 0.9})
    (here,) = contest.entries
    moved = []
    for run in here.runs:
        path = shutil.copytree(run.path, tmp_path / "there" / run.key)
        sealed = np.load(path / "test.sealed.npz")
        np.savez(path / "test.sealed.npz", logits=-sealed["logits"], labels=sealed["labels"])
        moved.append(replace(run, path=str(path), environment=run.environment | {"processor": "another"}))
    contest = replace(contest, entries=(here, Contestant("there", tuple(moved))))
    one, other = predictions(contest, judge(contest))
    assert one.name == "here"
    assert not np.array_equal(one.predicted, other.predicted)


def test_logits_that_are_not_finite_have_no_confidence():
    from bakeoff.show.predictions import _read

    predicted, sure = _read(np.array([[np.nan, np.nan], [np.inf, 0], [0, 5]], np.float32))
    assert sure.tolist() == [0, 0, 253]
    assert predicted[2] == 1


def decode(uri: str) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1]))))


def test_tiles_are_the_test_pictures_pixel_for_pixel():
    rng = np.random.default_rng(0)
    for channels in (1, 3):
        images = torch.from_numpy(rng.integers(0, 256, (60, channels, 7, 5), dtype=np.uint8))
        p, labels = made_up(rng)
        sprite = make_sprite(images, labels, [p])
        sheet = decode(sprite.uri).reshape(-1, sprite.columns * 5, channels)
        assert sprite.uri.startswith("data:image/png")
        for image in sprite.images:
            x, y = sprite.place(image)
            tile = sheet[7 * y : 7 * y + 7, 5 * x : 5 * x + 5]
            assert (tile == images[image].permute(1, 2, 0).numpy()).all()


def test_a_tight_budget_leaves_out_the_least_needed():
    rng = np.random.default_rng(0)
    images = torch.from_numpy(rng.integers(0, 256, (3000, 3, 32, 32), dtype=np.uint8))
    p, labels = made_up(rng, n=3000)
    free, tight = make_sprite(images, labels, [p], 10**9), make_sprite(images, labels, [p], 150_000)
    assert free.wanted == tight.wanted == len(free.images) > len(tight.images)
    assert 100_000 < len(tight.uri) < 4 / 3 * 150_000 + 100
    assert set(tight.images) < set(free.images)
    assert set(confident_mistakes(p, labels)[:, 2].tolist()) <= set(tight.images)
    assert tight == make_sprite(images, labels, [p], 150_000)
    for rows in p.views():
        for t in range(4):
            for c in range(4):
                assert by_loops(p, rows, labels, t, c)[0] in tight.images


def test_large_pictures_are_shown_smaller():
    images = torch.full((60, 3, 100, 200), 77, dtype=torch.uint8)
    p, labels = made_up(np.random.default_rng(0))
    sprite = make_sprite(images, labels, [p])
    assert (sprite.width, sprite.height, sprite.zoom) == (64, 32, 1)
    assert decode(sprite.uri)[0, 0].tolist() == [77, 77, 77]


def test_no_pictures_still_gives_a_sheet():
    sprite = make_sprite(torch.zeros((4, 1, 2, 2), dtype=torch.uint8), np.zeros(4, int), [])
    assert sprite.images == []
    assert decode(sprite.uri).shape == (2, 2)


def test_every_wrong_answer_is_needed_and_those_in_dispute_before_the_hopeless():
    rng = np.random.default_rng(1)
    a, labels = made_up(rng, seeds=2, n=2000)
    b = Predictions("b", (0, 1), np.where(rng.random((2, 2000)) < 0.5, labels, (labels + 1) % 4), a.confidence)
    wrong = np.flatnonzero([[*a.predicted[:, i], *b.predicted[:, i]] != [labels[i]] * 4 for i in range(2000)])
    need = by_need(labels, [a, b])
    assert len(set(need.tolist())) == len(need)
    assert set(wrong.tolist()) <= set(need.tolist())
    order = split_by_half([a, b], labels)
    assert sorted(order.tolist()) == wrong.tolist()
    share = [np.mean([p.predicted[s, i] != labels[i] for p in (a, b) for s in (0, 1)]) for i in order]
    assert [abs(x - 0.5) for x in share] == sorted(abs(x - 0.5) for x in share)


def test_a_hundred_thousand_photos_are_not_all_tried():
    """Only as many as could fit are ever encoded; the rest is left out at once."""
    images = torch.zeros((1, 3, 64, 64), dtype=torch.uint8).expand(30_000, -1, -1, -1)
    labels = np.zeros(30_000, int)
    p = Predictions("e", (0,), np.ones((1, 30_000), int), np.zeros((1, 30_000), np.uint8))
    sprite = make_sprite(images, labels, [p], 200_000)
    assert sprite.wanted == 30_000
    assert len(sprite.images) == 25 * 200_000 // (3 * 64 * 64)
    assert sprite.uri.startswith("data:image/webp")
