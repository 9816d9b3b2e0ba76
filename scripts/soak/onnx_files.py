"""ONNX files whose weights are said to lie elsewhere: at every place where a graph may hold a tensor, by paths that
lead out of the folder or to a file beside. None may be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
from onnx import helper

from bakeoff.ship.onnx_file import OnnxModel
from scripts.soak.hostile import Tried, attempt

SECRET = "secret.bin"
LOCATIONS = (SECRET, f"./{SECRET}", f"../{SECRET}", "../../../../../../etc/passwd", "/etc/passwd", "link", "a/../../x",
             "file:///etc/passwd", "~/.bashrc", "..\\x", "")  # fmt: skip
SIDE = 4


def traversals(folder: Path) -> Tried:
    tried = Tried()
    (folder / SECRET).write_bytes(bytes(4 * SIDE))
    (folder / "link").symlink_to("/etc/passwd")
    path = folder / "m.onnx"
    for place, put in PLACES.items():
        for location in LOCATIONS:
            path.write_bytes(put(external(location)).SerializeToString())
            attempt(tried, f"{place} at {location!r}", lambda: OnnxModel(path))
    return tried


def external(location: str) -> Any:
    """A tensor [SIDE] that is said to lie there."""
    tensor = onnx.TensorProto(name="w", dims=[SIDE], data_type=onnx.TensorProto.FLOAT)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(4 * SIDE))):
        tensor.external_data.add(key=key, value=value)
    return tensor


def model(nodes: Iterator[Any] | list[Any], functions: Any = (), **parts: Any) -> Any:
    """x, float32 [batch, SIDE], through the nodes to logits."""
    x, y = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["b", SIDE]) for name in ("x", "logits"))
    graph = helper.make_graph(list(nodes), "g", [x], [y], **parts)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=10)


ADD = helper.make_node("Add", ["x", "w"], ["logits"])


def constant(**value: Any) -> Any:
    node = helper.make_node("Constant", [], ["w"])
    for name, given in value.items():
        node.attribute.append(helper.make_attribute(name, given))
    return node


def sparse(tensor: Any, *, as_values: bool) -> Any:
    """A sparse tensor called w, of which this is a part."""
    other = helper.make_tensor("w", onnx.TensorProto.FLOAT if not as_values else onnx.TensorProto.INT64, [SIDE],
                               [0] * SIDE)  # fmt: skip
    if not as_values:
        tensor.data_type = onnx.TensorProto.INT64
    values, indices = (tensor, other) if as_values else (other, tensor)
    values.name = "w"
    return onnx.SparseTensorProto(values=values, indices=indices, dims=[SIDE])


def branch(nodes: list[Any], tensors: list[Any] = []) -> Any:  # noqa: B006 (only read)
    """A graph inside an If, which gives what `nodes` call y."""
    y = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    return helper.make_graph(nodes, "inner", [], [y], initializer=tensors)


def conditional(inside: Any) -> Any:
    yes = helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("yes", onnx.TensorProto.BOOL, [], [True]))
    return model([yes, helper.make_node("If", ["yes"], ["logits"], then_branch=inside, else_branch=inside)])


def in_branch(tensor: Any) -> Any:
    return branch([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])


def in_function(tensor: Any) -> Any:
    body = [constant(value=tensor), helper.make_node("Add", ["a", "w"], ["b"])]
    own = helper.make_function("own", "Own", ["a"], ["b"], body, [helper.make_opsetid("", 18)])
    return model([helper.make_node("Own", ["x"], ["logits"], domain="own")], [own])


def nested(tensor: Any) -> Any:
    inside = in_branch(tensor)
    again = helper.make_node("If", ["yes"], ["y"], then_branch=inside, else_branch=inside)
    return conditional(branch([again]))


PLACES: dict[str, Callable[[Any], Any]] = {
    "an initializer": lambda t: model([ADD], initializer=[t]),
    "a constant": lambda t: model([constant(value=t), ADD]),
    "a list of tensors": lambda t: model([constant(values=[t]), ADD]),
    "the values of a sparse initializer": lambda t: model([ADD], sparse_initializer=[sparse(t, as_values=True)]),
    "the indices of a sparse initializer": lambda t: model([ADD], sparse_initializer=[sparse(t, as_values=False)]),
    "the values of a sparse constant": lambda t: model([constant(sparse_value=sparse(t, as_values=True)), ADD]),
    "a branch": lambda t: conditional(in_branch(t)),
    "a constant in a branch": lambda t: conditional(
        branch([constant(value=t), helper.make_node("Add", ["x", "w"], ["y"])])
    ),
    "a branch in a branch": nested,
    "a function": in_function,
}
