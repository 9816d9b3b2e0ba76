"""ONNX operators in TensorFlow beside onnxruntime, an independent oracle, each with what its definition allows."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from bakeoff.errors import UsageError
from bakeoff.ship.savedmodel import build

RNG = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def graph(nodes, constants, shape):
    """A model of x, [N, *shape] -> y"""
    tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    entry = make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *shape])
    result = make_tensor_value_info("y", TensorProto.FLOAT, None)
    return make_model(
        make_graph(nodes, "g", [entry], [result], tensors), opset_imports=[make_opsetid("", 18)], ir_version=10
    )


def same(nodes, constants, shape=(4, 7, 6)):
    """That both runtimes compute the same of two pictures and of one."""
    proto = graph(nodes, constants, shape)
    module = build(proto)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    for n in (2, 1):
        x = drawn(n, *shape)
        (expected,) = session.run(None, {"x": x})
        found = module.answer(x)["y"].numpy()
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


CONVOLUTIONS = {
    "plain": ({}, (5, 4, 3, 3)),
    "stride and padding": ({"strides": [2, 2], "pads": [1, 1, 1, 1]}, (5, 4, 3, 3)),
    "uneven padding": ({"pads": [0, 1, 2, 0]}, (5, 4, 3, 2)),
    "strides that differ": ({"strides": [2, 1]}, (5, 4, 3, 3)),
    "dilated": ({"dilations": [2, 2]}, (5, 4, 3, 3)),
    "in groups": ({"group": 2, "pads": [1, 1, 1, 1]}, (6, 2, 3, 3)),
    "a channel at a time": ({"group": 4, "strides": [2, 2], "pads": [1, 1, 1, 1]}, (4, 1, 3, 3)),
    "two of each channel": ({"group": 4}, (8, 1, 3, 3)),
    "a channel at a time, strides that differ": ({"group": 4, "strides": [1, 2]}, (4, 1, 3, 3)),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("bias", [False, True])
def test_convolutions(name, bias):
    attributes, shape = CONVOLUTIONS[name]
    constants = {"w": drawn(*shape)} | ({"b": drawn(shape[0])} if bias else {})
    same([make_node("Conv", ["x", *constants], ["y"], **attributes)], constants)


@pytest.mark.parametrize("attributes", [
    {"kernel_shape": [2, 2], "strides": [2, 2]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    {"kernel_shape": [3, 2], "strides": [1, 2], "pads": [1, 0, 0, 1]},
])  # fmt: skip
@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool", "AveragePool, padding counted"])
def test_pools(kind, attributes):
    counted = {"count_include_pad": 1} if "counted" in kind else {}
    same([make_node(kind.split(",")[0], ["x"], ["y"], **attributes, **counted)], {})


def test_the_mean_over_a_channels_neighbours():
    """What PyTorch's local response norm becomes: a pool over five axes."""
    nodes = [
        make_node("Reshape", ["x", "five"], ["a"]),
        make_node("Pad", ["a", "pads"], ["b"]),
        make_node("AveragePool", ["b"], ["c"], kernel_shape=[3, 1, 1]),
        make_node("Squeeze", ["c", "axis"], ["y"]),
    ]
    pads = np.array([0, 0, 1, 0, 0, 0, 0, 1, 0, 0])
    same(nodes, {"five": np.array([-1, 1, 4, 7, 6]), "pads": pads, "axis": np.array([1])})


@pytest.mark.parametrize(("axes", "kept"), [([2, 3], 1), ([2, 3], 0), ([-1, -2], 0), ([1], 1), ([1], 0), ([3], 0)])
@pytest.mark.parametrize("behind_a_convolution", [False, True])
def test_means(axes, kept, behind_a_convolution):
    before = [make_node("Conv", ["x", "w"], ["z"])] if behind_a_convolution else []
    mean = make_node("ReduceMean", ["z" if before else "x", "axes"], ["y"], keepdims=kept)
    same([*before, mean], {"w": drawn(5, 4, 2, 2), "axes": np.array(axes)})


CONSTANTS = {
    "a number": np.float32(0.7),
    "one of each channel": drawn(5, 1, 1),
    "one of each column": drawn(5),
    "a whole picture": drawn(5, 6, 5),
}


@pytest.mark.parametrize("name", CONSTANTS)
@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
def test_arithmetic_with_what_lies_channels_last(name, kind):
    nodes = [make_node("Conv", ["x", "w"], ["z"]), make_node(kind, ["z", "c"], ["y"])]
    same(nodes, {"w": drawn(5, 4, 2, 2), "c": CONSTANTS[name]})


def test_arithmetic_of_two_that_lie_differently():
    nodes = [
        make_node("Conv", ["x", "w"], ["z"], pads=[1, 1, 1, 1]),
        make_node("Add", ["z", "x"], ["sum"]),
        make_node("GlobalAveragePool", ["sum"], ["pooled"]),
        make_node("Mul", ["pooled", "x"], ["scaled"]),
        make_node("Flatten", ["scaled"], ["y"]),
    ]
    same(nodes, {"w": drawn(4, 4, 3, 3)})


