"""Fashion-MNIST as it lies in the package, and folders in the same layout."""

from __future__ import annotations

import gzip
import hashlib
import struct

import numpy as np
import pytest

from bakeoff.data.fashion import FASHION_FOLDER, FASHION_SHA256, is_idx_folder, load_fashion_mnist, read_idx_folder
from bakeoff.errors import DataError


@pytest.fixture(scope="module")
def fashion():
    return load_fashion_mnist()


def test_only_the_carried_one_is_official(fashion):
    assert fashion.official
    assert not read_idx_folder(FASHION_FOLDER, name="fashion-mnist").official


@pytest.mark.parametrize("stem", FASHION_SHA256)
def test_the_carried_files_have_the_published_content(stem):
    content = gzip.decompress((FASHION_FOLDER / f"{stem}.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == FASHION_SHA256[stem]


def test_the_licence_is_carried():
    text = (FASHION_FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "MIT" in text
    assert "Zalando SE" in text


def test_known_shapes_and_counts(fashion):
    assert fashion.shape == (1, 28, 28)
    assert (len(fashion.train), len(fashion.test)) == (60_000, 10_000)
    assert np.bincount(fashion.train.labels.numpy()).tolist() == [6000] * 10
    assert np.bincount(fashion.test.labels.numpy()).tolist() == [1000] * 10
    assert fashion.validation_index is None
    assert fashion.licence == "MIT"


def test_known_content(fashion):
    assert fashion.train.labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert fashion.test.labels[:5].tolist() == [9, 2, 1, 1, 6]
    assert fashion.classes[9] == "Ankle boot"
    assert int(fashion.train.images[0].sum()) == 76_247
    assert float(fashion.train.images.numpy().mean()) == pytest.approx(72.94035, abs=1e-5)


def test_the_fingerprint_never_moves(fashion):
    """Every run key depends on it."""
    assert fashion.fingerprint == "7d10ab66a5018bfe929d058e3f26a3a7f5c8358f18d76fdd20a11f3970874dcd"


def write_layout(folder, zipped=True, classes=3, n=12):
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", n), ("t10k", 6)):
        arrays[f"{part}-images-idx3-ubyte"] = rng.integers(0, 256, (count, 5, 4), dtype=np.uint8)
        arrays[f"{part}-labels-idx1-ubyte"] = (np.arange(count) % classes).astype(np.uint8)
    for stem, array in arrays.items():
        content = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
        path = folder / (f"{stem}.gz" if zipped else stem)
        path.write_bytes(gzip.compress(content) if zipped else content)
    return arrays


@pytest.mark.parametrize("zipped", [True, False])
def test_a_folder_in_the_same_layout(tmp_path, zipped):
    arrays = write_layout(tmp_path, zipped)
    assert is_idx_folder(tmp_path)
    dataset = read_idx_folder(tmp_path, name="tiny")
    assert dataset.classes == ("0", "1", "2")
    assert np.array_equal(dataset.train.images[:, 0].numpy(), arrays["train-images-idx3-ubyte"])
    assert dataset.test.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_missing_file_is_named(tmp_path):
    write_layout(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte: no such file"):
        read_idx_folder(tmp_path, name="tiny")


def test_an_altered_label_file_is_named(tmp_path):
    for stem in FASHION_SHA256:
        (tmp_path / f"{stem}.gz").symlink_to(FASHION_FOLDER / f"{stem}.gz")
    labels = tmp_path / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(labels.read_bytes()))
    content[-1] ^= 1
    labels.unlink()
    labels.write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: content has SHA-256"):
        load_fashion_mnist(tmp_path)


def test_labels_and_pictures_that_do_not_pair_up(tmp_path):
    write_layout(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes((tmp_path / "t10k-labels-idx1-ubyte.gz").read_bytes())
    with pytest.raises(DataError, match="12 images but 6 labels"):
        read_idx_folder(tmp_path, name="tiny")
