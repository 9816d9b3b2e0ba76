"""ONNX files as strangers bring them: parsed, refused where they point elsewhere, brought to one plain graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bakeoff.data.kept import keep
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.models.needs import needed

WEIGHTY = ("Conv", "Gemm", "MatMul")
KINDS = {1: "float32", 2: "uint8", 10: "float16", 11: "float64"}
"""Types of pictures, by their number in ONNX."""
_SETTINGS = {"Clip": (1, 2), "Resize": (1, 2), "Upsample": (1,), "Pow": (1,), "Pad": (2,)}
"""Inputs of operators that are numbers somebody chose, not weights."""


@dataclass(frozen=True, eq=False)
class Graph:
    """One computation from pictures to `output`, and nothing else. `proto`: the ModelProto, its own functions written
    out, its constants among the initialisers. `kind`: NumPy's name of the pictures' type; `shape`: theirs, None where
    it is free."""

    where: str
    proto: Any
    input: str
    kind: str
    shape: tuple[int | None, ...]
    output: str

    @property
    def batch(self) -> int | None:
        """How many pictures it takes at a time; None for any number."""
        return self.shape[0] if self.shape else None

    @property
    def nodes(self) -> list[Any]:
        return list(self.proto.graph.node)

    def arrays(self) -> dict[str, np.ndarray]:
        """What it holds, by name."""
        read = needed("onnx.numpy_helper", "onnx").to_array
        return {tensor.name: read(tensor) for tensor in self.proto.graph.initializer}

    def weights(self) -> dict[str, np.ndarray]:
        """float32, what training could change, by name: all floats with a shape that are no settings and no running
        statistics, in the order of the file."""
        still = {*self.statistics(), *self._settings()}
        return {
            name: array.astype(np.float32)
            for name, array in self.arrays().items()
            if array.dtype.kind == "f" and array.ndim and name not in still
        }

    def statistics(self) -> dict[str, np.ndarray]:
        """float32, running means and variances of batch norms, by name."""
        arrays = self.arrays()
        names = [name for node in self.nodes if node.op_type == "BatchNormalization" for name in node.input[3:5]]
        return {name: arrays[name].astype(np.float32) for name in dict.fromkeys(names) if name in arrays}

    def _settings(self) -> set[str]:
        return {node.input[i] for node in self.nodes for i in _SETTINGS.get(node.op_type, ()) if i < len(node.input)}


def parse(content: bytes, where: str) -> Any:
    """The ModelProto of a file. Raises UsageError for one that is none, or whose weights lie in other files: nothing
    but this one file is ever opened."""
    onnx = needed("onnx", "onnx")
    try:
        proto = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's own types
        raise UsageError(f"{where}: not an ONNX file") from error
    if not proto.graph.node or not proto.graph.output:
        raise UsageError(f"{where}: not an ONNX file, or one without a model in it")
    nodes = [node for function in proto.functions for node in function.node]
    tensors = [*_tensors(proto.graph), *(t for node in nodes for t in _tensors_of(node))]
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in tensors):
        raise UsageError(
            f"{where}: its weights lie in other files, which are not read; make it one file that holds everything: "
            "torch.onnx.export(..., external_data=False), or onnx.save(onnx.load(FILE), ONE_FILE)"
        )
    return proto


def _tensors(graph: Any) -> Iterator[Any]:
    """All that a graph and the graphs inside it hold."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from _tensors_of(node)


