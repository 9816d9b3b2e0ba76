"""Splits: exact sizes, class-proportional, disjoint, reproducible, and safe on disk."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.data.apportion import apportion
from bakeoff.data.splits import Split, folds, load_split, make_split, save_split, take_subset
from bakeoff.errors import DataError, UsageError, WriteError

FASHION_LABELS = np.repeat(np.arange(10), 6000)
label_lists = st.lists(st.integers(0, 4), min_size=4, max_size=120).map(np.array)


@settings(max_examples=150)
@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=4), data=st.data())
def test_apportion_is_the_closest_division_there_is(counts, data):
    """Hamilton's method minimises the squared distance to the exact quotas: compare with all divisions."""
    counts = np.array(counts)
    leave = data.draw(st.integers(0, min(1, counts.min() - 1)))
    lowest = data.draw(st.integers(0, min(1, counts.min() - leave)))
    total = data.draw(st.integers(lowest * len(counts), int((counts - leave).sum())))
    got = apportion(counts, total, lowest=lowest, leave=leave)
    assert got.sum() == total
    assert np.all((got >= lowest) & (got <= counts - leave))
    quota = total * counts / counts.sum()
    options = itertools.product(*(range(lowest, c - leave + 1) for c in counts))
    best = min(np.square(np.array(o) - quota).sum() for o in options if sum(o) == total)
    assert np.square(got - quota).sum() == pytest.approx(best)


def test_apportion_refuses_the_impossible():
    with pytest.raises(ValueError, match="cannot share"):
        apportion(np.array([1, 1]), 2, leave=1)


def test_a_tenth_of_fashion_mnist():
    split = make_split(FASHION_LABELS, validation=0.1)
    assert len(split.train) == 54_000
    assert np.bincount(FASHION_LABELS[split.validation]).tolist() == [600] * 10
    assert split.train.dtype == split.validation.dtype == np.int64


def test_the_draw_never_moves():
    """Every run key depends on it."""
    split = make_split(np.arange(40) % 4, validation=0.2, seed=7)
    assert split.validation.tolist() == [2, 5, 6, 7, 16, 17, 23, 28]
    assert split.digest == "f64d8fa78f2b8973f0a8b5ee9ce7232c6a7228b6b02cd125e01d83998be20a5b"


@settings(max_examples=150)
@given(counts=st.lists(st.integers(2, 30), min_size=1, max_size=5), seed=st.integers(0, 99), data=st.data())
def test_a_split_is_exact_stratified_and_disjoint(counts, seed, data):
    n, k, counts = sum(counts), len(counts), np.array(counts)
    labels = np.array(data.draw(st.permutations(np.repeat(np.arange(k), counts).tolist())))
    classes = np.arange(k)
    total = data.draw(st.integers(k, n - k))
    validation = total / n if data.draw(st.booleans()) else total
    split = make_split(labels, validation=validation, seed=seed)
    assert len(split.validation) == total
    assert np.array_equal(np.sort(np.concatenate([split.train, split.validation])), np.arange(n))
    assert np.all(np.diff(split.train) > 0)
    assert np.all(np.diff(split.validation) > 0)
    held = np.array([(labels[split.validation] == c).sum() for c in classes])
    assert np.all((held >= 1) & (held < counts))
    if np.all(total * counts >= n) and np.all(total * counts <= (counts - 1) * n):
        assert np.all(np.abs(held - total * counts / n) < 1)
    assert make_split(labels, validation=validation, seed=seed).digest == split.digest


def test_seeds_give_other_members_of_the_same_sizes():
    a, b = (make_split(FASHION_LABELS, validation=0.1, seed=seed) for seed in (0, 1))
    assert a.digest != b.digest
    # Two independent tenths share about a hundredth: 600, sd 22.
    assert 480 < len(np.intersect1d(a.validation, b.validation)) < 720


def test_global_random_state_does_not_matter():
    first = make_split(FASHION_LABELS, validation=10, seed=3).digest
    np.random.seed(12345)
    assert make_split(FASHION_LABELS, validation=10, seed=3).digest == first


def test_no_validation():
    for none in (0, 0.0):
        split = make_split(np.array([0, 1, 1]), validation=none)
        assert split.train.tolist() == [0, 1, 2]
        assert split.validation.dtype == np.int64
        assert len(split.validation) == 0


def test_rows_that_the_dataset_sets_aside():
    split = make_split(np.array([0, 1, 0, 1]), validation=0.9, given=np.array([3, 0]))
    assert split.train.tolist() == [1, 2]
    assert split.validation.tolist() == [0, 3]
    with pytest.raises(DataError, match=r"0\.\.3"):
        make_split(np.array([0, 1, 0, 1]), validation=0, given=np.array([4]))
    with pytest.raises(DataError, match="class 1: all its examples are set aside for validation"):
        make_split(np.array([0, 1, 0, 1]), validation=0, given=np.array([1, 3]))
    with pytest.raises(DataError, match="no example is left"):
        make_split(np.array([0, 1]), validation=0, given=np.array([0, 1]))


