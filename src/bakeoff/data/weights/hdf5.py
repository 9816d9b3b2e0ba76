"""HDF5 from strangers: plain numbers inside the one file, never more of them than it has bytes for.

Refused: links to elsewhere, data in other files, filters that load code, sizes beyond what is stored, and whatever the
HDF5 library does not get through in time. It reads in a process of its own, `hdf5_child`.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bakeoff.data.npz import read_npz
from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, shown
from bakeoff.data.weights import hdf5_child
from bakeoff.errors import DataError, UsageError

MAX_BYTES = 4 * 2**30
"""All that is read of one file."""
MAX_TEXT = 64 * 2**20
MAX_OBJECTS = 20_000
MAX_DEPTH = 16
SECONDS = 60.0
"""For a small file; and one for every `BYTES_A_SECOND`, on the slowest of disks."""
BYTES_A_SECOND = 20 * 2**20


@dataclass(frozen=True, eq=False)
class Hdf5:
    """What a file holds. `name`: the file, as errors call it; `arrays`: of floating-point numbers, by path; `refused`:
    why another has none, by path; `texts`: what groups say, by path and attribute."""

    name: str
    arrays: dict[str, np.ndarray]
    refused: dict[str, str]
    texts: dict[str, dict[str, list[str]]]

    @property
    def paths(self) -> list[str]:
        return [*self.arrays, *self.refused]

    def read(self, path: str) -> np.ndarray:
        """Raises DataError for what holds no weights."""
        if path not in self.arrays:
            raise DataError(f"{self.name}: {shown(path)} {self.refused.get(path, 'is not there')}")
        return self.arrays[path]

    def text(self, path: str, attribute: str) -> str | None:
        """What an attribute of a group says; None if it is not there."""
        return next(iter(self.texts.get(path, {}).get(attribute, ())), None)

    def list(self, path: str, attribute: str) -> list[str] | None:
        """A list of texts, which Keras cuts into attributes with numbers where it is long."""
        told = self.texts.get(path, {})
        if attribute in told:
            return told[attribute]
        parts = [told[f"{attribute}{i}"] for i in range(len(told)) if f"{attribute}{i}" in told]
        return [word for part in parts for word in part] or None


def read_hdf5(path: Path, name: str) -> Hdf5:
    """Raises DataError for whatever is wrong with the file, UsageError where h5py is not installed."""
    try:
        importlib.import_module("h5py")
    except ImportError as error:
        raise UsageError("weights from Keras need h5py: pip install 'bakeoff[keras]'") from error
    limits = {"bytes": MAX_BYTES, "text": MAX_TEXT, "objects": MAX_OBJECTS, "depth": MAX_DEPTH}
    with tempfile.TemporaryDirectory(prefix="bakeoff-") as folder:
        told = json.dumps({**limits, "ratio": MAX_DEFLATE_RATIO})
        command = [sys.executable, "-I", hdf5_child.__file__, str(path.absolute()), folder, told]
        seconds = SECONDS + path.stat().st_size / BYTES_A_SECOND
        try:
            subprocess.run(command, check=True, timeout=seconds, capture_output=True)
            facts = json.loads((Path(folder) / "facts.json").read_text(encoding="utf-8"))
        except (subprocess.SubprocessError, OSError, ValueError, MemoryError) as error:
            why = (
                f"not read in {seconds:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else "it ends in a crash"
            )
            raise DataError(f"{name}: damaged: {why}") from error
        if "error" in facts:
            raise DataError(f"{name}: {in_words(ValueError(shown(facts['error'])))}")
        found = read_npz(Path(folder) / "arrays.npz", [f"arr_{i}" for i in range(len(facts["arrays"]))], empty=True)
    arrays = {key: found[f"arr_{i}"] for i, key in enumerate(facts["arrays"])}
    return Hdf5(name, arrays, facts["refused"], facts["texts"])
