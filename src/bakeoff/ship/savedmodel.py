"""savedmodel: TensorFlow's format, built from the ONNX form; it loads and runs in plain TensorFlow without bakeoff.

No library turns a PyTorch model into a SavedModel beside today's versions of both, so this is a small builder of our
own for the operators that classifiers use (`tensorflow_operators`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.ship.needs import needed
from bakeoff.ship.onnx_file import onnx_model
from bakeoff.ship.tensorflow_node import Node, Step
from bakeoff.ship.tensorflow_operators import step_of
from bakeoff.ship.tensorflow_values import Value, turned
from bakeoff.ship.trained import Trained

SIGNATURE = "serving_default"
CARD = "card.json"


def tensorflow() -> Any:
    """The library, without its greeting. Raises UsageError if it is not installed."""
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _without_stderr():
        tf = needed("tensorflow", "tensorflow")
        tf.constant(0)  # the first value is greeted, too
    return tf


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Its C++ part writes there before anybody can ask it not to."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def write_savedmodel(model: Trained, path: Path) -> None:
    """A folder: uint8 [B, H, W, C] -> probabilities and logits under the signature `serving_default`; the card lies in
    `assets.extra/card.json`."""
    tf = tensorflow()
    module = build(onnx_model(model, nhwc=True))
    tf.saved_model.save(module, str(path), signatures={SIGNATURE: module.answer})
    extra = path / "assets.extra"
    extra.mkdir()
    (extra / CARD).write_text(json.dumps(model.card.model_dump(mode="json"), indent=2), encoding="utf-8")


def build(proto: Any) -> Any:
    """A tf.Module with the function `answer` of an ONNX model with one input. Raises UsageError naming the operator
    that is not known."""
    tf = tensorflow()
    onnx = needed("onnx", "onnx")
    module = tf.Module(name="classifier")
    module.weights = []
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}

    def keep(array: np.ndarray) -> Any:
        module.weights.append(tf.Variable(array, trainable=False, name=f"weight_{len(module.weights)}"))
        return module.weights[-1]

    steps: list[tuple[Step, list[str], str]] = []
    for node in proto.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        given = tuple(constants.get(name) for name in node.input)
        if node.op_type == "Constant":
            constants[node.output[0]] = onnx.numpy_helper.to_array(attributes["value"])
        else:
            step = step_of(Node(node.op_type, node.name, attributes, given, keep))
            steps.append((step, [name for name in node.input if name], node.output[0]))
    (entry,) = proto.graph.input
    shape = [dim.dim_value or None for dim in entry.type.tensor_type.shape.dim]
    kind = onnx.helper.tensor_dtype_to_np_dtype(entry.type.tensor_type.elem_type)
    outputs = [output.name for output in proto.graph.output]

    def answer(pictures: Any) -> dict[str, Any]:
        values = {name: Value(array) for name, array in constants.items()} | {entry.name: Value(pictures)}
        for step, inputs, output in steps:
            values[output] = step(*(values[name] for name in inputs))
        return {name: turned(values[name], last=False) for name in outputs}

    module.answer = tf.function(answer, input_signature=[tf.TensorSpec(shape, kind, name="pictures")], autograph=False)
    return module


class SavedModel:
    """Such a folder in TensorFlow."""

    def __init__(self, path: Path) -> None:
        self._tf = tensorflow()
        self._loaded = self._tf.saved_model.load(str(path))  # its signatures live as long as it does
        self._answer = self._loaded.signatures[SIGNATURE]

    def __call__(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(logits, probabilities), float32 [N, K], of uint8 [N, C, H, W]."""
        found = self._answer(self._tf.constant(np.ascontiguousarray(pictures.transpose(0, 2, 3, 1))))
        return found["logits"].numpy(), found["probabilities"].numpy()