@pytest.mark.parametrize("validation", [1.0, 1.5, -0.1, -1, 60_000, True, float("nan"), "0.1", None])
def test_validation_outside_its_range(validation):
    with pytest.raises(UsageError, match="validation: "):
        make_split(FASHION_LABELS, validation=validation)


def test_validation_that_cannot_be_stratified():
    with pytest.raises(DataError, match="class 2 has 1 example"):
        make_split(np.array([0, 0, 1, 1, 2]), validation=2)
    with pytest.raises(DataError, match="choose between 10 and 59,990"):
        make_split(FASHION_LABELS, validation=9)
    with pytest.raises(DataError, match="choose between 2 and 2"):
        make_split(np.array([0, 0, 1, 1]), validation=3)
    with pytest.raises(UsageError, match="not even one"):
        make_split(np.array([0, 0, 1, 1]), validation=0.01)


@settings(max_examples=100)
@given(labels=label_lists, k=st.integers(2, 6), seed=st.integers(0, 9))
def test_folds_cover_everything_once_and_evenly(labels, k, seed):
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < k:
        with pytest.raises(DataError, match=f"at least {k}"):
            folds(labels, k, seed)
        return
    parts = folds(labels, k, seed)
    assert len(parts) == k
    assert np.array_equal(np.sort(np.concatenate([p.validation for p in parts])), np.arange(len(labels)))
    sizes = [len(p.validation) for p in parts]
    assert max(sizes) - min(sizes) <= 1
    for c in classes:
        inside = [(labels[p.validation] == c).sum() for p in parts]
        assert max(inside) - min(inside) <= 1
    for part in parts:
        assert np.array_equal(np.union1d(part.train, part.validation), np.arange(len(labels)))
        assert len(part.train) + len(part.validation) == len(labels)
    assert [p.digest for p in folds(labels, k, seed)] == [p.digest for p in parts]


def test_folds_need_two():
    for k in (1, 0, 2.0, True):
        with pytest.raises(UsageError, match="folds"):
            folds(np.array([0, 0, 1, 1]), k)
    with pytest.raises(DataError, match="no examples"):
        folds(np.array([], int), 2)


@settings(max_examples=100)
@given(labels=label_lists, count=st.integers(1, 130), seed=st.integers(0, 9), data=st.data())
def test_a_subset_keeps_the_proportions(labels, count, seed, data):
    within = np.array(sorted(data.draw(st.sets(st.integers(0, len(labels) - 1), min_size=1))))
    rows = take_subset(labels, count, seed=seed, within=within)
    assert len(rows) == min(count, len(within))
    assert np.all(np.diff(rows) > 0)
    assert np.isin(rows, within).all()
    classes, counts = np.unique(labels[within], return_counts=True)
    got = np.array([(labels[rows] == c).sum() for c in classes])
    if count >= len(classes):
        assert np.all(got >= 1)
    if len(rows) * counts.min() >= len(within):
        assert np.all(np.abs(got - len(rows) * counts / len(within)) < 1)


def test_an_empty_subset_is_refused():
    with pytest.raises(UsageError, match="at least 1"):
        take_subset(np.array([0, 1]), 0)


def test_a_split_orders_and_locks_its_rows():
    split = Split(np.array([5, 1]), np.array([2]))
    assert split.train.tolist() == [1, 5]
    with pytest.raises(ValueError, match="read-only"):
        split.train[0] = 3
    assert split.digest == Split(np.array([1, 5]), np.array([2])).digest
    assert split.digest != Split(np.array([2]), np.array([1, 5])).digest
    assert split.digest != Split(np.array([1, 2, 5]), np.array([], np.int64)).digest


@pytest.mark.parametrize(
    ("train", "validation", "words"),
    [
        ([0, 1], [1], "row 1 is in train and in validation"),
        ([0, 0], [1], "negative or repeated"),
        ([-1], [1], "negative or repeated"),
        ([], [1], "no example is left"),
        ([0.5], [1], "row numbers"),
        ([[0]], [1], "row numbers"),
    ],
)
def test_what_is_no_split(train, validation, words):
    with pytest.raises(DataError, match=words):
        Split(np.array(train), np.array(validation))


