"""What is said of a folder before anything trains: what was found, and what cannot work with what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))

from noise_pictures import fill, paint

from bakeoff.api.quickly.looking import check_decoded, look, skipped_words, survey_words
from bakeoff.data import load_dataset
from bakeoff.errors import DataError


def words(folder):
    survey, side = look(folder)
    return " | ".join(survey_words(folder, survey, side))


def test_what_was_found_in_words(tmp_path):
    fill(tmp_path, count=30)
    assert words(tmp_path) == (
        f"{tmp_path}: 60 pictures in 2 classes of 30 each; shorter sides 8 pixels; colour | "
        "pictures are cut to squares of 8 x 8"
    )


def test_grey_mixed_sizes_and_unequal_classes(tmp_path):
    fill(tmp_path, classes=("cat",), count=40, mode="L", size=(40, 30))
    fill(tmp_path, classes=("dog",), count=9, size=(200, 300))
    said = words(tmp_path)
    assert "2 classes of 9 to 40; shorter sides 30 to 200 pixels, median 30; 40 grey, the rest colour" in said
    assert "the largest has 4 times as many pictures as dog; look at the recall of each class" in said
    assert "few pictures: dog; below 20 a class" in said


def test_all_grey(tmp_path):
    fill(tmp_path, count=3, mode="L")
    assert "; grey |" in words(tmp_path)


@pytest.mark.parametrize(("side", "used"), [(500, 96), (96, 96), (33, 33), (5, 8)])
def test_the_side_follows_the_median_up_to_a_limit(tmp_path, side, used):
    fill(tmp_path, count=3, size=(side + 7, side))
    assert look(tmp_path)[1] == used


def test_the_parts_of_a_folder_are_counted_together(tmp_path):
    fill(tmp_path, ("train", "val", "test"), count=10)
    survey, _ = look(tmp_path)
    assert survey.pictures == 60
    assert survey.counts["test"] == {"cat": 10, "dog": 10}
    assert "2 classes of 30 each" in words(tmp_path)


@pytest.mark.parametrize(
    ("parts", "least"),
    [(("",), 3), (("train", "test"), 2), (("train", "val"), 2), (("train", "val", "test"), 1)],
)
def test_a_class_with_too_few_pictures(tmp_path, parts, least):
    fill(tmp_path, parts, count=10)
    for i in range(least):
        for part in parts:
            paint(tmp_path / part / "rare" / f"{i}.png", 1000 + i)
    look(tmp_path)  # as many as are needed are enough
    (tmp_path / parts[0] / "rare" / "0.png").write_text("not a picture")
    with pytest.raises(DataError, match=rf"rare has {least - 1}; every class needs {least} .*Add pictures, or move"):
        look(tmp_path)


def test_many_classes_with_too_few_are_not_all_named(tmp_path):
    fill(tmp_path, classes=[f"c{i}" for i in range(9)], count=1)
    with pytest.raises(DataError, match=r"c0 has 1, .* and c4 has 1 \(and 4 more classes\)"):
        look(tmp_path)


def test_pictures_that_cannot_be_decoded_leave_too_few(tmp_path):
    fill(tmp_path, count=10, size=(64, 64))
    for i in range(10):
        path = tmp_path / "dog" / f"{i:02}.png"
        path.write_bytes(path.read_bytes()[: 200 if i > 1 else None])
    look(tmp_path)
    dataset = load_dataset(tmp_path, size=16, on_error="skip")
    assert len(dataset.skipped) == 8
    with pytest.raises(DataError, match=r"pictures of dog: .* needs 2 more.* 8 files could not be used \(dog/02"):
        check_decoded(tmp_path, dataset)


@pytest.mark.parametrize(("name", "fault"), [("no", "no such folder"), ("file", "a file; expected a folder")])
def test_no_folder(tmp_path, name, fault):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=f"{name}: {fault}"):
        look(tmp_path / name)


def test_the_folder_above_the_right_one_is_given(tmp_path):
    fill(tmp_path / "x")
    with pytest.raises(DataError, match=f"holds 2 more; are those the classes\\? Then give {tmp_path / 'x'}"):
        look(tmp_path)


def test_one_class_and_no_class(tmp_path):
    fill(tmp_path, classes=("cat",))
    with pytest.raises(DataError, match="one class only"):
        look(tmp_path)
    with pytest.raises(DataError, match="expected <class>/picture"):
        look(tmp_path / "cat")


def test_nothing_readable(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_text("text")
    with pytest.raises(DataError, match=r"none of its 2 files can be read as a picture \(cat/a.jpg: not a picture"):
        look(tmp_path)


def test_why_a_class_has_too_few(tmp_path):
    fill(tmp_path, count=10)
    (tmp_path / "phone").mkdir()
    for i in range(5):
        (tmp_path / "phone" / f"{i}.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    reason = r"phone has 0;.* 5 files could not be used \(phone/0.HEIC: a HEIC photo \(or AVIF\): save it as JPEG"
    with pytest.raises(DataError, match=reason):
        look(tmp_path)


def test_files_left_out_are_named_up_to_a_point(tmp_path):
    fill(tmp_path, count=20)
    for i in range(12):
        (tmp_path / "cat" / f"bad{i:02}.jpg").touch()
    lines = skipped_words(load_dataset(tmp_path, size=8, on_error="skip"))
    assert lines[0] == "12 files left out:"
    assert lines[1] == "  cat/bad00.jpg: empty file"
    assert lines[-1] == "  and 2 more; the report names them all"
    assert len(lines) == 12
