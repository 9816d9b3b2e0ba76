"""ONNX: one file, any number of pictures at a time, opset 18, the card among its metadata.

onnx: uint8 [B, C, H, W] -> probabilities and logits; onnx-nhwc: the same for pictures [B, H, W, C], as TensorFlow and
MATLAB hold them; onnx-float: float32 0..1 [B, C, H, W] -> logits, for those who prepare pictures themselves.
"""

from __future__ import annotations

import logging
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bakeoff.errors import UsageError
from bakeoff.models.foreign.reading import parse
from bakeoff.ship.module import Shipped, example
from bakeoff.ship.needs import needed
from bakeoff.ship.trained import Trained

OPSET = 18
LARGEST = 2**31 - 1
"""Bytes that protobuf can hold."""
LAYOUT = "layout"
"""The key of the metadata that says how pictures lie."""


def write_onnx(model: Trained, path: Path, *, nhwc: bool = False, unit: bool = False) -> None:
    """Raises UsageError if onnx or onnxscript is not installed."""
    path.write_bytes(onnx_model(model, nhwc=nhwc, unit=unit).SerializeToString())


def onnx_model(model: Trained, *, nhwc: bool = False, unit: bool = False) -> Any:
    """The ModelProto."""
    onnx = needed("onnx", "onnx")
    proto = onnx.load_model_from_string(_traced(model, unit))
    if nhwc:
        _take_nhwc(proto)
    # Whoever reads a mean and a deviation here must not take them off a second time.
    how = {
        LAYOUT: "NHWC" if nhwc else "NCHW",
        "takes": "float32 0..1" if unit else "uint8 0..255",
        "normalisation": "inside: scale, mean, std and resizing are part of the graph",
    }
    for key, text in {**model.card.to_metadata(), **how}.items():
        proto.metadata_props.add(key=key, value=text)
    onnx.checker.check_model(proto, full_check=True)
    return proto


@lru_cache(maxsize=1)
def _traced(model: Trained, unit: bool) -> bytes:
    """The graph as PyTorch's exporter makes it, tidied; kept, because three formats start from it."""
    needed("onnxscript", "onnx")
    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exporter.setLevel(logging.ERROR)
        try:
            program = torch.onnx.export(
                Shipped(model, unit=unit).eval(),
                (example(model, unit=unit),),
                dynamo=True,
                opset_version=OPSET,
                input_names=["pictures"],
                output_names=["logits"] if unit else ["probabilities", "logits"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                verbose=False,
            )
        finally:
            exporter.setLevel(level)
    assert program is not None
    proto = program.model_proto  # made anew at every call
    _tidy(proto)
    return proto.SerializeToString()


def forget() -> None:
    """Let go of the last model."""
    _traced.cache_clear()


def _take_nhwc(proto: Any) -> None:
    """Let it take pictures [B, H, W, C] and turn them first."""
    onnx = needed("onnx", "onnx")
    (entry,) = proto.graph.input
    turned = f"{entry.name}_nchw"
    for node in proto.graph.node:
        node.input[:] = [turned if name == entry.name else name for name in node.input]
    proto.graph.node.insert(0, onnx.helper.make_node("Transpose", [entry.name], [turned], perm=(0, 3, 1, 2)))
    kind = entry.type.tensor_type
    batch, *chw = (dim.dim_param or dim.dim_value for dim in kind.shape.dim)
    shape = [batch, chw[1], chw[2], chw[0]]
    entry.CopyFrom(onnx.helper.make_tensor_value_info(entry.name, kind.elem_type, shape))


def _tidy(proto: Any) -> None:
    """Take out what the exporter notes down of itself: source lines and paths of the machine it ran on."""
    graph = proto.graph
    for part in (*graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output, graph):
        del part.metadata_props[:]
        part.doc_string = ""
    del proto.metadata_props[:]
    proto.producer_name, proto.producer_version, proto.doc_string = "bakeoff", "", ""
    graph.name = "classifier"


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path}: over 2 GiB, more than an ONNX file may hold")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error


class OnnxModel:
    """An ONNX file in onnxruntime. Raises UsageError for a file that it cannot run, or that points to other files."""

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        """`threads`: 0 for as many as onnxruntime likes."""
        runtime = needed("onnxruntime", "onnx")
        content = _content(path)
        parse(content, str(path))
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            # Without its fallback, which only tries the same once more and prints about it.
            self._session = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
            given = self._session.get_inputs()
            self._outputs = [output.name for output in self._session.get_outputs()]
            self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        except Exception as error:  # onnxruntime raises bare types of its own, and names may be no text
            raise UsageError(f"{path}: onnxruntime cannot run it ({' '.join(str(error).split())[:200]})") from error
        if len(given) != 1 or "logits" not in self._outputs:
            raise UsageError(
                f"{path}: expected one input, and an output called logits, as `bakeoff export` writes; a file of "
                "others comes in by `bakeoff import`"
            )
        self._path, self._input, self._unit = path, given[0].name, given[0].type == "tensor(float)"
        self._nhwc = self.metadata.get(LAYOUT) == "NHWC"

    def __call__(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """(logits, probabilities or None if it gives none), float32 [N, K], of uint8 [N, C, H, W]."""
        x = pictures.transpose(0, 2, 3, 1) if self._nhwc else pictures
        x = x.astype(np.float32) / 255 if self._unit else x
        try:
            told = self._session.run(None, {self._input: np.ascontiguousarray(x)})
        except Exception as error:  # see above
            reason = " ".join(str(error).split())[:200]
            raise UsageError(f"{self._path}: cannot take pictures {list(x.shape)} ({reason})") from error
        found = dict(zip(self._outputs, told, strict=True))
        return found["logits"], found.get("probabilities")
