"""`bakeoff data`: what is known by name, and what a folder or file holds."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from squares import CLASSES, pictures, write_squares

sys.path.insert(0, str(Path(__file__).parents[1] / "show"))

from page_reader import Page, assert_alone

from bakeoff.data import describe, load_dataset


@pytest.fixture
def folder(tmp_path):
    """20 grey pictures of 8 x 8 a class, in <class>/, and one file that is no picture."""
    images, labels = pictures(60)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = tmp_path / "pictures" / CLASSES[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(place / f"{i}.png")
    (tmp_path / "pictures" / "left" / "broken.png").write_bytes(b"no picture")
    return tmp_path / "pictures"


@pytest.fixture
def shown(bakeoff):
    def of(*words):
        answer = bakeoff("data", "show", *words, "--json")
        assert (answer.code, answer.err) == (0, "")
        return json.loads(answer.out)

    return of


@pytest.mark.parametrize("words", ["data list", "data"])
def test_list_names_every_known_dataset_once(bakeoff, words):
    answer = bakeoff(*words.split())
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [known.name for known in describe()]
    (line,) = [line for line in lines if line.startswith("fashion-mnist: ")]
    assert line.startswith("fashion-mnist: 60,000 + 10,000 test, 28 x 28 grey, 10 classes, licence MIT. ")


def test_an_unreadable_picture_is_named_and_is_1(bakeoff, folder):
    answer = bakeoff("data", "show", folder)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"error: {folder / 'left' / 'broken.png'}: ")
    assert answer.err.count("\n") == 1


def test_skipped_pictures_are_listed(shown, bakeoff, folder):
    found = shown(folder, "--on-error", "skip")
    assert (found["name"], found["shape"], found["train"], found["test"]) == ("pictures", [1, 8, 8], 48, 12)
    assert found["classes"] == dict.fromkeys(CLASSES, 16)
    assert [name for name, _ in found["skipped"]] == ["left/broken.png"]
    assert found["fingerprint"] == load_dataset(folder, on_error="skip").fingerprint
    lines = bakeoff("data", "show", folder, "--on-error", "skip").out.splitlines()
    assert lines[0] == "pictures: 48 + 12 test pictures of 8 x 8, 1 channel(s)"
    assert f"fingerprint: {found['fingerprint']}" in lines
    assert [line for line in lines if line.startswith("skipped ")] == [f"skipped left/broken.png: {skipped(found)}"]
    assert "  middle: 16 to train on" in lines


def skipped(found):
    ((_, reason),) = found["skipped"]
    return reason


def test_size_is_the_side_of_the_pictures(shown, folder):
    found = shown(folder, "--on-error", "skip", "--size", "5")
    assert found["shape"] == [1, 5, 5]
    assert found["fingerprint"] != shown(folder, "--on-error", "skip")["fingerprint"]


def test_an_npz_file(shown, data):
    found = shown(data)
    assert (found["name"], found["shape"], found["train"], found["test"]) == ("squares", [1, 8, 8], 240, 90)
    assert found["classes"] == dict.fromkeys(CLASSES, 80)
    assert found["skipped"] == []
    assert found["source"] == f"arrays in the file {data}"


def test_fingerprints_are_of_the_pixels_not_of_the_file(shown, data, tmp_path):
    twin = shown(write_squares(tmp_path / "twin.npz"))
    other = shown(write_squares(tmp_path / "other.npz", seed=1))
    assert twin["fingerprint"] == shown(data)["fingerprint"]
    assert other["fingerprint"] != twin["fingerprint"]


def test_the_carried_dataset(shown):
    found = shown("fashion-mnist")
    assert (found["shape"], found["train"], found["test"], found["licence"]) == ([1, 28, 28], 60_000, 10_000, "MIT")
    assert set(found["classes"].values()) == {6_000}


@pytest.mark.parametrize("arrays", [{"images": [1]}, {"train_images": [1], "train_labels": [0]}])
def test_an_npz_file_of_something_else_is_1_and_named(bakeoff, tmp_path, arrays):
    np.savez(tmp_path / "odd.npz", **arrays)
    answer = bakeoff("data", "show", tmp_path / "odd.npz")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"error: {tmp_path / 'odd.npz'}: ")
    assert answer.err.count("\n") == 1


def test_a_file_of_another_kind_is_refused(bakeoff, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    answer = bakeoff("data", "show", tmp_path / "notes.txt")
    assert answer.err == (
        f"error: {tmp_path / 'notes.txt'}: not a dataset; expected a folder of pictures or a .npz file\n"
    )
    assert answer.code == 1


@pytest.fixture
def leaky(tmp_path):
    """Training and test folders of 60 pictures; two test pictures are mirror images of training pictures, one stands in
    both parts, one training picture bears two labels, and a file is damaged."""
    rng = np.random.default_rng(0)
    root = tmp_path / "leaky"
    for i in range(120):
        part, name = ("train", "test")[i >= 90], CLASSES[i % 3]
        place = root / part / name
        place.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8)).resize((24, 24))
        picture.save(place / f"{i:03}.png")
        if i in (4, 7):
            (root / "test" / name).mkdir(parents=True, exist_ok=True)
            picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "test" / name / f"mirror of {i:03}.png")
    shutil.copy(root / "train" / "left" / "012.png", root / "test" / "left" / "again.png")
    shutil.copy(root / "train" / "left" / "015.png", root / "train" / "right" / "wrong.png")
    (root / "train" / "middle" / "broken.png").write_bytes(b"no picture")
    return root


def test_audit_names_files_and_writes_a_page(bakeoff, leaky, tmp_path):
    page = tmp_path / "audit.html"
    answer = bakeoff("data", "audit", leaky, "--out", page)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "leaky: 91 + 33 test pictures"
    codes = {line[:5]: line for line in lines if line.startswith("BK")}
    assert codes["BK005"].startswith("BK005 warning: 1 of 33 test pictures")
    assert codes["BK020"].startswith("BK020 warning: 2 of 33 test pictures (6.06%) have a near copy in training")
    assert "train/middle/broken.png: not a picture" in codes["BK023"]
    assert "(train/left/015.png, train/right/wrong.png)" in codes["BK024"]
    assert codes["BK021"].startswith("BK021 passed")
    assert "  test/left/again.png = train/left/012.png, likeness 1.00" in lines
    assert any(line.startswith("  test/middle/mirror of 004.png = train/middle/004.png, likeness ") for line in lines)
    assert lines[-1] == f"pictures: {page}"
    found = Page(page)
    assert_alone(found)
    assert found.all("script") == []
    names = [a["aria-label"] for a in found.all("span") if a.get("role") == "img"]
    assert len(names) == 2 + 2 * 2 + 2, "a pair that is equal, two mirrored, one of two labels"
    for word in ("test/left/again.png", "left / right", "broken.png", "equal pictures, different labels"):
        assert word in found.text


def test_audit_raises_on_a_damaged_file_if_asked_to(bakeoff, leaky):
    answer = bakeoff("data", "audit", leaky, "--on-error", "raise")
    assert (answer.code, answer.out) == (1, "")
    assert "broken.png" in answer.err


def test_audit_in_json_is_what_the_report_holds(bakeoff, leaky):
    found = json.loads(bakeoff("data", "audit", leaky, "--json").out)
    assert (found["audit"]["equal_test"], found["audit"]["near_test"], found["audit"]["conflicts"]) == (1, 2, 1)
    first = found["audit"]["test_pairs"][0]
    assert (first["first"]["file"], first["second"]["file"]) == ("test/left/again.png", "train/left/012.png")
    assert (first["first"]["part"], first["first"]["label"], first["likeness"]) == ("test", "left", 1.0)
    assert [f["code"] for f in found["findings"] if f["status"] == "found"] == ["BK005", "BK020", "BK024", "BK023"]
    assert found["page"] is None


def test_the_carried_data_is_audited_in_a_moment(bakeoff):
    """What was found among its 70,000 pictures comes with the package."""
    found = json.loads(bakeoff("data", "audit", "fashion-mnist", "--json").out)
    assert (found["audit"]["equal_test"], found["audit"]["near_test"]) == (0, 27)