def _tensors_of(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for graph in (attribute.g, *attribute.graphs):
            yield from _tensors(graph)


@lru_cache(maxsize=8)
def read_graph(file: str, output: str | None = None, *, features: bool = False) -> Graph:
    """The graph of a kept file (a reference, see `data.kept`) to its output of this name; by default the one called
    logits, or the first. `features`: to what its last layer with weights takes in place of that output.

    Raises UsageError for a file that is no classifier of pictures: not one input of 2 to 4 dimensions, an unknown
    output, no weights.
    """
    kept = _kept(file)
    return graph_of(kept.read(), kept.name, output, features=features)


def graph_of(content: bytes, where: str, output: str | None = None, *, features: bool = False) -> Graph:
    """As `read_graph`, of the content of a file that is called `where`."""
    proto = parse(content, where)
    try:
        return _graph(needed("onnx.inliner", "onnx").inline_local_functions(proto), where, output, features)
    except UsageError:
        raise
    except Exception as error:  # a damaged file breaks protobuf, onnx and NumPy in a dozen ways
        raise UsageError(f"{where}: not a sound ONNX file ({_short(error)})") from error


def _graph(proto: Any, where: str, output: str | None, features: bool) -> Graph:
    _lift_constants(proto.graph)
    entry = _entry(proto.graph, where)
    to = _output(proto.graph, output, where)
    if features:
        to = last_weighty(proto.graph, to, where).input[0]
    _prune(proto.graph, to)
    kind = entry.type.tensor_type
    shape = tuple(dim.dim_value if dim.dim_value > 0 else None for dim in kind.shape.dim)
    graph = Graph(where, proto, entry.name, KINDS[kind.elem_type], shape, to)
    if not graph.weights() and not features:
        raise UsageError(f"{where}: holds no weights")
    return graph


def outputs_of(file: str) -> list[str]:
    """The names of a file's outputs."""
    kept = _kept(file)
    return [output.name for output in parse(kept.read(), kept.name).graph.output]


def metadata_of(file: str) -> dict[str, str]:
    """The notes that a file carries, text by key; none if they are no text."""
    kept = _kept(file)
    try:
        return {entry.key: entry.value for entry in parse(kept.read(), kept.name).metadata_props}
    except UnicodeDecodeError:
        return {}


def _kept(file: str) -> Any:
    try:
        return keep(file)
    except DataError as error:
        raise UsageError(str(error)) from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _entry(graph: Any, where: str) -> Any:
    """The one input that is no weight."""
    held = {tensor.name for tensor in graph.initializer}
    given = [entry for entry in graph.input if entry.name not in held]
    if len(given) != 1:
        raise UsageError(f"{where}: expected one input, pictures; it has {len(given)}")
    kind = given[0].type.tensor_type
    if kind.elem_type not in KINDS:
        raise UsageError(
            f"{where}: expected pictures as {', '.join(KINDS.values())}; {given[0].name} is of another type"
        )
    if not 2 <= len(kind.shape.dim) <= 4:
        raise UsageError(f"{where}: expected pictures of 2 to 4 dimensions; {given[0].name} has {len(kind.shape.dim)}")
    return given[0]


def _output(graph: Any, wanted: str | None, where: str) -> str:
    names = [output.name for output in graph.output]
    if wanted is None:
        return "logits" if "logits" in names else str(names[0])
    if wanted not in names:
        raise UsageError(f"{where}: no output {wanted!r}{nearest(wanted, names)}")
    return wanted


def _lift_constants(graph: Any) -> None:
    """Constant nodes that hold a tensor become initialisers."""
    plain = type(graph)()
    plain.CopyFrom(graph)
    del plain.node[:]
    for node in graph.node:
        value = next((a.t for a in node.attribute if a.name == "value"), None)
        if node.op_type == "Constant" and value is not None:
            plain.initializer.add().CopyFrom(value)
            plain.initializer[-1].name = node.output[0]
        else:
            plain.node.add().CopyFrom(node)
    graph.CopyFrom(plain)


def last_weighty(graph: Any, output: str, where: str) -> Any:
    """The last layer with weights on the way to `output`. Raises UsageError if there is none."""
    held = {tensor.name for tensor in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    name = output
    while name in made_by:
        node = made_by[name]
        if node.op_type in WEIGHTY and len(node.input) > 1 and node.input[1] in held:
            return node
        name = next((n for n in node.input if n and n not in held), "")
    raise UsageError(f"{where}: no last layer with weights is found, so a new one cannot take its place")


def _prune(graph: Any, output: str) -> None:
    """Keep what leads to `output`."""
    made_by = {name: i for i, node in enumerate(graph.node) for name in node.output}
    wanted, names, waiting = set[int](), {output}, [output]
    while waiting:
        i = made_by.get(waiting.pop())
        if i is None or i in wanted:
            continue
        wanted.add(i)
        found = set(_reads(graph.node[i]))
        names |= found
        waiting += found
    held = {tensor.name for tensor in graph.initializer}
    told = {entry.name: entry for entry in (*graph.value_info, *graph.output)}
    pruned = type(graph)(name=graph.name)
    pruned.node.extend(node for i, node in enumerate(graph.node) if i in wanted)
    pruned.initializer.extend(tensor for tensor in graph.initializer if tensor.name in names)
    pruned.input.extend(entry for entry in graph.input if entry.name in names - held)
    pruned.output.append(told.get(output) or needed("onnx.helper", "onnx").make_tensor_value_info(output, 1, None))
    graph.CopyFrom(pruned)


def _reads(node: Any) -> Iterator[str]:
    """All names that a node reads, those inside its graphs too."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from _reads(inner)
            yield from (output.name for output in graph.output)
