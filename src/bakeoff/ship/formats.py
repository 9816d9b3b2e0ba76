"""The formats: how each is written, and how it answers in its own runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from bakeoff.errors import UsageError, nearest
from bakeoff.ship.onnx_file import OnnxModel, write_onnx
from bakeoff.ship.safetensors_file import SafetensorsModel, write_safetensors
from bakeoff.ship.savedmodel import SavedModel, write_savedmodel
from bakeoff.ship.torch_export import TorchModel, write_torch
from bakeoff.ship.trained import Trained

Answers = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]
"""uint8 [N, C, H, W] -> (logits [N, K], probabilities [N, K] or None)"""


@dataclass(frozen=True)
class Format:
    """`file`: what it is called in its folder. `runtime`: the module that runs it."""

    name: str
    file: str
    write: Callable[[Trained, Path], None]
    open: Callable[[Path], Answers]
    runtime: str

    @property
    def runs_in(self) -> str:
        """ "onnxruntime 1.31.1" """
        return f"{self.runtime} {import_module(self.runtime).__version__}"


# Those made from one trace of the model stand together: only the last is kept.
FORMATS = {
    f.name: f
    for f in (
        Format("onnx", "model.onnx", write_onnx, OnnxModel, "onnxruntime"),
        Format("onnx-nhwc", "model.onnx", partial(write_onnx, nhwc=True), OnnxModel, "onnxruntime"),
        Format("savedmodel", "model", write_savedmodel, SavedModel, "tensorflow"),
        Format("onnx-float", "model.onnx", partial(write_onnx, unit=True), OnnxModel, "onnxruntime"),
        Format("torch-export", "model.pt2", write_torch, TorchModel, "torch"),
        Format("safetensors", "model.safetensors", write_safetensors, SafetensorsModel, "torch"),
    )
}


def formats_named(names: Iterable[str]) -> list[Format]:
    """Each once; "all" for every one; "onnx,savedmodel" is two. Raises UsageError for an unknown name or none."""
    given = [name.strip() for several in names for name in several.split(",")]
    wanted = [each for name in given for each in (FORMATS if name == "all" else (name,))]
    for name in wanted:
        if name not in FORMATS:
            raise UsageError(f"--to {name}: unknown format{nearest(name, [*FORMATS, 'all'])}")
    if not wanted:
        raise UsageError(f"to which format? Choose from {', '.join([*FORMATS, 'all'])}")
    return [FORMATS[name] for name in dict.fromkeys(wanted)]
