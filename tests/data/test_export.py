"""Datasets as folders of pictures."""

import numpy as np
import pytest

from bakeoff.data import export_pictures, from_arrays, load_dataset
from bakeoff.errors import DataError


def made(classes, *, shape=(6, 6, 3), seed=0):
    rng = np.random.default_rng(seed)
    k = len(classes)
    images = rng.integers(0, 256, (5 * k, *shape)).astype(np.uint8)
    labels = np.arange(5 * k) % k
    return from_arrays(images[:-k], labels[:-k], images[-k:], labels[-k:], classes=classes, name="made")


def rows(examples):
    return sorted(
        (int(label), image.numpy().tobytes()) for image, label in zip(examples.images, examples.labels, strict=True)
    )


@pytest.mark.parametrize("classes", [["ant", "bee"], ["zebra", "T-shirt/top"], ["a", "A", "b"], ["..", "c"]])
@pytest.mark.parametrize("shape", [(6, 6, 3), (6, 6)])
def test_what_is_exported_is_read_back(tmp_path, classes, shape):
    dataset = made(classes, shape=shape)
    assert export_pictures(dataset, tmp_path / "out")
    back = load_dataset(tmp_path / "out")
    assert rows(back.train) == rows(dataset.train)
    assert rows(back.test) == rows(dataset.test)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_pictures_set_aside_stay_aside(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 6, 6)).astype(np.uint8)
    labels = np.arange(12) % 2
    dataset = from_arrays(images[:6], labels[:6], images[8:], labels[8:],
                          validation_images=images[6:8], validation_labels=labels[6:8], name="made")  # fmt: skip
    export_pictures(dataset, tmp_path / "out")
    back = load_dataset(tmp_path / "out")
    assert rows(back.train.take(back.validation_index)) == rows(dataset.train.take(dataset.validation_index))
    assert len(back.train) == 8


def test_a_part_without_a_class_is_refused_before_anything_is_written(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 6, 6)).astype(np.uint8)
    labels = np.arange(12) % 2
    dataset = from_arrays(images[:6], labels[:6], images[8:], labels[8:], classes=["ant", "bee"],
                          validation_images=images[6:8], validation_labels=[0, 0], name="made")  # fmt: skip
    with pytest.raises(DataError, match="made: class 'bee' has no pictures for val/"):
        export_pictures(dataset, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_picture_that_is_gone_is_missed(tmp_path):
    dataset = made(["ant", "bee"])
    export_pictures(dataset, tmp_path / "out")
    next((tmp_path / "out" / "train" / "ant").iterdir()).unlink()
    with pytest.raises(DataError, match=r"train: 7 of 8 pictures are there; delete .*out to write them anew"):
        export_pictures(dataset, tmp_path / "out")


def test_the_second_time_nothing_is_written(tmp_path):
    dataset = made(["ant", "bee"])
    export_pictures(dataset, tmp_path / "out")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert not export_pictures(dataset, tmp_path / "out")
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_other_content_is_never_overwritten(tmp_path):
    export_pictures(made(["ant", "bee"]), tmp_path / "out")
    with pytest.raises(DataError, match="exists and holds something else"):
        export_pictures(made(["ant", "bee"], seed=1), tmp_path / "out")
    (tmp_path / "mine").mkdir()
    with pytest.raises(DataError, match="exists and holds something else"):
        export_pictures(made(["ant", "bee"]), tmp_path / "mine")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        export_pictures(made(["ant", "bee"]), tmp_path / "file" / "out")
