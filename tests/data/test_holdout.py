"""A test set drawn for data without one: no duplicate on both sides, every class on both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.data.copies import find_copies
from bakeoff.data.holdout import hold_out
from bakeoff.errors import DataError


def test_equal_pictures_are_one_group():
    rng = np.random.default_rng(0)
    base = rng.integers(0, 256, (4, 3, 5, 5), dtype=np.uint8)
    images = base[[0, 1, 0, 2, 3, 1, 0]]
    assert find_copies(images).groups.tolist() == [0, 1, 0, 2, 3, 1, 0]
    images[2, 0, 0, 0] ^= 1
    assert find_copies(images).groups.tolist() == [0, 1, 2, 3, 4, 1, 0]


@settings(max_examples=200)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=6, max_size=80),
    share=st.floats(0.05, 0.6),
    seed=st.integers(0, 5),
    data=st.data(),
)
def test_nothing_is_on_both_sides(rows, share, seed, data):
    labels, groups = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))) & (groups < 6)
    try:
        rest, held = hold_out(labels, groups, ("a", "b", "c"), share=share, seed=seed, keep=keep)
    except DataError:
        # Only where a class is too small, or copies and kept rows leave it little choice: never with many free groups.
        free = [set(groups[(labels == c) & ~keep]) - set(groups[keep | (labels != c)]) for c in range(3)]
        assert min(len(choice) for choice in free) < 2
        return
    assert np.array_equal(np.sort(np.concatenate([rest, held])), np.arange(len(rows)))
    assert not np.intersect1d(groups[rest], groups[held]).size
    assert not keep[held].any()
    for c in range(3):
        assert (labels[rest] == c).any()
        assert (labels[held] == c).any()
    again = hold_out(labels, groups, ("a", "b", "c"), share=share, seed=seed, keep=keep)
    assert np.array_equal(again[1], held)


@settings(max_examples=50)
@given(counts=st.lists(st.integers(2, 40), min_size=2, max_size=4), seed=st.integers(0, 5))
def test_without_duplicates_the_share_is_exact(counts, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    n, k = len(labels), len(counts)
    _, held = hold_out(labels, np.arange(n), [str(c) for c in range(k)], share=0.2, seed=seed)
    assert len(held) == max(k, round(0.2 * n))


def test_a_class_of_copies_is_named():
    labels = np.array([0, 0, 0, 1, 1, 1])
    with pytest.raises(DataError, match="class 'dog': its pictures are copies"):
        hold_out(labels, np.array([0, 1, 2, 3, 3, 3]), ("cat", "dog"))
    with pytest.raises(DataError, match=r"class 'dog' has 1 picture"):
        hold_out(labels[:4], np.arange(4), ("cat", "dog"))


def test_big_groups_still_leave_every_class_a_test_picture():
    """Two groups of five: none fits a fifth of ten, so the smaller rule gives way, not the class."""
    labels = np.array([0] * 10 + [1] * 10)
    groups = np.array([0] * 5 + [1] * 5 + list(range(2, 12)))
    rest, held = hold_out(labels, groups, ("cat", "dog"))
    assert (labels[held] == 0).sum() == 5
    assert (labels[held] == 1).sum() == 2
    assert (labels[rest] == 0).sum() == 5


def test_rows_that_stay_do_not_count():
    """A validation set of 200 beside 100 pictures: a fifth of the 100 is held out, not of the 300."""
    labels = np.repeat([0, 1, 0, 1], [4, 96, 16, 184])
    keep = np.arange(300) >= 100
    rest, held = hold_out(labels, np.arange(300), ("a", "b"), keep=keep)
    assert np.bincount(labels[held]).tolist() == [1, 19]
    assert np.bincount(labels[rest[~keep[rest]]]).tolist() == [3, 77]
    with pytest.raises(DataError, match=r"class 'a' has 1 picture\(s\) outside the validation set; drawing a test set"):
        hold_out(labels[3:], np.arange(297), ("a", "b"), keep=keep[3:])


def test_one_stray_picture_is_no_test_set():
    """Groups of 40 are more than a fifth of 121: the stray picture alone would fit."""
    labels = np.repeat([0, 1], [121, 121])
    groups = np.repeat(np.arange(8), [40, 40, 40, 1, 40, 40, 40, 1])
    _, held = hold_out(labels, groups, ("a", "b"), fair=True)
    assert min(np.bincount(labels[held])) >= 40


def test_what_is_not_fair_is_refused_on_request():
    labels = np.repeat([0, 1], [120, 120])
    groups = np.concatenate([np.repeat([0, 1], 60), np.arange(2, 122)])
    assert np.bincount(labels[hold_out(labels, groups, ("a", "b"))[1]]).tolist() == [60, 24]
    with pytest.raises(DataError, match="class 'a': its pictures are copies of too few different ones"):
        hold_out(labels, groups, ("a", "b"), fair=True)