@settings(max_examples=30)
@given(labels=st.lists(st.integers(0, 2), min_size=2, max_size=30), data=st.data())
def test_saved_and_loaded_is_the_same(tmp_path_factory, labels, data):
    rows = data.draw(st.permutations(range(len(labels))))
    cut = data.draw(st.integers(1, len(labels)))
    split = Split(np.array(rows[:cut]), np.array(rows[cut:], np.int64))
    path = tmp_path_factory.mktemp("splits") / "deep" / "split.npz"
    save_split(path, split)
    loaded = load_split(path)
    assert loaded.digest == split.digest
    assert np.array_equal(loaded.validation, split.validation)
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "split.npz"
    old, new = Split(np.array([0]), np.array([1])), Split(np.array([1]), np.array([0]))
    save_split(path, old)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WriteError, match=r"split\.npz: cannot be written: No space"):
        save_split(path, new)
    assert load_split(path).digest == old.digest
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_split_file_is_named(tmp_path):
    path = tmp_path / "split.npz"
    with pytest.raises(DataError, match=r"split\.npz: no such file"):
        load_split(path)
    save_split(path, Split(np.array([0]), np.array([1])))
    content = path.read_bytes()
    for damaged in (content[:50], b"", b"not a zip file"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"split\.npz: not a \.npz file"):
            load_split(path)
    np.savez(path, train=np.array([0]))
    with pytest.raises(DataError, match="expected the arrays train and validation"):
        load_split(path)
    np.savez(path, train=np.array([0]), validation=np.array([0]))
    with pytest.raises(DataError, match=r"split\.npz: split: row 0 is in train"):
        load_split(path)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), min_size=40, max_size=120),
    k=st.integers(2, 4),
    seed=st.integers(0, 3),
)
def test_copies_are_never_parted(rows, k, seed):
    labels, groups = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    labels = groups % 3  # copies bear one label here, so that every class has groups enough
    if np.bincount(labels, minlength=3).min() < k or min(len(set(groups[labels == c])) for c in range(3)) < 4:
        return
    split = make_split(labels, validation=0.2, seed=seed, groups=groups)
    parts = [split, *folds(labels, k, seed, groups=groups)]
    assert np.array_equal(np.sort(np.concatenate([s.validation for s in parts[1:]])), np.arange(len(labels)))
    for part in parts:
        assert not np.intersect1d(groups[part.train], groups[part.validation]).size
        assert np.array_equal(np.sort(np.concatenate([part.train, part.validation])), np.arange(len(labels)))
    largest = np.bincount(groups).max()
    for c in range(3):
        sizes = [(labels[s.validation] == c).sum() for s in parts[1:]]
        assert max(sizes) - min(sizes) <= largest


def test_without_copies_groups_change_nothing_of_the_size():
    labels = np.arange(200) % 4
    split = make_split(labels, validation=0.1, groups=np.arange(200))
    assert np.bincount(labels[split.validation]).tolist() == [5] * 4


def test_a_class_of_one_picture_is_split_all_the_same():
    """Frames of one film: kept together they could not be divided."""
    labels = np.array([0] * 20 + [1] * 20)
    groups = np.array([*range(20), *[20] * 20])
    split = make_split(labels, validation=0.1, groups=groups)
    assert split.digest == make_split(labels, validation=0.1).digest


def test_a_validation_set_is_not_one_stray_picture():
    labels = np.repeat([0, 1], [151, 151])
    groups = np.repeat(np.arange(12), [*[30] * 5, 1, *[30] * 5, 1])
    split = make_split(labels, validation=0.1, groups=groups)
    assert np.bincount(labels[split.validation]).tolist() == [31, 31]


def test_equal_pictures_stay_together_where_films_cannot():
    """Two films of 60 frames, each frame there twice: a tenth is no whole film, but twins stay on one side."""
    labels = np.repeat([0, 1], [120, 120])
    groups, same = np.arange(240) // 60, np.arange(240) // 2
    split = make_split(labels, validation=0.1, groups=groups, same=same)
    assert np.bincount(labels[split.validation]).tolist() == [12, 12]
    for part in [split, *folds(labels, 3, groups=groups, same=same)]:
        assert not np.intersect1d(same[part.train], same[part.validation]).size


@pytest.mark.parametrize("films", [[20], [10, 10], [7, 7, 6]])
def test_every_fold_trains_and_validates_every_class(films):
    sizes = [*films, *[1] * 20]
    labels = np.repeat([0, 1], [20, 20])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    for part in folds(labels, 3, groups=groups):
        assert np.all(np.bincount(labels[part.train], minlength=2) > 0)
        assert np.all(np.bincount(labels[part.validation], minlength=2) > 0)
        if len(films) == 3:
            assert not np.intersect1d(groups[part.train], groups[part.validation]).size


def test_folds_part_equal_pictures_only_where_a_class_has_too_few():
    labels = np.repeat([0, 1], [6, 6])
    same = np.repeat(np.arange(8), [3, 3, 1, 1, 1, 1, 1, 1])
    parts = folds(labels, 3, groups=same, same=same)
    assert [np.bincount(labels[part.validation]).tolist() for part in parts] == [[2, 2]] * 3
