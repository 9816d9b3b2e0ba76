"""HDF5 from strangers: plain numbers inside the one file, never more of them than it has bytes for.

Refused before anything is read: links to elsewhere, data in other files, filters that load code, sizes beyond what is
stored.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, shown
from bakeoff.errors import DataError, UsageError

MAX_BYTES = 4 * 2**30
"""All that is read of one file."""
MAX_TEXT = 64 * 2**20
MAX_OBJECTS = 20_000
MAX_DEPTH = 16
_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3


def import_h5py() -> Any:
    """Raises UsageError where it is not installed."""
    try:
        import h5py
    except ImportError as error:
        raise UsageError("weights from Keras need h5py: pip install 'bakeoff[keras]'") from error
    return h5py


class Hdf5File:
    """An open file. `paths`: of all arrays in it. Raises DataError, with `name`, for whatever is wrong with it."""

    def __init__(self, source: Path | bytes, name: str) -> None:
        self.name = name
        self._h5py = import_h5py()
        self._size = len(source) if isinstance(source, bytes) else source.stat().st_size
        self._left = MAX_BYTES
        try:
            self._file = self._h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
        except Exception as error:  # h5py hands on whatever the C library says, under a dozen types
            raise DataError(f"{name}: damaged, or not HDF5 ({in_words(error)})") from error
        try:
            self._arrays = self._walk()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Hdf5File:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def paths(self) -> list[str]:
        return list(self._arrays)

    def _walk(self) -> dict[str, Any]:
        """Every array by its path, reached by plain links alone."""
        found: dict[str, Any] = {}
        groups = [("", self._file)]
        count = 0
        while groups:
            inside, group = groups.pop()
            for name in self._guarded(list, group):
                path = f"{inside}/{name}" if inside else name
                count += 1
                if count > MAX_OBJECTS or path.count("/") >= MAX_DEPTH:
                    raise DataError(f"{self.name}: more groups and arrays than a file of weights has")
                if not isinstance(self._guarded(group.get, name, getlink=True), self._h5py.HardLink):
                    raise DataError(f"{self.name}: {shown(path)} is a link to elsewhere, which is not followed")
                item = self._guarded(group.__getitem__, name)
                if isinstance(item, self._h5py.Group):
                    groups.append((path, item))
                else:
                    found[path] = item
        return found

    def _guarded(self, call: Any, *given: Any, **named: Any) -> Any:
        try:
            return call(*given, **named)
        except Exception as error:  # see above
            raise DataError(f"{self.name}: damaged ({in_words(error)})") from error

    def read(self, path: str) -> np.ndarray:
        """The array of floating-point numbers there."""
        label, data = f"{self.name}: {shown(path)}", self._arrays[path]
        if not isinstance(data, self._h5py.Dataset) or data.shape is None:
            raise DataError(f"{label} is no array")
        if data.is_virtual or data.external:
            raise DataError(f"{label} lies in other files, which are not opened")
        if data.dtype.kind != "f":
            raise DataError(f"{label} holds {data.dtype}; weights are float16, float32 or float64")
        needed = math.prod(data.shape) * data.dtype.itemsize
        bound = min(self._stored(data, label), self._left)
        if needed > bound:
            raise DataError(f"{label} announces {needed:,} bytes; the file has at most {bound:,} for it")
        self._left -= needed
        return np.asarray(self._guarded(data.__getitem__, ()))

    def _stored(self, data: Any, label: str) -> int:
        """The most bytes that what is stored of an array can come to."""
        made = data.id.get_create_plist()
        filters = {made.get_filter(i)[0] for i in range(made.get_nfilters())}
        if filters - {_DEFLATE, _SHUFFLE, _CHECKSUM}:
            raise DataError(f"{label} is compressed in a way that is not read; save it again without")
        stored = min(int(data.id.get_storage_size()), self._size) * (MAX_DEFLATE_RATIO if _DEFLATE in filters else 1)
        if data.chunks and math.prod(data.chunks) * data.dtype.itemsize > max(stored, 2**20):
            raise DataError(f"{label} comes in pieces larger than the file")
        return stored

    def text(self, path: str, attribute: str) -> str | None:
        """What an attribute of a group says; None if it is not there."""
        told = self._attribute(path, attribute)
        return None if told is None else _word(told)

    def texts(self, path: str, attribute: str) -> list[str] | None:
        """A list of texts; Keras cuts a long one into attributes with numbers."""
        told = self._attribute(path, attribute)
        if told is not None:
            return [_word(word) for word in np.ravel(told)]
        words: list[str] = []
        for number in range(MAX_OBJECTS):
            told = self._attribute(path, f"{attribute}{number}")
            if told is None:
                break
            words += [_word(word) for word in np.ravel(told)]
        return words or None

    def _attribute(self, path: str, name: str) -> Any:
        group = self._guarded(self._file.get, path or "/")
        if group is None or not self._guarded(group.attrs.__contains__, name):
            return None
        handle = self._guarded(group.attrs.get_id, name)
        if handle.shape and 0 in handle.shape:  # no texts: of a layer without weights
            return []
        size = math.prod(handle.shape or ()) * handle.dtype.itemsize
        if handle.dtype.kind not in "SO" or size > min(MAX_TEXT, self._size):
            raise DataError(f"{self.name}: {name} is not the text that Keras writes there")
        return self._guarded(group.attrs.__getitem__, name)


def _word(told: Any) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
