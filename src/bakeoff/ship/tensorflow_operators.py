"""ONNX operators in TensorFlow: those that classifiers use, as opset 18 defines them.

One function an operator, called once when a model is built: it looks at the node and gives the step that computes it.
Weights are turned into TensorFlow's order at that time, not at every call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bakeoff.ship.needs import needed
from bakeoff.ship.tensorflow_node import Node, Step, the_library
from bakeoff.ship.tensorflow_pictures import conv, pad, pool, resize
from bakeoff.ship.tensorflow_values import TO_FIRST, TO_LAST, Value, together, turned


def step_of(node: Node) -> Step:
    """The step of a node. Raises UsageError for an operator, or a form of one, that is not known here."""
    if node.kind in _OPERATORS:
        return _OPERATORS[node.kind](node)
    raise node.refused(f"is not among those known here ({', '.join(sorted(_OPERATORS))})")


def _elementwise(compute: Callable[[Any, Any], Any]) -> Callable[[Node], Step]:
    """Of one or more values that broadcast. `compute`: (tensorflow, tensors) -> tensor"""

    def make(_: Node) -> Step:
        def step(*values: Value) -> Value:
            tensors, last = together(list(values))
            return Value(compute(the_library(), tensors), last)

        return step

    return make


def _clip(node: Node) -> Step:
    low, high = (node.constants[i] if i < len(node.constants) else None for i in (1, 2))

    def step(x: Value, *_: Value) -> Value:
        tf, out = the_library(), x.tensor
        out = out if low is None else tf.maximum(out, low)
        return Value(out if high is None else tf.minimum(out, high), x.last)

    return step


def _elu(node: Node) -> Step:
    alpha, kind = node.attributes.get("alpha"), node.kind

    def step(x: Value) -> Value:
        tf = the_library()
        if kind == "LeakyRelu":
            return Value(tf.nn.leaky_relu(x.tensor, 0.01 if alpha is None else alpha), x.last)
        if kind == "Elu":
            return Value(tf.where(x.tensor > 0, x.tensor, (alpha or 1.0) * tf.math.expm1(x.tensor)), x.last)
        # ONNX writes out the constants of Klambauer et al. 2017.
        scale = node.attributes.get("gamma", 1.0507009873554805)
        slope = 1.6732632423543772 if alpha is None else alpha
        return Value(scale * tf.where(x.tensor > 0, x.tensor, slope * tf.math.expm1(x.tensor)), x.last)

    return step


def _softmax(node: Node) -> Step:
    axis = node.attributes.get("axis", -1)
    return lambda x: Value(the_library().nn.softmax(turned(x, last=False), axis))


def _cast(node: Node) -> Step:
    onnx = needed("onnx", "onnx")
    kind = onnx.helper.tensor_dtype_to_np_dtype(node.attributes["to"])
    return lambda x: Value(the_library().cast(x.tensor, kind), x.last)


def _mean(node: Node) -> Step:
    kept = bool(node.attributes.get("keepdims", 1))
    axes = [2, 3] if node.kind == "GlobalAveragePool" else node.numbers(1, "axes")
    if axes is None:
        raise node.refused("its axes are missing")

    def step(x: Value, *_: Value) -> Value:
        tf, plain = the_library(), [axis % x.rank for axis in axes]
        if x.last and (kept or sorted(plain) == [2, 3]):
            inside = [TO_LAST.index(axis) for axis in plain]
            return Value(tf.reduce_mean(x.tensor, inside, keepdims=kept), last=kept)
        return Value(tf.reduce_mean(turned(x, last=False), plain, keepdims=kept))

    return step


def _batch_norm(node: Node) -> Step:
    weight, bias, mean, variance = (node.constant(i).astype(np.float64) for i in range(1, 5))
    factor = weight / np.sqrt(variance + node.attributes.get("epsilon", 1e-5))
    scale, offset = (node.keep(array.astype(np.float32)) for array in (factor, bias - mean * factor))

    def step(x: Value, *_: Value) -> Value:
        # Both [N, C] and [N, H, W, C] have the channels last.
        return Value(turned(x, last=x.rank == 4) * scale + offset, last=x.rank == 4)

    return step


def _gemm(node: Node) -> Step:
    a = node.attributes
    weight = node.constant(1).T if a.get("transB", 0) else node.constant(1)
    kernel = node.keep(np.float32(a.get("alpha", 1.0)) * weight)
    bias = node.keep(np.float32(a.get("beta", 1.0)) * node.constant(2)) if len(node.constants) > 2 else None
    if a.get("transA", 0):
        raise node.refused("transA is not known")

    def step(x: Value, *_: Value) -> Value:
        out = the_library().linalg.matmul(x.tensor, kernel)
        return Value(out if bias is None else out + bias)

    return step


def _matmul(node: Node) -> Step:
    kernel = node.keep(node.constant(1))
    return lambda x, *_: Value(the_library().linalg.matmul(turned(x, last=False), kernel))


def _reshape(node: Node) -> Step:
    shape = [int(n) for n in node.constant(1)]

    def step(x: Value, *_: Value) -> Value:
        tf, plain = the_library(), turned(x, last=False)
        zero = not node.attributes.get("allowzero", 0)
        return Value(tf.reshape(plain, [tf.shape(plain)[i] if n == 0 and zero else n for i, n in enumerate(shape)]))

    return step


def _flatten(node: Node) -> Step:
    if node.attributes.get("axis", 1) != 1:
        raise node.refused("only axis 1 is known")

    def step(x: Value) -> Value:
        plain = turned(x, last=False)
        return Value(the_library().reshape(plain, [-1, int(np.prod(plain.shape[1:]))]))

    return step


def _transpose(node: Node) -> Step:
    order = tuple(node.attributes["perm"])

    def step(x: Value) -> Value:
        if not x.last and order == TO_FIRST:
            return Value(x.tensor, last=True)
        if x.last and order == TO_LAST:
            return Value(x.tensor)
        return Value(the_library().transpose(turned(x, last=False), order))

    return step


def _squeeze(node: Node) -> Step:
    axes = node.numbers(1, "axes")
    if axes is None:
        raise node.refused("its axes are missing")

    def step(x: Value, *_: Value) -> Value:
        tf, out = the_library(), turned(x, last=False)
        if node.kind == "Squeeze":
            return Value(tf.squeeze(out, axes))
        rank = x.rank + len(axes)
        for axis in sorted(axis % rank for axis in axes):
            out = tf.expand_dims(out, axis)
        return Value(out)

    return step


def _concat(node: Node) -> Step:
    axis = node.attributes["axis"]
    return lambda *values: Value(the_library().concat([turned(v, last=False) for v in values], axis))


def _shape(node: Node) -> Step:
    start, end = node.attributes.get("start", 0), node.attributes.get("end")
    tf = the_library()
    return lambda x: Value(tf.shape(turned(x, last=False), tf.int64)[start:end])


_OPERATORS: dict[str, Callable[[Node], Step]] = {
    "Add": _elementwise(lambda _, v: v[0] + v[1]),
    "AveragePool": pool,
    "BatchNormalization": _batch_norm,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": conv,
    "Div": _elementwise(lambda _, v: v[0] / v[1]),
    "Elu": _elu,
    "Erf": _elementwise(lambda tf, v: tf.math.erf(v[0])),
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GlobalAveragePool": _mean,
    "Identity": _elementwise(lambda tf, v: tf.identity(v[0])),
    "LeakyRelu": _elu,
    "MatMul": _matmul,
    "MaxPool": pool,
    "Mul": _elementwise(lambda _, v: v[0] * v[1]),
    "Pad": pad,
    "Pow": _elementwise(lambda tf, v: tf.pow(v[0], v[1])),
    "ReduceMean": _mean,
    "Relu": _elementwise(lambda tf, v: tf.nn.relu(v[0])),
    "Reshape": _reshape,
    "Resize": resize,
    "Selu": _elu,
    "Shape": _shape,
    "Sigmoid": _elementwise(lambda tf, v: tf.sigmoid(v[0])),
    "Softmax": _softmax,
    "Squeeze": _squeeze,
    "Sub": _elementwise(lambda _, v: v[0] - v[1]),
    "Tanh": _elementwise(lambda tf, v: tf.tanh(v[0])),
    "Transpose": _transpose,
    "Unsqueeze": _squeeze,
}
