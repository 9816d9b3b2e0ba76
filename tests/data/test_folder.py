"""Image folders: both layouts, automatic test sets, and every mistake with its own line."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from noise_pictures import fill, paint
from PIL import Image

from bakeoff.data.copies import find_copies
from bakeoff.data.folder import read_folder
from bakeoff.data.splits import make_split
from bakeoff.errors import DataError, UsageError


def rows(examples):
    return {image.numpy().tobytes() for image in examples.images}


def test_train_validation_and_test_folders(tmp_path):
    fill(tmp_path, ("train", "val", "test"), count=3)
    dataset = read_folder(tmp_path)
    assert dataset.classes == ("cat", "dog")
    assert dataset.shape == (3, 8, 8)
    assert dataset.train.labels.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]
    assert dataset.validation_index.tolist() == [6, 7, 8, 9, 10, 11]
    assert dataset.test.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert dataset.name == tmp_path.name
    split = make_split(dataset.train.labels.numpy(), validation=0.5, given=dataset.validation_index)
    assert split.train.tolist() == [0, 1, 2, 3, 4, 5]
    stored = np.asarray(Image.open(tmp_path / "test" / "dog" / "01.png"))[:, 1:9]
    assert np.array_equal(dataset.test.images[4].numpy(), stored.transpose(2, 0, 1))


@pytest.mark.parametrize("spelling", ["valid", "validation", "Val"])
def test_other_spellings_of_validation(tmp_path, spelling):
    fill(tmp_path, ("Train", spelling, "TEST"), count=2)
    assert len(read_folder(tmp_path).validation_index) == 4


def test_one_folder_a_class_gives_a_drawn_test_set(tmp_path):
    fill(tmp_path)
    dataset = read_folder(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (16, 4)
    assert np.bincount(dataset.test.labels.numpy()).tolist() == [2, 2]
    assert not rows(dataset.train) & rows(dataset.test)
    assert dataset.validation_index is None
    assert read_folder(tmp_path).fingerprint == dataset.fingerprint


def test_copies_stay_together_in_a_drawn_test_set(tmp_path):
    fill(tmp_path, count=6)
    for name in ("cat", "dog"):
        for i in range(6):
            for copy in range(3):
                # The same pixels in another file format are still the same picture.
                Image.open(tmp_path / name / f"{i:02}.png").save(tmp_path / name / f"{i:02}-{copy}.bmp")
    dataset = read_folder(tmp_path)
    assert len(dataset.train) + len(dataset.test) == 48
    assert len(dataset.test) == 8
    assert not rows(dataset.train) & rows(dataset.test)


def test_train_and_validation_without_test(tmp_path):
    fill(tmp_path, ("train", "val"), count=10)
    os.link(tmp_path / "val" / "cat" / "00.png", tmp_path / "train" / "cat" / "leak.png")
    dataset = read_folder(tmp_path)
    assert len(dataset.validation_index) == 20
    validation = dataset.train.take(dataset.validation_index)
    assert validation.labels.tolist() == [0] * 10 + [1] * 10
    assert not rows(validation) & rows(dataset.test)
    assert not rows(dataset.train) & rows(dataset.test)


def test_a_grey_folder_keeps_one_channel(tmp_path):
    fill(tmp_path, mode="L")
    assert read_folder(tmp_path).shape == (1, 8, 8)
    paint(tmp_path / "cat" / "colour.png", 99)
    assert read_folder(tmp_path).shape == (3, 8, 8)


def test_the_size(tmp_path):
    fill(tmp_path, count=2, size=(100, 90))
    assert read_folder(tmp_path).shape == (3, 64, 64)
    paint(tmp_path / "cat" / "a.png", 1, size=(20, 30))
    paint(tmp_path / "cat" / "b.png", 2, size=(40, 31))
    paint(tmp_path / "dog" / "c.png", 3, size=(22, 90))
    paint(tmp_path / "dog" / "d.png", 4, size=(5, 5))
    # Shorter sides 5 20 22 31 90 90 90 90: the lower median.
    assert read_folder(tmp_path).shape == (3, 31, 31)
    assert read_folder(tmp_path, size=7).shape == (3, 7, 7)
    for size in (0, 1025, 2.0, True, "8"):
        with pytest.raises(UsageError, match="size: "):
            read_folder(tmp_path, size=size)


def test_too_many_pixels_for_memory(tmp_path, monkeypatch):
    fill(tmp_path, count=2)
    monkeypatch.setattr("bakeoff.data.folder.MAX_BYTES", 4 * 3 * 8 * 8 - 1)
    with pytest.raises(DataError, match="choose a smaller size"):
        read_folder(tmp_path)


def test_hidden_files_and_notes_beside_the_classes_are_ignored(tmp_path):
    fill(tmp_path)
    before = read_folder(tmp_path).fingerprint
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / ".git").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "cat" / ".DS_Store").write_text("x")
    (tmp_path / "cat" / "Thumbs.db").write_text("x")
    assert read_folder(tmp_path).fingerprint == before


def test_a_class_may_be_called_train(tmp_path):
    fill(tmp_path, classes=("car", "train"))
    assert read_folder(tmp_path).classes == ("car", "train")


def text_file(root):
    (root / "cat" / "notes.txt").write_text("not a picture")
    return "cat/notes.txt: not a picture"


def half_picture(root):
    path = root / "dog" / "03.png"
    path.write_bytes(path.read_bytes()[:150])
    return "dog/03.png: damaged or unsupported picture"


def outside_link(root):
    target = root.parent / "elsewhere.png"
    paint(target, 500)
    (root / "cat" / "link.png").symlink_to(target)
    return "cat/link.png: a link that leads outside the folder"


def broken_link(root):
    (root / "cat" / "link.png").symlink_to(root / "nothing.png")
    return "cat/link.png: a broken link"


def looped_link(root):
    (root / "cat" / "link.png").symlink_to(root / "cat" / "link.png")
    return "cat/link.png: a broken link"


def pipe(root):
    os.mkfifo(root / "cat" / "pipe.png")
    return "cat/pipe.png: not a plain file"


def loose_picture(root):
    paint(root / "loose.png", 501)
    return "loose.png: a picture outside the class folders"


@pytest.mark.parametrize(
    "spoil", [text_file, half_picture, outside_link, broken_link, looped_link, pipe, loose_picture]
)
def test_a_bad_file_raises_or_is_listed(tmp_path, spoil):
    root = fill(tmp_path / "pets")
    good = read_folder(root)
    words = spoil(root)
    with pytest.raises(DataError) as caught:
        read_folder(root)
    assert str(caught.value).startswith(f"{root}/{words}")
    assert "\n" not in str(caught.value)
    dataset = read_folder(root, on_error="skip")
    assert len(dataset.skipped) == 1
    assert ": ".join(dataset.skipped[0]).startswith(words)
    if spoil is not half_picture:
        assert dataset.fingerprint == good.fingerprint


def test_links_inside_the_folder_are_followed(tmp_path):
    fill(tmp_path)
    (tmp_path / "cat" / "link.png").symlink_to(tmp_path / "cat" / "00.png")
    assert len(read_folder(tmp_path).train) + len(read_folder(tmp_path).test) == 21


def test_a_linked_class_folder_outside_is_refused_always(tmp_path):
    root = fill(tmp_path / "pets")
    fill(tmp_path / "other", classes=("bird",))
    (root / "bird").symlink_to(tmp_path / "other" / "bird")
    for on_error in ("raise", "skip"):
        with pytest.raises(DataError, match="bird: a link that leads outside"):
            read_folder(root, on_error=on_error)


def test_a_skipped_file_leaves_no_trace(tmp_path):
    """A broken colour picture of another size changes neither channels nor side of a grey folder."""
    fill(tmp_path, mode="L", count=5)
    before = read_folder(tmp_path).fingerprint
    for i in range(30):
        broken = tmp_path / "cat" / f"broken{i}.png"
        paint(broken, i, size=(40, 40))
        broken.write_bytes(broken.read_bytes()[:200])
    dataset = read_folder(tmp_path, on_error="skip")
    assert dataset.fingerprint == before
    assert len(dataset.skipped) == 30


def test_a_class_whose_pictures_are_all_broken(tmp_path):
    root = fill(tmp_path / "pets", count=2)
    for path in (root / "dog").iterdir():
        path.write_text("no picture")
    with pytest.raises(DataError, match="pets/dog: this class has no readable picture"):
        read_folder(root, on_error="skip")


def test_no_folder_an_empty_folder_and_a_wrong_option(tmp_path):
    with pytest.raises(DataError, match="none: no such folder"):
        read_folder(tmp_path / "none")
    with pytest.raises(DataError, match="has no class folders"):
        read_folder(tmp_path)
    with pytest.raises(UsageError, match="on_error: 'ignore'"):
        read_folder(tmp_path, on_error="ignore")


def test_weird_names_stay_on_one_line(tmp_path):
    root = fill(tmp_path / 'it\'s "odd"')
    (root / "cat" / "a\nb.png").write_text("no picture")
    with pytest.raises(DataError, match=r"a\\nb\.png: not a picture") as caught:
        read_folder(root)
    assert "\n" not in str(caught.value)


def test_more_files_than_one_chunk_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("bakeoff.data.folder._CHUNK", 3)
    fill(tmp_path, ("train", "test"), count=4)
    dataset = read_folder(tmp_path, size=8)
    for row, (name, i) in enumerate((name, i) for name in ("cat", "dog") for i in range(4)):
        stored = np.asarray(Image.open(tmp_path / "train" / name / f"{i:02}.png"))[:, 1:9]
        assert np.array_equal(dataset.train.images[row].numpy(), stored.transpose(2, 0, 1))


def test_near_copies_stay_together_in_test_and_validation(tmp_path):
    """Mirrored and brightened twins in a folder that we split: none on the other side, and files are named."""
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for i in range(80):
            coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
            picture = coarse.resize((32, 32), Image.Resampling.BICUBIC)
            picture.save(tmp_path / name / f"{i:02} a.png")
            if i < 10:
                twin = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda v: int(0.8 * v + 20))
                twin.save(tmp_path / name / f"{i:02} b.jpg", quality=85)
    dataset = read_folder(tmp_path)
    assert len(dataset.files) == 180
    n = len(dataset.train)
    split = make_split(dataset.train.labels.numpy(), validation=0.2, groups=dataset.groups)
    sides = [
        {name[:-6] for name in names}
        for names in (
            [dataset.files[i] for i in split.train],
            [dataset.files[i] for i in split.validation],
            dataset.files[n:],
        )
    ]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert sum(map(len, sides)) == 160
    assert np.bincount(dataset.groups).max() == 2
    first = np.asarray(Image.open(tmp_path / dataset.files[0])).transpose(2, 0, 1)
    assert np.array_equal(dataset.train.images[0].numpy(), first)


def test_a_class_of_near_copies_is_split_all_the_same(tmp_path):
    """One film a class: kept together it could not be divided, so only equal frames are."""
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        scene = np.asarray(Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize((32, 32))).astype(
            int
        )
        for i in range(60):
            frame = (scene + rng.integers(-3, 4, scene.shape)).clip(0, 255).astype(np.uint8)
            Image.fromarray(frame).save(tmp_path / name / f"{i:02}.png")
    dataset = read_folder(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (96, 24)


def test_two_films_a_class_give_no_test_set_of_half_the_pictures(tmp_path, monkeypatch):
    fill(tmp_path, count=20)
    for name in ("cat", "dog"):
        (tmp_path / name / "00.png").write_bytes((tmp_path / name / "01.png").read_bytes())

    def films(images):
        found = find_copies(images)
        chain = [(a, a + 1) for a in range(len(images) - 1) if a % 10 != 9 and found.same[a] != found.same[a + 1]]
        return replace(found, pairs=np.array(chain), likeness=np.ones(len(chain), np.float32))

    monkeypatch.setattr("bakeoff.data.arrays.find_copies", films)
    dataset = read_folder(tmp_path)
    assert np.bincount(dataset.test.labels).tolist() == [4, 4]
    assert np.array_equal(dataset.groups, dataset.same)