@pytest.mark.parametrize("node", [
    make_node("Relu", ["x"], ["y"]),
    make_node("LeakyRelu", ["x"], ["y"]),
    make_node("LeakyRelu", ["x"], ["y"], alpha=0.2),
    make_node("Elu", ["x"], ["y"]),
    make_node("Elu", ["x"], ["y"], alpha=0.5),
    make_node("Selu", ["x"], ["y"]),
    make_node("Sigmoid", ["x"], ["y"]),
    make_node("Tanh", ["x"], ["y"]),
    make_node("Erf", ["x"], ["y"]),
    make_node("Identity", ["x"], ["y"]),
    make_node("Softmax", ["x"], ["y"], axis=1),
    make_node("Clip", ["x", "low", "high"], ["y"]),
    make_node("Clip", ["x", "low"], ["y"]),
    make_node("Clip", ["x", "", "high"], ["y"]),
    make_node("Transpose", ["x"], ["y"], perm=[0, 3, 1, 2]),
    make_node("Transpose", ["x"], ["y"], perm=[0, 2, 1, 3]),
    make_node("Unsqueeze", ["x", "axes"], ["y"]),
    make_node("Reshape", ["x", "keep"], ["y"]),
], ids=lambda node: f"{node.op_type} {len(node.input)} {node.attribute and node.attribute[0].name}")  # fmt: skip
@pytest.mark.parametrize("behind_a_convolution", [False, True])
def test_one_value(node, behind_a_convolution):
    constants = {
        "low": np.float32(-0.5), "high": np.float32(0.8), "axes": np.array([1, -1]), "keep": np.array([0, 4, -1]),
        "w": drawn(4, 4, 1, 1),
    }  # fmt: skip
    given = onnx.NodeProto.FromString(node.SerializeToString())
    if behind_a_convolution:
        given.input[0] = "z"
    same([*([make_node("Conv", ["x", "w"], ["z"])] if behind_a_convolution else []), given], constants)


def test_norms_and_dense_layers():
    nodes = [
        make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["n"], epsilon=1e-2),
        make_node("Flatten", ["n"], ["f"]),
        make_node("Gemm", ["f", "g", "c"], ["h"], transB=1, alpha=0.5, beta=2.0),
        make_node("BatchNormalization", ["h", "s2", "b2", "m2", "v2"], ["k"]),
        make_node("MatMul", ["k", "p"], ["y"]),
    ]
    constants = {"s": drawn(4), "b": drawn(4), "m": drawn(4), "v": drawn(4) ** 2, "g": drawn(6, 168), "c": drawn(6)}
    second = {"s2": drawn(6), "b2": drawn(6), "m2": drawn(6), "v2": drawn(6) ** 2, "p": drawn(6, 3)}
    same(nodes, constants | second)


@pytest.mark.parametrize(("sizes", "smooth"), [([11, 12], 0), ([14, 14], 0), ([3, 4], 1)])
def test_resizing(sizes, smooth):
    nodes = [
        make_node("Shape", ["x"], ["first"], start=0, end=2),
        make_node("Concat", ["first", "sizes"], ["all"], axis=0),
        make_node("Resize", ["x", "", "", "all"], ["r"], mode="linear", antialias=smooth, exclude_outside=smooth),
        make_node("Conv", ["r", "w"], ["y"]),
    ]
    same(nodes, {"sizes": np.array(sizes), "w": drawn(5, 4, 2, 2)})


@pytest.mark.parametrize(("node", "why"), [
    (make_node("Einsum", ["x"], ["y"], equation="abcd->abcd"), "operator Einsum .*: is not among those known here"),
    (make_node("Resize", ["x", "", "s"], ["y"], mode="nearest"), "only linear resizing"),
    (make_node("Resize", ["x", "", "", "s"], ["y"], mode="linear", antialias=1), "with exclude_outside only"),
    (make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], ceil_mode=1), "neither ceil_mode nor dilations"),
    (make_node("Conv", ["x", "x"], ["y"]), "its input 1 is not constant"),
    (make_node("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER"), "padding in pixels"),
    (make_node("Pad", ["x", "pads"], ["y"], mode="reflect"), "only constant padding"),
    (make_node("Gemm", ["x", "w"], ["y"], transA=1), "transA"),
])  # fmt: skip
def test_what_is_not_known_is_refused_by_name(node, why):
    constants = {"s": np.ones(4, np.float32), "w": drawn(4, 4, 2, 2), "pads": np.zeros(8, np.int64)}
    with pytest.raises(UsageError, match=f"savedmodel: operator {node.op_type}") as error:
        build(graph([node], constants, (4, 7, 6)))
    assert why.split(".*: ")[-1] in str(error.value)
