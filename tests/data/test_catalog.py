"""One door for all datasets: names, paths, and what is kept in memory."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from bakeoff.data import describe, load_dataset
from bakeoff.errors import DataError, UsageError

X = np.random.default_rng(0).integers(0, 256, (20, 6, 6), dtype=np.uint8)
Y = np.arange(20) % 2


def pets(root):
    for i, (image, label) in enumerate(zip(X, Y, strict=True)):
        path = root / ("cat", "dog")[label] / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return root


def test_the_list_agrees_with_what_is_loaded():
    for known in [known for known in describe() if known.name == "fashion-mnist"]:
        dataset = load_dataset(known.name)
        assert dataset.name == known.name
        assert len(dataset.classes) == known.classes
        assert dataset.licence == known.licence
        _, h, w = dataset.shape
        assert known.pictures.startswith(f"{len(dataset.train):,} + {len(dataset.test):,} test, {h} x {w}")
        assert known.shape == dataset.shape
    assert [known.name for known in describe()] == ["cifar10", "cifar100", "cifar100-coarse", "fashion-mnist"]


def test_loading_again_is_free_until_the_files_change(tmp_path):
    assert load_dataset("fashion-mnist") is load_dataset("fashion-mnist")
    root = pets(tmp_path / "pets")
    first = load_dataset(root)
    assert load_dataset(str(root)) is first
    assert load_dataset(root, size=5) is not first
    os.utime(root / "cat" / "00.png", ns=(1, 1))
    second = load_dataset(root)
    assert second is not first
    assert second.fingerprint == first.fingerprint
    (root / "cat" / "00.png").unlink()
    assert load_dataset(root).fingerprint != first.fingerprint


def test_files_that_come_and_go_beside_are_no_change(tmp_path, monkeypatch):
    """Another process writes features below the data home, where datasets lie, too."""
    root = pets(tmp_path / "pets")
    dataset = load_dataset(str(root))
    (root / "cat" / ".tmp-abcd1234").write_bytes(b"unfinished")
    walk = os.walk
    monkeypatch.setattr(os, "walk", lambda path: [(top, some, [*names, "gone"]) for top, some, names in walk(path)])
    assert load_dataset(str(root)) is dataset


def test_paths_as_given_and_below_data_dir(tmp_path, monkeypatch):
    pets(tmp_path / "store" / "pets")
    np.savez(tmp_path / "store" / "pets.npz", x_train=X, y_train=Y)
    assert load_dataset("pets", data_dir=tmp_path / "store").shape == (1, 6, 6)
    assert load_dataset("pets.npz", data_dir=str(tmp_path / "store")).classes == ("0", "1")
    monkeypatch.chdir(tmp_path / "store")
    assert load_dataset("pets").classes == ("cat", "dog")
    assert load_dataset("./pets.npz").name == "pets"


def test_a_folder_of_idx_files(tmp_path):
    for part in ("train", "t10k"):
        images, labels = X[:, None][:, 0], Y.astype(np.uint8)
        for stem, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            dims = b"".join(n.to_bytes(4, "big") for n in array.shape)
            (tmp_path / stem).write_bytes(bytes([0, 0, 8, array.ndim]) + dims + array.tobytes())
    dataset = load_dataset(tmp_path)
    assert dataset.shape == (1, 6, 6)
    assert dataset.name == tmp_path.name
    with pytest.raises(UsageError, match="size applies to folders of pictures"):
        load_dataset(tmp_path, size=3)


def test_skipped_files_are_listed(tmp_path):
    root = pets(tmp_path / "pets")
    (root / "cat" / "00.png").write_bytes(b"broken")
    with pytest.raises(DataError, match=r"00\.png: not a picture"):
        load_dataset(root)
    skipped = load_dataset(root, on_error="skip").skipped
    assert [name for name, _ in skipped] == ["cat/00.png"]


def test_unknown_names_and_paths(tmp_path):
    with pytest.raises(UsageError, match="unknown dataset 'fashion_mnist'; did you mean 'fashion-mnist'"):
        load_dataset("fashion_mnist")
    with pytest.raises(UsageError, match=r"unknown dataset 'zzz'; choose from .*fashion-mnist"):
        load_dataset("zzz")
    for path in (tmp_path / "none", f"{tmp_path}/none", "none.npz"):
        with pytest.raises(DataError, match=r"none.*: no such file or folder"):
            load_dataset(path)
    text = tmp_path / "a.csv"
    text.write_text("1,2")
    with pytest.raises(DataError, match=r"a\.csv: not a dataset"):
        load_dataset(text)


def test_wrong_options(tmp_path):
    with pytest.raises(UsageError, match="fashion-mnist: size applies"):
        load_dataset("fashion-mnist", size=32)
    with pytest.raises(UsageError, match="on_error: 'skipp' is unknown; did you mean 'skip'"):
        load_dataset("fashion-mnist", on_error="skipp")
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y)
    with pytest.raises(UsageError, match="size applies"):
        load_dataset(tmp_path / "a.npz", size=3)
