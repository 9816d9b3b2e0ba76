"""Run as a program of its own: what an HDF5 file holds, as plain arrays. See `hdf5`, which starts it.

The HDF5 library was made for files that one trusts: a few changed bytes send it round in circles or crash it. So it
works in a process that can be ended. Nothing of bakeoff is imported here, which makes it start in no time.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np

DEFLATE, SHUFFLE, CHECKSUM = 1, 2, 3
ATTRIBUTES = ("model_config", "layer_names", "weight_names")
"""What is read of a group, with what Keras appends where a list is too long: layer_names0, layer_names1, ..."""


class RefusedError(Exception):
    """Why the file is not read, in words."""


class Reader:
    """`limits`: bytes and objects of a file, bytes of a text, groups inside each other; `ratio`: that deflate may
    expand."""

    def __init__(self, path: Path, limits: dict[str, int]) -> None:
        self.limits, self.left, self.size = limits, limits["bytes"], path.stat().st_size
        self.arrays: dict[str, np.ndarray] = {}
        self.refused: dict[str, str] = {}
        self.texts: dict[str, dict[str, list[str]]] = {}
        with h5py.File(path, "r") as file:
            self._attributes("", file)
            for name, item in self._walk(file).items():
                if isinstance(item, h5py.Group):
                    self._attributes(name, item)
                else:
                    self._array(name, item)

    def _walk(self, file: Any) -> dict[str, Any]:
        """Every group and array by its path, reached by plain links alone."""
        found: dict[str, Any] = {}
        groups = [("", file)]
        while groups:
            inside, group = groups.pop()
            for name in group:
                path = f"{inside}/{name}" if inside else name
                if len(found) >= self.limits["objects"] or path.count("/") >= self.limits["depth"]:
                    raise RefusedError("more groups and arrays than a file of weights has")
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise RefusedError(f"{path} is a link to elsewhere, which is not followed")
                found[path] = group[name]
                if isinstance(found[path], h5py.Group):
                    groups.append((path, found[path]))
        return found

    def _array(self, path: str, data: Any) -> None:
        """What is no weight has its reason noted: it is none if nobody asks for it."""
        if path.startswith("optimizer"):
            return
        reason = self._reason(data)
        if reason:
            self.refused[path] = reason
            return
        needed = math.prod(data.shape) * data.dtype.itemsize
        bound = min(self._stored(data, path), self.left)
        if needed > bound:
            raise RefusedError(f"{path} announces {needed:,} bytes; the file has at most {bound:,} for it")
        self.left -= needed
        self.arrays[path] = np.asarray(data[()])

    def _reason(self, data: Any) -> str:
        if not isinstance(data, h5py.Dataset) or data.shape is None:
            return "is no array"
        if data.is_virtual or data.external:
            return "lies in other files, which are not opened"
        if data.dtype.kind != "f":
            return f"holds {data.dtype}; weights are float16, float32 or float64"
        return ""

    def _stored(self, data: Any, path: str) -> int:
        """The most bytes that what is stored of an array can come to."""
        made = data.id.get_create_plist()
        filters = {made.get_filter(i)[0] for i in range(made.get_nfilters())}
        if filters - {DEFLATE, SHUFFLE, CHECKSUM}:
            raise RefusedError(f"{path} is compressed in a way that is not read; save it again without")
        stored = min(int(data.id.get_storage_size()), self.size) * (self.limits["ratio"] if DEFLATE in filters else 1)
        if data.chunks and math.prod(data.chunks) * data.dtype.itemsize > max(stored, 2**20):
            raise RefusedError(f"{path} comes in pieces larger than the file")
        return stored

    def _attributes(self, path: str, group: Any) -> None:
        for name in group.attrs:
            if not name.startswith(ATTRIBUTES):
                continue
            handle = group.attrs.get_id(name)
            if handle.shape and 0 in handle.shape:  # of a layer without weights
                self.texts.setdefault(path, {})[name] = []
                continue
            size = math.prod(handle.shape or ()) * handle.dtype.itemsize
            if handle.dtype.kind not in "SO" or size > min(self.limits["text"], self.size):
                raise RefusedError(f"{name} is not the text that Keras writes there")
            self.texts.setdefault(path, {})[name] = [_word(word) for word in np.ravel(group.attrs[name])]


def _word(told: Any) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)


def main(path: str, folder: str, limits: str) -> None:
    """Write facts.json and arrays.npz to `folder`; arrays are numbered, since names may be anything."""
    facts: dict[str, Any] = {}
    try:
        found = Reader(Path(path), json.loads(limits))
    except RefusedError as error:
        facts["error"] = str(error)
    except Exception as error:  # h5py hands on whatever the C library says, under a dozen types
        facts["error"] = f"damaged, or not HDF5 ({' '.join(str(error).split())[:300] or type(error).__name__})"
    else:
        np.savez(Path(folder) / "arrays.npz", *found.arrays.values())
        facts = {"arrays": list(found.arrays), "refused": found.refused, "texts": found.texts}
    (Path(folder) / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
