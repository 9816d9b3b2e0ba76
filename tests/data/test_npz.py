"""The .npz reader: equal to numpy on good files, safe and clear on hostile ones."""

from __future__ import annotations

import io
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bakeoff.data.npz import npz_keys, read_npz
from bakeoff.errors import DataError


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("npz") / "some.npz"


def npy(header: str, body: bytes = b"", version=(1, 0)) -> bytes:
    text = header.encode("latin1")
    return b"\x93NUMPY" + bytes(version) + len(text).to_bytes(2, "little") + text + body


def pack(path, content: bytes, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("x.npy", content)


@settings(max_examples=80)
@given(
    array=hnp.arrays(
        st.sampled_from([np.uint8, np.dtype(">i4"), np.float64, np.bool_, np.dtype("<U3"), np.dtype("S2")]),
        hnp.array_shapes(max_dims=4, max_side=4),
    ),
    fortran=st.booleans(),
    compressed=st.booleans(),
)
def test_reads_what_numpy_writes(file, array, fortran, compressed):
    save = np.savez_compressed if compressed else np.savez
    save(file, x=np.asfortranarray(array) if fortran else array, other=np.zeros(3))
    arrays = read_npz(file, ("x", "absent"))
    assert list(arrays) == ["x"]
    assert arrays["x"].dtype == array.dtype
    assert arrays["x"].shape == array.shape
    assert arrays["x"].tobytes() == array.tobytes()
    assert npz_keys(file) == ["x", "other"]


class Bomb:
    fired = False

    def __reduce__(self):
        return (setattr, (Bomb, "fired", True))


def test_pickles_are_never_run(file):
    np.savez(file, x=np.array([Bomb()], dtype=object))
    with pytest.raises(DataError, match="x: holds Python objects"):
        read_npz(file, ("x",))
    pack(file, pickle.dumps(Bomb()))
    with pytest.raises(DataError, match="x: damaged"):
        read_npz(file, ("x",))
    assert not Bomb.fired


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}\n", b"ab"), "the header announces"),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}\n", b"abcd"), "the header announces"),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}\n"), "negative size"),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4)}\n"), "is empty"),
        (npy("{'descr': '<U0', 'fortran_order': False, 'shape': (9,)}\n"), "are not read"),
        (npy("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1,)}\n", b"a"), "are not read"),
        (npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}\n", bytes(8)), "are not read"),
        (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}\n", b"abc", (3, 0)), "version 3.0"),
        (npy("{'descr': '|u1', 'fortran_order': False}\n", b"abc"), "damaged"),
        (npy("__import__('os').system('x')\n"), "damaged"),
        (npy("(" * 3000), "damaged"),
        (b"", "damaged"),
        (b"\x93NUMPY", "damaged"),
    ],
)
def test_bad_members_give_one_line(file, content, words):
    pack(file, content)
    with pytest.raises(DataError) as caught:
        read_npz(file, ("x",))
    message = str(caught.value)
    assert message.startswith(f"{file}: x: ")
    assert words in message
    assert "\n" not in message


def test_a_lying_header_allocates_nothing(file):
    huge = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 4000)}\n", b"abc")
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        pack(file, huge, method)
        tracemalloc.start()
        with pytest.raises(DataError):
            read_npz(file, ("x",))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * 2**20


def test_the_cap_and_strange_compression(file):
    np.savez(file, x=np.zeros(1000, np.uint8))
    with pytest.raises(DataError, match="may hold 900"):
        read_npz(file, ("x",), max_bytes=900)
    pack(file, npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\n", b"a"), zipfile.ZIP_LZMA)
    with pytest.raises(DataError, match="unknown compression"):
        read_npz(file, ("x",))


@settings(max_examples=150)
@given(data=st.data())
def test_damage_is_refused_or_harmless(file, data):
    buffer = io.BytesIO()
    original = np.arange(40, dtype=np.uint8).reshape(5, 8)
    np.savez_compressed(buffer, x=original)
    content = bytearray(buffer.getvalue())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)
    message = str(file)
    arrays: dict[str, np.ndarray] = {}
    try:
        arrays = read_npz(file, ("x",))
    except DataError as error:
        message = str(error)
    assert message.startswith(str(file))
    assert "x" not in arrays or np.array_equal(arrays["x"], original)
