"""Files made to hang a reader, to fill the memory, or to reach outside: each ends in one DataError at once."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from bakeoff.data import load_dataset
from bakeoff.data.cifar_files import ARCHIVES, find_files
from bakeoff.data.idx import read_idx
from bakeoff.data.npz import read_npz
from bakeoff.data.unpickle import unpickle
from bakeoff.errors import DataError

LAYOUT = [("train.bin", "test.bin")]


@pytest.fixture(autouse=True)
def _little_memory():
    """None of these may take 64 MB, whatever its file announces."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode, **({"preset": 0} if mode == "w:xz" else {})) as out:
        for info, content in members:
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return path


def header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def bomb(path: Path, kind: bytes, size: int = 2**31) -> Path:
    """A compressed tar whose first member announces `size` bytes and has 200 MB of zeros."""
    with gzip.open(path, "wb", 1) as out:
        out.write(header("x", kind, size))
        for _ in range(200):
            out.write(bytes(2**20))
    return path


@pytest.mark.parametrize(
    "kind",
    [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.SOLARIS_XHDTYPE],
)
def test_a_header_of_gigabytes_is_not_read(tmp_path, kind):
    with pytest.raises(DataError, match=r"c\.tar\.gz: a header of 2,147,483,648 bytes"):
        find_files("cifar10", bomb(tmp_path / "c.tar.gz", kind), LAYOUT)


def test_a_member_of_gigabytes_is_not_skipped_byte_by_byte(tmp_path):
    with pytest.raises(DataError, match="no copy of CIFAR has"):
        find_files("cifar10", bomb(tmp_path / "c.tar.gz", tarfile.REGTYPE), LAYOUT)


def test_a_sparse_member_is_refused(tmp_path):
    with pytest.raises(DataError, match="sparse"):
        find_files("cifar10", bomb(tmp_path / "c.tar.gz", tarfile.GNUTYPE_SPARSE, 512), LAYOUT)


def test_thousands_of_members_are_refused(tmp_path):
    many = [(tarfile.TarInfo(f"{i}"), b"") for i in range(1_001)]
    with pytest.raises(DataError, match="more than 1000 files"):
        find_files("cifar10", archive(tmp_path / "c.tar.gz", *many), LAYOUT)


@pytest.mark.parametrize("name", ["../../escaped", "/tmp/escaped", "a/../../escaped", "C:\\escaped", "x\n\x1b[31m"])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_nothing_is_unpacked_whatever_it_is_called(tmp_path, monkeypatch, name, kind):
    monkeypatch.chdir(tmp_path)
    info = tarfile.TarInfo(f"{name}/train.bin")
    info.type, info.linkname = kind, "/etc/passwd"
    archive(tmp_path / "c.tar.gz", (info, b"" if kind != tarfile.REGTYPE else b"x"))
    with pytest.raises(DataError, match="is missing") as caught:
        find_files("cifar10", tmp_path / "c.tar.gz", LAYOUT)
    assert str(caught.value).isprintable()
    assert [p.name for p in tmp_path.iterdir()] == ["c.tar.gz"]


@pytest.mark.parametrize("mode", ["w:bz2", "w:xz", "w"])
def test_other_compressions_have_the_same_limits(tmp_path, mode):
    many = [(tarfile.TarInfo(f"{i}"), b"") for i in range(1_001)]
    with pytest.raises(DataError, match="more than 1000 files"):
        find_files("cifar10", archive(tmp_path / "c.tar", *many, mode=mode), LAYOUT)


def nested(levels: int) -> bytes:
    """A pickle of {((t, t), (t, t)): None} and so on: each level doubles the work of its hash."""
    out = b"\x80\x02}N"
    for level in range(levels):
        out += b"q" + bytes([level]) + b"h" + bytes([level]) + b"\x86"
    return out + b"Ns."


def test_a_key_whose_hash_takes_years_is_refused():
    with pytest.raises(DataError, match="a key that is no text"):
        unpickle(nested(60), "file")


@pytest.mark.parametrize("end", [b"Ns.", b"(" + b"h\x00h\x00" + b"u.", b"d."])
def test_in_every_way_to_fill_a_dict(end):
    content = b"\x80\x02}(" + b"N" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(60)) + b"N"
    with pytest.raises(DataError, match="refused"):
        unpickle(content + (b"u." if end.startswith(b"(") else end), "file")


def test_a_shape_of_huge_numbers_is_not_multiplied():
    number = b"\x8a\xff" + b"\xff" * 254 + b"\x7f"
    shape = b"(" + number * 2_000 + b"t"
    content = (b"\x80\x02}U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
               + shape + b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R\x89U\x01atbs.")  # fmt: skip
    with pytest.raises(DataError, match="not of bytes in C order"):
        unpickle(content, "file")


def test_a_message_does_not_quote_the_file():
    with pytest.raises(DataError) as caught:
        unpickle(b"\x80\x02c" + b"m" * 100_000 + b"\nx\n.", "file")
    assert len(str(caught.value)) < 500


def npz(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.npy", content)
    return path


def test_an_array_whose_header_is_gigabytes_is_not_read(tmp_path):
    path = npz(tmp_path / "x.npz", b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + bytes(2**24))
    with pytest.raises(DataError, match="its header is longer than"):
        read_npz(path, ["a"])


def test_pipes_are_not_waited_for(tmp_path):
    for name in ("x.npz", "train-images-idx3-ubyte", *ARCHIVES["cifar10"]):
        os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="not a plain file"):
        read_npz(tmp_path / "x.npz", ["a"])
    with pytest.raises(DataError, match="not a plain file"):
        read_idx(tmp_path / "train-images-idx3-ubyte", dimensions=3)
    with pytest.raises(DataError):
        load_dataset("cifar10", data_dir=tmp_path)
    with pytest.raises(DataError):
        load_dataset(str(tmp_path / "x.npz"))
    with pytest.raises(DataError):
        load_dataset(str(tmp_path))


def test_pickles_that_are_fine_are_still_read():
    assert unpickle(pickle.dumps({b"labels": [1], "x": (1, (2, 3))}, 2), "file") == {"labels": [1], "x": (1, (2, 3))}
