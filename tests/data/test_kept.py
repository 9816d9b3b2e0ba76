"""Files kept by their content: the same wherever they came from, back from a study folder, never another's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bakeoff.data.kept import bring_back, copy_into, keep, keeping
from bakeoff.errors import DataError, WriteError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "mein modell 'x'.onnx"
    path.write_bytes(b"weights")
    return path


def test_a_file_is_kept_under_the_sum_of_its_content_with_its_name(file, home):
    kept = keep(file)
    assert kept.reference == "sha256:" + hashlib.sha256(b"weights").hexdigest()
    assert (kept.name, kept.read()) == (file.name, b"weights")
    assert kept.path.is_relative_to(home)
    file.unlink()
    assert keep(kept.reference) == kept


def test_the_same_content_under_another_name_is_the_same_file(file, tmp_path):
    other = tmp_path / "copy.onnx"
    other.write_bytes(b"weights")
    first, second = keep(file), keep(other)
    assert (second.path, second.reference) == (first.path, first.reference)


def test_it_is_called_as_it_was_called_last(file, tmp_path):
    other = tmp_path / "theirs-v2.onnx"
    other.write_bytes(b"weights")
    keep(file)
    kept = keep(other)
    assert (kept.name, keep(kept.reference).name) == (other.name, other.name)
    copy_into([kept.reference], tmp_path / "study")
    assert next((tmp_path / "study/kept").glob("*/*")).name == other.name
    assert keep(file).name == file.name


def test_where_no_name_can_be_written_this_process_knows_it(file, tmp_path, monkeypatch):
    keep(file)
    monkeypatch.setattr("bakeoff.data.kept.write_bytes", _full)
    other = tmp_path / "theirs-v2.onnx"
    other.write_bytes(b"weights")
    assert keep(other).name == other.name


def _full(path: Path, _content: bytes) -> None:
    raise WriteError(f"{path}: cannot be written")


def test_what_is_refused_is_not_kept_but_what_was_there_is(file, home):
    with pytest.raises(DataError), keeping(file):
        keep("nothing.onnx")
    assert not list((home / "kept").glob("*"))
    kept = keep(file)
    with pytest.raises(DataError), keeping(file):
        keep("nothing.onnx")
    assert kept.read() == b"weights"


def test_a_lost_file_comes_back_from_the_study_folder(file, tmp_path):
    kept = keep(file)
    copy_into([kept.reference], tmp_path / "study")
    copy_into([kept.reference], tmp_path / "study")
    kept.path.unlink()
    kept.path.parent.rmdir()
    with pytest.raises(DataError, match="not kept on this machine; give its path"):
        keep(kept.reference)
    bring_back(tmp_path / "study")
    assert keep(kept.reference).read() == b"weights"


def test_a_damaged_copy_is_not_read_and_does_not_come_back(file, tmp_path):
    kept = keep(file)
    copy_into([kept.reference], tmp_path / "study")
    kept.path.write_bytes(b"others")
    with pytest.raises(DataError, match="damaged"):
        kept.read()
    kept.path.unlink()
    kept.path.parent.rmdir()
    next((tmp_path / "study/kept").glob("*/*")).write_bytes(b"others")
    with pytest.raises(DataError, match="damaged"):
        bring_back(tmp_path / "study")


def test_a_damaged_copy_is_mended_when_its_file_is_brought_again(file, tmp_path):
    kept = keep(file)
    kept.path.write_bytes(b"others")
    other = tmp_path / "copy.onnx"
    other.write_bytes(b"weights")
    assert keep(other).path == kept.path
    assert keep(kept.reference).read() == b"weights"


def test_what_a_killed_process_left_is_no_copy(file, home, tmp_path):
    """Killed while it wrote into the study folder, and once more on the way back."""
    kept, study = keep(file), tmp_path / "study"
    for folder in (study / "kept" / kept.sha256, home / "kept" / kept.sha256):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".tmp-abcd1234").write_bytes(b"wei")
    copy_into([kept.reference], study)
    assert (study / "kept" / kept.sha256 / file.name).read_bytes() == b"weights"
    kept.path.unlink()
    bring_back(study)
    assert keep(kept.reference).read() == b"weights"


def test_a_hidden_file_is_found_again(file, tmp_path):
    kept = keep(file.rename(tmp_path / ".hidden.onnx"))
    assert keep(kept.reference).read() == b"weights"


@pytest.mark.parametrize("named", ["nothing.onnx", "."])
def test_what_is_no_file_is_said(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"no such file|cannot be read"):
        keep(named)
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(DataError, match="empty"):
        keep("empty.onnx")
