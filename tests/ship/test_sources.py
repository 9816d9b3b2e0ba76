"""Files, folders, patterns and standard input, in order and without loading them."""

from __future__ import annotations

import io
from itertools import count, islice
from pathlib import Path

import pytest

from bakeoff.errors import UsageError
from bakeoff.ship.sources import pictures_of


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("b.png", "a.JPG", "sub/c.webp", "sub/deep/d.tiff", ".hidden.png", ".git/e.png", "sub/Thumbs.db"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*given, lines=()):
    return [path.as_posix() for path in pictures_of(given, lines)]


def test_a_folder_gives_its_pictures_sorted_and_those_below(tree):
    assert names(".") == ["a.JPG", "b.png", "sub/c.webp", "sub/deep/d.tiff"]
    assert names(tree / "sub")[0] == (tree / "sub/c.webp").as_posix()


def test_no_file_of_a_folder_is_dropped_for_its_suffix(tree):
    for name in ("c.JFIF", "d.HEIC", "e", "__MACOSX/f.png"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).touch()
    assert names(".")[:5] == ["a.JPG", "b.png", "c.JFIF", "d.HEIC", "e"]
    assert len(names(".")) == 7


@pytest.mark.usefixtures("tree")
def test_patterns():
    assert names("*.png") == ["b.png"]
    assert names("**/*.tiff") == ["sub/deep/d.tiff"]
    assert names("**/*[gp]") == ["b.png", "sub/c.webp"]
    with pytest.raises(UsageError, match=r"\*\.bmp: no file has such a name"):
        names("a.JPG", "*.bmp")


@pytest.mark.usefixtures("tree")
def test_a_file_whose_name_looks_like_a_pattern_is_that_file():
    Path("[1].png").touch()
    assert names("[1].png") == ["[1].png"]


@pytest.mark.usefixtures("tree")
def test_files_as_they_are_there_or_not_in_the_order_given():
    assert names("sub/c.webp", "gone.png", "a.JPG", "sub/c.webp") == ["sub/c.webp", "gone.png", "a.JPG", "sub/c.webp"]


@pytest.mark.usefixtures("tree")
def test_names_on_standard_input_are_read_as_they_are_wanted():
    endless = (f"{i} with spaces.png\n" for i in count())
    assert list(islice(pictures_of(["a.JPG", "-"], endless), 3)) == [
        Path("a.JPG"), Path("0 with spaces.png"), Path("1 with spaces.png"),
    ]  # fmt: skip
    assert names("-", lines=["a.png\r\n", "\n", "b.png"]) == ["a.png", "b.png"]


@pytest.mark.parametrize("sent", [b"\xff\xd8\xff\xe0\x00\x10JFIF\n\n", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_picture_itself_on_standard_input_is_refused(sent, errors):
    with pytest.raises(UsageError, match="- expects file names, one a line"):
        pictures_of(["-"], io.TextIOWrapper(io.BytesIO(sent), "utf-8", errors))


def test_no_names_on_standard_input():
    with pytest.raises(UsageError, match="-: no file names on standard input"):
        pictures_of(["-"], ["\n"])


@pytest.mark.usefixtures("tree")
def test_an_odd_name_of_a_file_that_is_there_is_a_name():
    Path("a\tb.png").touch()
    assert names("-", lines=["a\tb.png\n", "c\td.png"]) == ["a\tb.png", "c\td.png"]


def test_a_folder_without_pictures_is_said_before_anything_is_read(tree):
    (tree / "empty").mkdir()
    with pytest.raises(UsageError, match="empty: no pictures in this folder"):
        pictures_of(["a.JPG", "empty"])


def test_links_that_lead_back_do_not_go_round(tree):
    (tree / "sub" / "back").symlink_to(tree)
    assert len(names(".")) == 4
