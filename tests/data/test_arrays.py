"""Datasets from arrays and .npz files."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bakeoff.data.arrays import from_arrays, read_arrays
from bakeoff.data.splits import make_split
from bakeoff.errors import DataError, UsageError

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (20, 6, 5, 3), dtype=np.uint8)
Y = np.arange(20) % 2
GREY = X[..., 0]


def test_layouts_agree():
    want = torch.from_numpy(X).permute(0, 3, 1, 2)
    for images in (X, X.transpose(0, 3, 1, 2), torch.from_numpy(X), np.asfortranarray(X)):
        dataset = from_arrays(images, Y, X, Y)
        assert torch.equal(dataset.train.images, want)
        assert dataset.train.images.is_contiguous()
    assert torch.equal(from_arrays(GREY, Y, GREY, Y).train.images[:, 0], torch.from_numpy(GREY))
    assert from_arrays(GREY[..., None], Y, GREY, Y).shape == (1, 6, 5)


def test_layout_that_could_be_either():
    square = RNG.integers(0, 256, (20, 3, 7, 3), dtype=np.uint8)
    with pytest.raises(DataError, match="could be NCHW or NHWC"):
        from_arrays(square, Y, square, Y)
    assert from_arrays(square, Y, square, Y, layout="NCHW").shape == (3, 7, 3)
    assert from_arrays(square, Y, square, Y, layout="NHWC").shape == (3, 3, 7)
    with pytest.raises(UsageError, match="layout: 'CHWN'"):
        from_arrays(square, Y, square, Y, layout="CHWN")
    with pytest.raises(DataError, match="expected 1 or 3 channels"):
        from_arrays(X, Y, X, Y, layout="NCHW")


def test_the_arrays_are_copied():
    images, labels = X.copy(), Y.copy()
    dataset = from_arrays(images, labels, images, labels)
    before = dataset.train.digest()
    images[:] = 0
    labels[:] = 1
    assert dataset.train.digest() == before


def test_labels_of_any_whole_type_and_column():
    for labels in (Y.astype(np.uint8), Y[:, None], torch.from_numpy(Y), list(Y)):
        dataset = from_arrays(X, labels, X, labels)
        assert dataset.train.labels.tolist() == Y.tolist()
        assert dataset.train.labels.dtype == torch.int64
    assert dataset.classes == ("0", "1")


def test_without_a_test_set_a_stratified_fifth_is_drawn():
    images = np.concatenate([X, X[:2]])
    labels = np.concatenate([Y, Y[:2]])
    dataset = from_arrays(images, labels, classes=["cat", "dog"])
    assert dataset.classes == ("cat", "dog")
    assert (len(dataset.train), len(dataset.test)) == (18, 4)
    assert np.bincount(dataset.test.labels.numpy()).tolist() == [2, 2]
    train = {image.numpy().tobytes() for image in dataset.train.images}
    assert not any(image.numpy().tobytes() in train for image in dataset.test.images)
    assert from_arrays(images, labels, classes=["cat", "dog"]).fingerprint == dataset.fingerprint
    assert from_arrays(images, labels, classes=["cat", "dog"], seed=1).test_fingerprint != dataset.test_fingerprint
    assert len(from_arrays(images, labels, test_share=0.5).test) == 11
    with pytest.raises(UsageError, match="test_share"):
        from_arrays(X, Y, test_share=1.0)


def test_validation_examples_follow_the_others():
    dataset = from_arrays(X[:12], Y[:12], X[:4], Y[:4], validation_images=X[12:], validation_labels=Y[12:])
    assert dataset.validation_index.tolist() == list(range(12, 20))
    assert torch.equal(dataset.train.images, torch.from_numpy(X).permute(0, 3, 1, 2))


def test_validation_examples_never_move_to_a_drawn_test_set():
    copies = np.concatenate([X[:12], X[12:14]])  # two training pictures are copies of validation pictures
    dataset = from_arrays(copies, Y[:14], validation_images=X[12:], validation_labels=Y[12:])
    rows = dataset.validation_index
    assert torch.equal(dataset.train.images[rows], torch.from_numpy(X[12:]).permute(0, 3, 1, 2))
    validation = {image.numpy().tobytes() for image in dataset.train.images[rows]}
    assert not any(image.numpy().tobytes() in validation for image in dataset.test.images)
    assert len(dataset.train) + len(dataset.test) == 22


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((X / 255.0, Y), "train images: float64 values; give the raw uint8"),
        ((X.astype(np.int64), Y), "int64 values; expected uint8"),
        ((X[0, 0], Y), r"shape \[5, 3\]"),
        ((X[:0], Y[:0]), "expected \\[N, H, W\\]"),
        ((X[..., :2], Y), r"shape \[20, 6, 5, 2\]; expected 1 or 3 channels"),
        ((X, Y[:-1]), "20 images but 19 labels"),
        ((X, Y.astype(float)), "float64 values; expected whole numbers"),
        ((X, np.eye(2, dtype=int)[Y]), "one-hot"),
        ((X, Y + 1), "class 0 has no train examples"),
        ((X, Y - 1), "labels run from -1 to 0"),
        ((X, Y * 2), "class 1 has no train examples"),
        ((X, Y * 0), "one class only"),
        ((X, Y, X), "test labels are missing"),
        ((X, Y, None, Y), "test images are missing"),
        ((X, Y, GREY, Y), "train pictures are \\[3, 6, 5\\], test pictures \\[1, 6, 5\\]"),
        ((X, Y, X, Y * 0), "class 1 has no test examples"),
        ((X, Y, X, Y * 2), "class 2 has no train examples"),
        ((X[:3], Y[:3]), r"class '1' has 1 picture"),
    ],
)
def test_bad_arrays_give_one_line(arguments, words):
    with pytest.raises(DataError, match=words) as caught:
        from_arrays(*arguments, name="mine")
    assert str(caught.value).startswith("mine: ")
    assert "\n" not in str(caught.value)


def test_class_names_must_fit():
    with pytest.raises(DataError, match=r"class 2 \(bird\) has no train examples"):
        from_arrays(X, Y, X, Y, classes=["cat", "dog", "bird"])
    with pytest.raises(DataError, match=r"labels run from 0 to 1; expected 0\.\.0"):
        from_arrays(X, Y, X, Y, classes=["cat"])
    with pytest.raises(DataError, match="same name"):
        from_arrays(X, Y, X, Y, classes=["cat", "cat"])


@pytest.mark.parametrize("keys", ["train_images train_labels test_images test_labels", "x_train y_train x_test y_test"])
def test_npz_files(tmp_path, keys):
    path = tmp_path / "pets.npz"
    arrays = dict(zip(keys.split(), (X, Y, X[:6], Y[:6, None]), strict=True))
    np.savez_compressed(path, classes=np.array(["cat", "dog"]), **arrays)
    dataset = read_arrays(path)
    assert dataset.name == "pets"
    assert dataset.classes == ("cat", "dog")
    assert "pets.npz" in dataset.source
    assert dataset.fingerprint == from_arrays(X, Y, X[:6], Y[:6], classes=["cat", "dog"]).fingerprint


def test_a_drawn_test_set_is_a_fifth_of_what_may_be_drawn():
    """A class with most of its pictures in the validation set keeps some to train on."""
    images = np.random.default_rng(0).integers(0, 256, (76, 8, 8), dtype=np.uint8)
    labels = np.repeat([0, 1, 0, 1], [4, 40, 16, 16])
    dataset = from_arrays(images[:44], labels[:44], validation_images=images[44:], validation_labels=labels[44:])
    assert np.bincount(dataset.test.labels).tolist() == [1, 8]
    split = make_split(dataset.train.labels.numpy(), validation=0, given=dataset.validation_index)
    assert np.bincount(dataset.train.labels.numpy()[split.train]).tolist() == [3, 32]


def test_npz_with_validation_and_without_test(tmp_path):
    path = tmp_path / "pets.npz"
    np.savez(path, train_images=X[:10], train_labels=Y[:10], val_images=X[10:14], val_labels=Y[10:14])
    dataset = read_arrays(path, name="other")
    assert dataset.name == "other"
    assert len(dataset.validation_index) == 4
    assert len(dataset.test) == 2


def test_images_and_labels_alone_are_divided_by_us(tmp_path):
    """As `from_arrays(images, labels)` does: a fifth, stratified, becomes the test set."""
    path = tmp_path / "pets.npz"
    np.savez(path, images=X, labels=Y)
    dataset = read_arrays(path)
    assert (len(dataset.train), len(dataset.test)) == (16, 4)
    assert dataset.fingerprint == from_arrays(X, Y).fingerprint
    np.savez(path, images=X, labels=Y, test_images=X[:6], test_labels=Y[:6])
    assert len(read_arrays(path).test) == 6


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"images": X}, "or images and labels\\), found images"),
        ({"a": X, "b": Y}, "expected the arrays train_images and train_labels .* found a, b"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "test labels are missing"),
        ({"x_train": X / 255, "y_train": Y}, "float64 values"),
        ({"x_train": X, "y_train": np.array(["a", None] * 10, dtype=object)}, "Python objects"),
        ({"x_train": X, "y_train": Y, "classes": np.array([1, 2])}, "classes must be a list of texts"),
    ],
)
def test_bad_npz_files_are_named(tmp_path, arrays, words):
    path = tmp_path / "pets.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=words) as caught:
        read_arrays(path)
    assert str(caught.value).startswith(str(path))
