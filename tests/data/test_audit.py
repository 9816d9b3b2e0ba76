"""What an audit counts, against plain loops over pictures of very few values."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import make_dataset

from bakeoff.data import Dataset, Examples
from bakeoff.data.audit import audit

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=30)


def tiny(train: list[tuple[int, int]], test: list[tuple[int, int]]) -> Dataset:
    """Pictures of one pixel: (value, label)."""
    parts = [
        Examples(torch.tensor([[[[v]]] for v, _ in part], dtype=torch.uint8), torch.tensor([c for _, c in part]))
        for part in (train, test)
    ]
    return Dataset("tiny", ("a", "b", "c"), *parts)


@settings(max_examples=150)
@given(ROWS, ROWS)
def test_counts_of_equal_pictures(train, test):
    found = audit(tiny(train, test))
    seen = [v for v, _ in train]
    assert found.in_training.tolist() == [v in seen for v, _ in test]
    assert found.leaked.tolist() == found.in_training.tolist()
    assert found.repeated == sum(v in seen[:i] for i, v in enumerate(seen))
    everyone = [*train, *test]
    wanted = []
    for value in dict.fromkeys(v for v, _ in everyone):
        rows = [i for i, (v, _) in enumerate(everyone) if v == value]
        if len({everyone[i][1] for i in rows}) > 1:
            wanted.append(rows)
    assert found.conflicts == wanted
    for row, other, likeness in found.test_pairs():
        assert (everyone[row][0], likeness) == (everyone[other][0], 1.0)
        assert other < len(train) <= row


def test_near_copies_on_both_sides_and_within_training():
    dataset = make_dataset(400)
    train, test = dataset.train.images.clone(), dataset.test.images.clone()
    test[3], test[8] = train[50].flip(-1), train[60].flip(-1)
    test[9] = test[8]  # twice in the test set
    test[20] = test[21].flip(-1)  # within the test set: nobody learned from it
    train[70] = train[71].flip(-1)
    train[61] = train[60]  # an equal one of what has a near copy
    labels = (dataset.train.labels, dataset.test.labels)
    found = audit(Dataset("planted", dataset.classes, Examples(train, labels[0]), Examples(test, labels[1])))
    assert np.flatnonzero(found.near_training).tolist() == [3, 8, 9]
    assert not found.in_training.any()
    assert {(a, b) for a, b, _ in found.test_pairs()} == {(803, 50), (808, 60), (809, 60)}
    assert found.alike == 2
    assert found.repeated == 1
    assert [(a, b) for a, b, _ in found.train_pairs()] == [(70, 71)]


def test_a_picture_that_is_there_exactly_is_not_counted_as_near():
    dataset = make_dataset(400)
    train, test = dataset.train.images.clone(), dataset.test.images.clone()
    train[10] = train[11].flip(-1)
    test[0] = train[10]
    found = audit(
        Dataset("planted", dataset.classes, Examples(train, dataset.train.labels), Examples(test, dataset.test.labels))
    )
    assert (found.in_training.sum(), found.near_training.sum()) == (1, 0)
    assert found.test_pairs() == [(800, 10, 1.0)]
