"""A graph in onnxruntime: any operator that it knows, the answers that the file gives at home. B pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from bakeoff.data.kept import keep
from bakeoff.errors import UsageError
from bakeoff.models.foreign.reading import WEIGHTY, Graph, read_graph
from bakeoff.models.needs import needed


class Session:
    """`run(pictures) -> [B, ...]`, also where the file takes a fixed number of pictures at a time."""

    def __init__(self, graph: Graph, content: bytes, threads: int) -> None:
        runtime = needed("onnxruntime", "onnx")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        self._graph = graph
        try:
            self._session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises bare types of its own
            raise UsageError(f"{graph.where}: onnxruntime cannot run it ({_short(error)})") from error

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """`pictures`: as the file takes them. Raises UsageError for those that it cannot take."""
        size = self._graph.batch or max(1, len(pictures))
        parts = [self._some(pictures[i : i + size], size) for i in range(0, max(1, len(pictures)), size)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _some(self, pictures: np.ndarray, size: int) -> np.ndarray:
        """The last ones of a file with a fixed batch are filled up with zeros."""
        count = len(pictures)
        if self._graph.batch and count < size:
            pictures = np.concatenate([pictures, np.zeros((size - count, *pictures.shape[1:]), pictures.dtype)])
        try:
            (out,) = self._session.run([self._graph.output], {self._graph.input: np.ascontiguousarray(pictures)})
        except Exception as error:  # see above
            shape = list(pictures.shape)
            raise UsageError(f"{self._graph.where}: cannot take pictures {shape} ({_short(error)})") from error
        if not isinstance(out, np.ndarray) or not out.ndim or len(out) != len(pictures):
            raise UsageError(f"{self._graph.where}: its output {self._graph.output} is not one row a picture")
        return out[:count]


def session(file: str, output: str | None, *, features: bool) -> Session:
    """The session of a kept file (see `read_graph`), with as many threads as PyTorch has now."""
    return _session(file, output, features, torch.get_num_threads())


@lru_cache(maxsize=8)
def _session(file: str, output: str | None, features: bool, threads: int) -> Session:
    graph = read_graph(file, output, features=features)
    # As it is, the file itself runs, not what was read from it.
    return Session(graph, graph.proto.SerializeToString() if features else keep(file).read(), threads)


def multiply_adds(graph: Graph, shape: tuple[int, ...]) -> int:
    """Of the layers with weights, for one of the pictures [B, ...] of this shape; measured by running the graph, so
    that no shape has to be inferred."""
    arrays = graph.arrays()
    nodes = {n.output[0]: n for n in graph.nodes if n.op_type in WEIGHTY and len(n.input) > 1 and n.input[1] in arrays}
    proto = type(graph.proto)()
    proto.CopyFrom(graph.proto)
    told = {output.name for output in proto.graph.output}
    info = needed("onnx.helper", "onnx").make_tensor_value_info
    proto.graph.output.extend(info(name, 1, None) for name in nodes if name not in told)
    options = needed("onnxruntime", "onnx").SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    try:
        run = needed("onnxruntime", "onnx").InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        found = run.run(list(nodes), {graph.input: np.zeros(shape, graph.kind)})
    except Exception as error:  # see above
        raise UsageError(f"{graph.where}: cannot take pictures {list(shape)} ({_short(error)})") from error
    total = sum(_inner(nodes[name], arrays) * out.size for name, out in zip(nodes, found, strict=True))
    return int(total) // shape[0]


def _inner(node: Any, arrays: dict[str, np.ndarray]) -> int:
    """Products that make one value of what a layer hands on."""
    weight = arrays[node.input[1]]
    turned = any(a.name == "transB" and a.i for a in node.attribute)
    outputs = weight.shape[0] if node.op_type == "Conv" or turned else weight.shape[-1]
    return int(weight.size // max(1, outputs))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
