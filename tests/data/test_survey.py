"""What the headers of a folder's files say, and drawing some of many files."""

from __future__ import annotations

from collections import Counter

import pytest
from noise_pictures import fill, paint

from bakeoff.data import load_dataset
from bakeoff.data.listing import list_folder, thinned
from bakeoff.data.survey import decode_seconds, survey_folder
from bakeoff.errors import UsageError


def test_a_survey(tmp_path):
    fill(tmp_path, ("train", "test"), count=4, size=(30, 20))
    paint(tmp_path / "train" / "cat" / "large.png", 1, size=(500, 400))
    paint(tmp_path / "test" / "dog" / "grey.png", 2, mode="L", size=(9, 12))
    (tmp_path / "train" / "dog" / "bad.jpg").write_text("text")
    (tmp_path / "loose.png").touch()
    found = survey_folder(tmp_path)
    assert found.classes == ("cat", "dog")
    assert found.counts == {"train": {"cat": 5, "dog": 4}, "test": {"cat": 4, "dog": 5}}
    assert (found.pictures, found.grey, found.sides) == (18, 1, (9, 20, 400))
    assert dict(found.skipped)["loose.png"] == "a picture outside the class folders"
    assert dict(found.skipped)["train/dog/bad.jpg"].startswith("not a picture")


def test_a_class_without_a_readable_picture_counts_zero(tmp_path):
    fill(tmp_path)
    (tmp_path / "empty").mkdir()
    assert survey_folder(tmp_path).counts["train"]["empty"] == 0


def test_decoding_is_timed_on_small_folders_and_bad_files(tmp_path):
    fill(tmp_path, count=2)
    (tmp_path / "cat" / "bad.png").write_text("text")
    assert 0 < decode_seconds(tmp_path, 8) < 10


def test_thinning_keeps_proportions_parts_and_order(tmp_path):
    fill(tmp_path, ("train", "test"), classes=("cat",), count=40)
    fill(tmp_path, ("train", "test"), classes=("dog",), count=10)
    listing = list_folder(tmp_path)
    some = thinned(listing, 20)
    assert Counter((f.part, f.label) for f in some.files) == {
        ("train", 0): 8, ("train", 1): 2, ("test", 0): 8, ("test", 1): 2,
    }  # fmt: skip
    places = [listing.files.index(file) for file in some.files]
    assert places == sorted(places)
    assert thinned(listing, 20) == some
    assert thinned(listing, 1000) == listing
    assert set(thinned(listing, 10).files) <= set(some.files)


def test_at_most_so_many_pictures_of_a_folder(tmp_path):
    fill(tmp_path, count=20)
    found = load_dataset(tmp_path, at_most=10)
    assert (len(found.train), len(found.test)) == (8, 2)
    assert load_dataset(tmp_path).fingerprint != found.fingerprint


def test_at_most_is_for_folders():
    with pytest.raises(UsageError, match="at_most applies to folders"):
        load_dataset("fashion-mnist", at_most=10)
