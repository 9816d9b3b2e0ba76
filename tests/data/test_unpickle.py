"""The restricted reader of CIFAR's pickles: what those hold is read, anything else is refused and nothing runs."""

import contextlib
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.data.unpickle import unpickle
from bakeoff.errors import DataError

DATA = np.arange(12, dtype=np.uint8).reshape(2, 6)


@pytest.mark.parametrize("protocol", range(6))
def test_reads_what_pickle_writes(protocol):
    value = {b"labels": [1, 2, 300, 70_000, -1], b"names": [b"a\xff", "\u00e9"], b"none": None, b"yes": True}
    found = unpickle(pickle.dumps(value, protocol), "file")
    assert found == {key.decode(): item for key, item in value.items()}


@pytest.mark.parametrize("protocol", range(5))
def test_reads_arrays_of_bytes(protocol):
    found = unpickle(pickle.dumps({b"data": DATA}, protocol), "file")["data"]
    assert found.dtype == np.uint8
    assert np.array_equal(found, DATA)


def test_an_array_that_nothing_fills_is_empty():
    content = b"}(U\x04datacnumpy.core.multiarray\n_reconstruct\n(tRu."
    assert unpickle(content, "file")["data"].shape == (0,)


def test_reads_what_python_2_and_an_old_numpy_wrote():
    """Put together by hand as in the published files: protocol 2, byte strings, numpy.core."""
    content = (
        b"\x80\x02}q\x01(U\x06labelsq\x02]q\x03(K\x06K\x09eU\x04dataq\x04cnumpy.core.multiarray\n_reconstruct\nq\x05"
        b"cnumpy\nndarray\nq\x06K\x00\x85U\x01b\x87Rq\x07(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x08U\x02u1K\x00K\x01\x87R"
        b"q\x09(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06abcdeftbu."
    )
    found = unpickle(content, "file")
    assert found["labels"] == [6, 9]
    assert found["data"].tobytes() == b"abcdef"
    assert found["data"].shape == (2, 3)


def test_a_text_is_not_copied_again_and_again():
    text = b"a" * 10_000
    start = b"\x80\x02X" + struct.pack("<I", len(text)) + text + b"q\x00c_codecs\nencode\nq\x01X\x06\0\0\0latin1q\x02"
    once, listed = b"h\x01h\x00h\x02\x86R", b"}U\x04data]"
    assert unpickle(start + listed + once + b"as.", "file") == {"data": [text]}
    with pytest.raises(DataError, match=r"refused: .*it makes more of its texts than it holds"):
        unpickle(start + listed + b"".join(once + b"a" for _ in range(2)) + b"s.", "file")


def test_nor_is_the_text_of_a_type():
    """Kept as it came, however often it is named."""
    text = b"a" * 100_000
    start = b"\x80\x02T" + struct.pack("<i", len(text)) + text + b"q\x00cnumpy\ndtype\nq\x01"
    types = unpickle(start + b"}U\x04data]" + b"h\x01h\x00\x85Ra" * 3 + b"s.", "file")["data"]
    assert len({id(one.text) for one in types}) == 1


class Runs:
    def __init__(self, function, *arguments):
        self._what = function, arguments

    def __reduce__(self):
        return self._what


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("function", [os.system, os.mkdir, eval, getattr, np.load, np.fromfile, pickle.loads])
def test_refuses_functions_and_runs_nothing(tmp_path, monkeypatch, protocol, function):
    monkeypatch.chdir(tmp_path)
    argument = "touch made" if function is os.system else "made"
    content = pickle.dumps({b"data": Runs(function, argument)}, protocol)
    with pytest.raises(DataError, match=r"^file: refused: not a CIFAR file \(it asks for "):
        unpickle(content, "file")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"cos\nsystem\n(S'touch made'\ntR.",
        b"(S'touch made'\nios\nsystem\n.",
        b"\x80\x02ccopyreg\n_reconstructor\n.",
        b"\x80\x02cbuiltins\neval\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93.",
        b"\x80\x02cnumpy\nndarray\nU\x01xb.",
        b"\x80\x02c_codecs\nencode\n}U\x08__code__K\x01sb.",
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00utf-7\x86R.",
        b"\x80\x02Pid\n.",
        b"\x80\x02\x82\x01.",
        b"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00a.",
        b"\x80\x02}r\xff\xff\xff\xff",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02]q\x00.",
        pickle.dumps({1, 2}),
        pickle.dumps({b"data": np.zeros(3, np.float32)}),
        pickle.dumps({b"data": np.array([object], object)}),
        pickle.dumps({b"data": np.asfortranarray(np.zeros((2, 2), np.uint8))}),
        pickle.dumps({b"data": np.zeros(40, np.uint8)}, 2).replace(b"K(", b"K)"),
        b"\x80\x02" + b"(" * 5_000 + b".",
    ],
)
def test_refuses_anything_else_in_one_line(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^file: refused: ") as caught:
        unpickle(content, "file")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
@settings(max_examples=300)
def test_noise_is_read_as_a_dict_or_refused(noise, place, byte):
    whole = bytearray(pickle.dumps({b"labels": [1, 2], b"data": DATA}, 2))
    whole[place % len(whole)] = byte
    for content in (noise, b"\x80\x02" + noise + b".", bytes(whole)):
        with contextlib.suppress(DataError):
            assert isinstance(unpickle(content, "file"), dict)


def test_a_length_that_lies_allocates_nothing_like_it():
    import tracemalloc

    tracemalloc.start()
    for code in (b"T", b"B", b"X"):
        with pytest.raises(DataError):
            unpickle(b"\x80\x03" + code + struct.pack("<I", 2**31 - 1) + b"a", "file")
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()
