"""Pixels kept on disk: the same as decoded afresh, decoded again as soon as anything about the files changes."""

from __future__ import annotations

import os

import numpy as np
import pytest
from noise_pictures import fill, paint
from PIL import Image

from bakeoff.data import decoded, folder, npz
from bakeoff.data.folder import read_folder
from bakeoff.errors import DataError


@pytest.fixture(autouse=True)
def _kept_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(decoded, "LONG", 0.0)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))


@pytest.fixture
def photos(tmp_path):
    fill(tmp_path / "photos", count=6)
    (tmp_path / "photos" / "cat" / "bad.png").write_text("no picture")
    return tmp_path / "photos"


@pytest.fixture
def reads(monkeypatch):
    """How many pictures were decoded."""
    count = [0]
    read = folder.read_pixels

    def counted(*given, **more):
        count[0] += 1
        return read(*given, **more)

    monkeypatch.setattr(folder, "read_pixels", counted)
    return count


def test_the_second_reading_decodes_nothing_and_gives_the_same(photos, reads):
    first = read_folder(photos, on_error="skip")
    assert reads == [12]
    again = read_folder(photos, on_error="skip")
    assert reads == [12]
    assert again.fingerprint == first.fingerprint
    assert again.skipped == first.skipped == (("cat/bad.png", first.skipped[0][1]),)


@pytest.mark.parametrize("change", ["another size", "a new file", "a file written", "on_error"])
def test_what_changed_is_decoded_again(photos, reads, change):
    first = read_folder(photos, on_error="skip")
    reads[0] = 0
    if change == "another size":
        assert read_folder(photos, on_error="skip", size=6).shape == (3, 6, 6)
    elif change == "a new file":
        paint(photos / "dog" / "new.png", 99)
        again = read_folder(photos, on_error="skip")
        assert len(again.train) + len(again.test) == 13
    elif change == "a file written":
        path = photos / "dog" / "00.png"
        size, stamp = path.stat().st_size, path.stat().st_mtime_ns
        paint(path, 77)
        os.truncate(path, max(size, path.stat().st_size))
        os.utime(path, ns=(stamp + 1, stamp + 1))
        assert read_folder(photos, on_error="skip").fingerprint != first.fingerprint
    else:
        with pytest.raises(DataError, match=r"bad\.png: not a picture"):
            read_folder(photos)
    assert reads[0] > 0 or change == "on_error"


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04 no zip"])
def test_a_damaged_file_is_decoded_again(photos, reads, tmp_path, harm):
    first = read_folder(photos, on_error="skip")
    (kept,) = (tmp_path / "home" / "decoded").iterdir()
    kept.write_bytes(harm or kept.read_bytes()[:-40])
    reads[0] = 0
    assert read_folder(photos, on_error="skip").fingerprint == first.fingerprint
    assert reads == [12]


def test_a_file_of_fewer_pictures_than_it_says_is_decoded_again(photos, reads, tmp_path):
    first = read_folder(photos, on_error="skip")
    (kept,) = (tmp_path / "home" / "decoded").iterdir()
    arrays = dict(np.load(kept))
    np.savez(kept, **arrays | {"images": arrays["images"][:3]})
    reads[0] = 0
    assert read_folder(photos, on_error="skip").fingerprint == first.fingerprint
    assert reads == [12]


def test_what_the_system_could_not_read_is_read_the_next_time(photos, monkeypatch):
    opened = Image.open

    def failing(path, **more):
        if path.name == "03.png" and path.parent.name == "cat":
            raise OSError(5, "Input/output error")
        return opened(path, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", failing)
        assert [name for name, _ in read_folder(photos, on_error="skip").skipped] == ["cat/03.png", "cat/bad.png"]
    assert [name for name, _ in read_folder(photos, on_error="skip").skipped] == ["cat/bad.png"]


def test_as_much_as_a_folder_may_hold_is_read_back(photos, monkeypatch):
    limits = []

    def read(*given, max_bytes=npz.MAX_BYTES):
        limits.append(max_bytes)
        return npz.read_npz(*given, max_bytes=max_bytes)

    monkeypatch.setattr(decoded, "read_npz", read)
    for _ in range(2):
        read_folder(photos, on_error="skip")
    assert limits
    assert min(limits) > folder.MAX_BYTES


def test_short_work_is_not_kept(photos, monkeypatch, tmp_path):
    monkeypatch.setattr(decoded, "LONG", 1e6)
    read_folder(photos, on_error="skip")
    assert not (tmp_path / "home").exists()


def test_a_disk_that_cannot_be_written_is_no_reason_to_fail(photos, monkeypatch, reads):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(decoded, "write_bytes", full)
    for _ in range(2):
        read_folder(photos, on_error="skip")
    assert reads == [24]
