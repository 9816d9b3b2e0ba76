"""The pickles of the official CIFAR "python" files, read without running anything.

A pickle is a program. This reads only what those files are made of: dicts, lists, tuples, texts, numbers, and byte
arrays of NumPy. Every other instruction is unknown here, and no function outside this file can be named: what
pickles call `numpy.ndarray` becomes a plain record of ours, checked before an array is made of it.
"""

from __future__ import annotations

import math
import pickle
import pickletools
from io import BytesIO
from typing import Any, ClassVar

import numpy as np

from bakeoff.data.stream import in_words
from bakeoff.errors import DataError

_ADMITTED = {
    "PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "INT",
    "EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "EMPTY_LIST", "LIST", "APPEND", "APPENDS",
    "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET", "MEMOIZE",
    "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD",
}  # fmt: skip
_CODES = {op.code.encode("latin-1")[0] for op in pickletools.opcodes if op.name in _ADMITTED}
_BYTES = ("u1", "|u1", b"u1", b"|u1")


class _Dtype:
    """Stands for `numpy.dtype(text, ...)`."""

    def __init__(self, text: Any, *_rest: Any) -> None:
        self.text = text

    def __setstate__(self, state: Any) -> None:
        """Byte order and the like: without meaning for bytes."""


class _Array:
    """Stands for `numpy.ndarray`: filled by BUILD with (version, shape, dtype, Fortran order, content)."""

    value = np.empty(0, np.uint8)

    def __setstate__(self, state: Any) -> None:
        _version, shape, dtype, fortran, content = state
        sizes_fit = (
            isinstance(shape, tuple) and len(shape) <= 4 and all(type(n) is int and 0 <= n < 2**32 for n in shape)
        )
        if not isinstance(dtype, _Dtype) or dtype.text not in _BYTES or fortran or not sizes_fit:
            raise pickle.UnpicklingError("an array that is not of bytes in C order")
        if not isinstance(content, bytes) or len(content) != math.prod(shape):
            raise pickle.UnpicklingError("an array whose content does not fit its shape")
        self.value = np.frombuffer(content, np.uint8).reshape(shape)


def _reconstruct(*_arguments: Any) -> _Array:
    return _Array()


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
}


# The C version keeps its memo in one block, which a single instruction could blow up to 64 GB.
_PYTHON_VERSION: Any = pickle._Unpickler  # type: ignore[attr-defined]


class _Unpickler(_PYTHON_VERSION):
    dispatch: ClassVar = {code: act for code, act in _PYTHON_VERSION.dispatch.items() if code in _CODES}

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content), encoding="bytes")
        self._left = len(content)

    def load_build(self) -> None:
        if not isinstance(self.stack[-2], _Array | _Dtype):
            raise pickle.UnpicklingError("it changes something other than an array")
        super().load_build()

    dispatch[pickle.BUILD[0]] = load_build

    # A tuple of tuples of tuples hashes in exponential time, and no CIFAR file has one for a key.
    def load_setitem(self) -> None:
        self._check_keys(self.stack[-2:-1])
        super().load_setitem()

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        self._check_keys(self.stack[::2])
        super().load_setitems()

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_dict(self) -> None:
        self._check_keys(self.stack[::2])
        super().load_dict()

    dispatch[pickle.DICT[0]] = load_dict

    @staticmethod
    def _check_keys(keys: list[Any]) -> None:
        if not all(isinstance(key, str | bytes) for key in keys):
            raise pickle.UnpicklingError("a key that is no text")

    def _encode(self, text: Any, coding: Any) -> bytes:
        """Python 3 writes bytes this way where a pickle must be readable by Python 2. One text, named again and again,
        would be copied as often: in all there cannot be more than the pickle holds."""
        if not isinstance(text, str) or coding not in ("latin1", b"latin1"):
            raise pickle.UnpicklingError("a text in an unknown coding")
        self._left -= len(text)
        if self._left < 0:
            raise pickle.UnpicklingError("it makes more of its texts than it holds")
        return text.encode("latin-1")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return self._encode
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}"[:200])
        return _NAMES[module, name]


def unpickle(content: bytes, where: str) -> dict[str, Any]:
    """The dict that a pickle holds, its keys as texts, arrays as uint8. Raises DataError, beginning with `where`, for
    a pickle that holds or does anything else; nothing of it has run then."""
    try:
        value = _Unpickler(content).load()
    except KeyError as error:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else None
        known = next((op.name for op in pickletools.opcodes if code is not None and ord(op.code) == code), None)
        reason = f"the instruction {known}" if known else "it is not a whole pickle"
        raise DataError(f"{where}: refused: {reason} has no place in a CIFAR file") from error
    except Exception as error:
        # A damaged pickle can fail in any way; none of it reaches further than this.
        raise DataError(f"{where}: refused: not a CIFAR file ({in_words(error)})") from error
    if not isinstance(value, dict):
        raise DataError(f"{where}: refused: not a CIFAR file (it holds a {type(value).__name__})")
    return {_text(key): item.value if isinstance(item, _Array) else item for key, item in value.items()}


def _text(key: Any) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)
