"""Weights of Keras, damaged. HDF5 is read by a program of its own, which a damaged file may crash or send round in
circles: here it is a fork of this process, so that a file costs milliseconds."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import traceback
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h5py
import numpy as np

from bakeoff.data.weights import hdf5_child, read_weights
from scripts.soak.exports import keras_configurations
from scripts.soak.study import wait_for

SECONDS = 2
"""Of computing, after which it is ended."""


def keras_files() -> list[bytes]:
    """Weights alone, and a whole model in a zip."""
    arrays = {"conv2d": [np.ones((3, 3, 1, 2)), np.zeros(2)], "dense": [np.ones((8, 3)), np.zeros(3)]}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for layer, values in arrays.items():
            for i, value in enumerate(values):
                file[f"layers/{layer}/vars/{i}"] = value.astype(np.float32)
        file.attrs["about"] = "weights"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as out:
        out.writestr("config.json", keras_configurations()[0])
        out.writestr("model.weights.h5", buffer.getvalue())
    return [buffer.getvalue(), zipped.getvalue()]


def read_keras(path: Path) -> Any:
    with patch("bakeoff.data.weights.hdf5.subprocess.run", _forked):
        return read_weights(path)


def _forked(command: Sequence[str], **_: object) -> None:
    """What `hdf5_child` does, called as a program is. What it raises in Python is a fault of ours; a crash is none."""
    said, tell = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            hdf5_child.main(*command[3:])
        except BaseException:
            os.write(tell, traceback.format_exc().encode()[-2000:])
        os._exit(0)
    os.close(tell)
    code = wait_for(child)
    with os.fdopen(said) as words:
        if fault := words.read():
            raise AssertionError(fault)
    if code:
        raise subprocess.CalledProcessError(code, list(command))
