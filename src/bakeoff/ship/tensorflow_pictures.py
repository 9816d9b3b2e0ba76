"""ONNX operators on pictures in TensorFlow: convolution, pooling, padding, resizing. See `tensorflow_operators`.

N, C, H, W; O output channels, I input channels, h, w of a kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bakeoff.ship.tensorflow_node import Node, Step, the_library
from bakeoff.ship.tensorflow_values import Value, turned


def conv(node: Node) -> Step:
    weight = node.constant(1)  # [O, I / groups, h, w]
    if weight.ndim != 4 or node.attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise node.refused("only two-dimensional ones with padding in pixels are known")
    groups, strides = node.attributes.get("group", 1), node.attributes.get("strides", [1, 1])
    dilations = node.attributes.get("dilations", [1, 1])
    bias = node.keep(node.constant(2)) if len(node.constants) > 2 else None
    each = weight.shape[1] == 1 and groups > 1
    if each and strides[0] == strides[1]:
        # [O, 1, h, w] -> [h, w, I, O / I]
        o, _, h, w = weight.shape
        kernel = node.keep(weight.transpose(2, 3, 0, 1).reshape(h, w, groups, o // groups))

        def convolve(tf: Any, x: Any) -> Any:
            return tf.nn.depthwise_conv2d(x, kernel, [1, *strides, 1], "VALID", dilations=dilations)
    else:
        kernels = [node.keep(part.transpose(2, 3, 1, 0)) for part in np.split(weight, groups)]

        def convolve(tf: Any, x: Any) -> Any:
            parts = [x] if groups == 1 else tf.split(x, groups, axis=-1)
            done = [tf.nn.conv2d(p, k, strides, "VALID", dilations=dilations)
                    for p, k in zip(parts, kernels, strict=True)]  # fmt: skip
            return done[0] if groups == 1 else tf.concat(done, -1)

    def step(x: Value, *_: Value) -> Value:
        tf = the_library()
        out = convolve(tf, _padded(tf, turned(x, last=True), node, 0.0))
        return Value(out if bias is None else out + bias, last=True)

    return step


def _padded(tf: Any, x: Any, node: Node, value: float) -> Any:
    """[N, H, W, C] with the pixels that a node's `pads` add around the picture."""
    top, left, bottom, right = node.attributes.get("pads", [0, 0, 0, 0])
    around = [[0, 0], [top, bottom], [left, right], [0, 0]]
    return tf.pad(x, around, constant_values=value) if any(map(sum, around)) else x


def pool(node: Node) -> Step:
    size = node.attributes["kernel_shape"]
    strides = node.attributes.get("strides", [1] * len(size))
    pads, largest = node.attributes.get("pads", [0] * 2 * len(size)), node.kind == "MaxPool"
    if node.attributes.get("ceil_mode", 0) or any(d != 1 for d in node.attributes.get("dilations", [1])):
        raise node.refused("neither ceil_mode nor dilations are known")
    if len(size) == 3 and not largest and not any(pads):
        return lambda x: Value(_first_5d(the_library().nn.avg_pool3d(_last_5d(x.tensor), size, strides, "VALID")))
    if len(size) != 2:
        raise node.refused("only two-dimensional ones are known")

    def step(x: Value) -> Value:
        tf, tensor = the_library(), turned(x, last=True)
        if largest:
            return Value(tf.nn.max_pool2d(_padded(tf, tensor, node, -np.inf), size, strides, "VALID"), last=True)
        out = tf.nn.avg_pool2d(_padded(tf, tensor, node, 0.0), size, strides, "VALID")
        if any(pads) and not node.attributes.get("count_include_pad", 0):
            ones = _padded(tf, tf.ones_like(tensor[:1, :, :, :1]), node, 0.0)
            out = out / tf.nn.avg_pool2d(ones, size, strides, "VALID")
        return Value(out, last=True)

    return step


def _last_5d(x: Any) -> Any:
    return the_library().transpose(x, (0, 2, 3, 4, 1))


def _first_5d(x: Any) -> Any:
    return the_library().transpose(x, (0, 4, 1, 2, 3))


def pad(node: Node) -> Step:
    if node.attributes.get("mode", b"constant") != b"constant" or len(node.constants) > 3:
        raise node.refused("only constant padding of all axes is known")
    pads = node.constant(1).reshape(2, -1).T.tolist()
    value = 0.0 if len(node.constants) < 3 else float(node.constant(2).item())
    return lambda x, *_: Value(the_library().pad(turned(x, last=False), pads, constant_values=value))


def resize(node: Node) -> Step:
    a = node.attributes
    plain = a.get("mode") == b"linear" and a.get("coordinate_transformation_mode", b"half_pixel") == b"half_pixel"
    if not plain or a.get("axes") or len(node.constants) < 4:
        raise node.refused("only linear resizing with half_pixel to given sizes is known")
    smooth = bool(a.get("antialias", 0))
    if smooth and not a.get("exclude_outside", 0):
        raise node.refused("antialias is known with exclude_outside only: PyTorch's and TensorFlow's way")

    def step(x: Value, *rest: Value) -> Value:
        tf, sizes = the_library(), rest[-1].tensor
        # What the sizes of a batch are is known only when it comes; those of its pictures are known now.
        height, width = tf.get_static_value(sizes[2]), tf.get_static_value(sizes[3])
        size = tf.cast(sizes[2:], tf.int32) if height is None else [int(height), int(width)]
        return Value(tf.image.resize(turned(x, last=True), size, "bilinear", antialias=smooth), last=True)

    return step
