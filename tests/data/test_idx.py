"""The IDX reader: exact on good files, one clear line on every bad one, and never more memory than the file earns."""

from __future__ import annotations

import gzip
import hashlib
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.data.idx import read_idx
from bakeoff.errors import DataError


def idx(array, code=0x08):
    return bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


SAMPLE = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
PLAIN = idx(SAMPLE)


def zipped(content):
    """The time stamp fixed: parametrized tests must be the same in every worker process."""
    return gzip.compress(content, mtime=0)


ZIPPED = zipped(PLAIN)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "some-images-idx3-ubyte"


def test_reads_a_file_written_byte_by_byte(file):
    file.write_bytes(b"\x00\x00\x08\x01\x00\x00\x00\x03\x07\x00\xff")
    array = read_idx(file, dimensions=1)
    assert array.dtype == np.uint8
    assert array.tolist() == [7, 0, 255]


@pytest.mark.parametrize("content", [PLAIN, ZIPPED, zipped(PLAIN[:9]) + zipped(PLAIN[9:])])
def test_plain_zipped_and_in_two_members_are_the_same(file, content):
    file.write_bytes(content)
    assert np.array_equal(read_idx(file, dimensions=3, sha256=hashlib.sha256(PLAIN).hexdigest()), SAMPLE)


def test_the_result_may_be_written_to(file):
    file.write_bytes(ZIPPED)
    array = read_idx(file, dimensions=3)
    array[0, 0, 0] = 9
    assert array[0, 0, 0] == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "truncated: ends after 0 of 4 bytes"),
        (b"\x89PNG\r\n\x1a\n", "not an IDX file"),
        (b"\x00\x00\x42\x03" + PLAIN[4:], "not an IDX file"),
        (idx(SAMPLE.astype(">f4"), 0x0D), "holds float32 values; only uint8"),
        (idx(SAMPLE[0]), "has 2 dimensions, expected 3"),
        (PLAIN[:10], "truncated"),
        (PLAIN[:-1], "truncated: the header announces 40 bytes, the file has 39"),
        (PLAIN + b"x", "trailing bytes: the header announces 40 bytes, the file has 41"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 0, 3, 4), "holds no values"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", *[2**32 - 1] * 3), "truncated"),
        (zipped(PLAIN[:-1]), "truncated"),
        (zipped(PLAIN + b"x"), "trailing bytes"),
        (zipped(b"\x00\x00\x08\x03" + struct.pack(">3I", *[2**32 - 1] * 3)), "more than the"),
        (ZIPPED[:-9], "cannot be read as IDX"),
        (ZIPPED[:-8] + b"\0\0\0\0" + ZIPPED[-4:], "CRC"),
        (ZIPPED + b"garbage", "cannot be read as IDX"),
    ],
)
def test_bad_files_give_one_line_that_names_them(file, content, words):
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(file, dimensions=3)
    message = str(caught.value)
    assert message.startswith(str(file))
    assert words in message
    assert "\n" not in message


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match=r"labels\.idx: no such file"):
        read_idx(tmp_path / "labels.idx", dimensions=1)
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path, dimensions=1)


def test_another_sum_is_refused(file):
    file.write_bytes(PLAIN)
    with pytest.raises(DataError, match="SHA-256"):
        read_idx(file, dimensions=3, sha256="0" * 64)


def test_the_size_cap(file):
    for content in (PLAIN, ZIPPED):
        file.write_bytes(content)
        assert read_idx(file, dimensions=3, max_bytes=40).shape == (2, 3, 4)
        with pytest.raises(DataError, match="40 bytes, more than the 39"):
            read_idx(file, dimensions=3, max_bytes=39)


def peak_bytes(path):
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_idx(path, dimensions=3)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_lying_header_allocates_nothing_like_its_claim(file):
    lie = b"\x00\x00\x08\x03" + struct.pack(">3I", 60000, 100, 100)
    for content in (lie, zipped(lie), zipped(lie) + bytes(600_000)):
        file.write_bytes(content)
        assert peak_bytes(file) < 8 * 2**20


def test_a_bomb_behind_an_honest_looking_header_is_not_unpacked(file):
    file.write_bytes(gzip.compress(PLAIN + bytes(100 * 2**20), compresslevel=1))
    assert peak_bytes(file) < 8 * 2**20


def test_every_truncation_is_noticed(file):
    for content in (PLAIN, ZIPPED):
        for length in range(len(content)):
            file.write_bytes(content[:length])
            with pytest.raises(DataError):
                read_idx(file, dimensions=3)


def test_every_flipped_bit_of_a_plain_file_is_noticed_by_the_sum(file):
    sha = hashlib.sha256(PLAIN).hexdigest()
    for bit in range(8 * len(PLAIN)):
        content = bytearray(PLAIN)
        content[bit // 8] ^= 1 << bit % 8
        file.write_bytes(content)
        with pytest.raises(DataError):
            read_idx(file, dimensions=3, sha256=sha)


def test_no_flipped_bit_of_a_zipped_file_changes_what_is_read(file):
    """A flip in the time stamp of the gzip header is harmless; the CRC finds all that matter, even without a sum."""
    refused = 0
    for bit in range(8 * len(ZIPPED)):
        content = bytearray(ZIPPED)
        content[bit // 8] ^= 1 << bit % 8
        file.write_bytes(content)
        try:
            array = read_idx(file, dimensions=3)
        except DataError:
            refused += 1
        else:
            assert np.array_equal(array, SAMPLE)
    assert refused > 8 * (len(ZIPPED) - 10)


@settings(max_examples=200)
@given(
    shape=st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**32 - 1)), min_size=1, max_size=4),
    code=st.sampled_from([0x08, 0x08, 0x08, 0x0D, 0x00]),
    body=st.binary(max_size=130),
    zipped=st.booleans(),
    dimensions=st.integers(1, 4),
)
def test_whatever_the_header_says_the_answer_is_right_or_refused(file, shape, code, body, zipped, dimensions):
    content = bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + body
    file.write_bytes(gzip.compress(content, 1) if zipped else content)
    honest = code == 0x08 and len(shape) == dimensions and len(body) > 0
    honest = honest and np.prod([float(s) for s in shape]) == len(body)
    if honest:
        assert read_idx(file, dimensions=dimensions).tobytes() == body
    else:
        with pytest.raises(DataError):
            read_idx(file, dimensions=dimensions)


@settings(max_examples=200)
@given(content=st.binary(max_size=60), zipped=st.booleans())
def test_noise_is_refused(file, content, zipped):
    file.write_bytes(gzip.compress(content, 1) if zipped else content)
    if content[:4] == b"\x00\x00\x08\x01" and struct.unpack(">I", content[4:8])[0] == len(content) - 8 > 0:
        assert read_idx(file, dimensions=1).tobytes() == content[8:]
    else:
        with pytest.raises(DataError):
            read_idx(file, dimensions=1)
