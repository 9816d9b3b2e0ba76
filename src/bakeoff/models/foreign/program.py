"""A graph as a computation in PyTorch: its floats are the tensors, so that it can be trained and traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from bakeoff.errors import UsageError
from bakeoff.models.foreign import operators as on
from bakeoff.models.foreign.operators import Node, Operator, arithmetic, reduced
from bakeoff.models.foreign.reading import Graph
from bakeoff.models.needs import needed


def _plain(by: Callable[..., Any]) -> Operator:
    """An operator without settings."""
    return lambda _node, *x: by(*x)


OPERATORS: dict[str, Operator] = {
    "Abs": _plain(torch.abs),
    "Add": arithmetic(lambda a, b: a + b),
    "AveragePool": on.average_pool,
    "BatchNormalization": on.batch_norm,
    "Cast": on.cast,
    "Clip": on.clip,
    "Concat": on.concat,
    "Conv": on.conv,
    "Div": arithmetic(lambda a, b: a / b, lambda a, b: a // b),
    "Dropout": lambda _node, x, *_rest: x,
    "Elu": lambda node, x: F.elu(x, node.get("alpha", 1.0)),
    "Erf": _plain(torch.erf),
    "Exp": _plain(torch.exp),
    "Expand": lambda node, x, shape: x * torch.ones(on._for_batch(node, x, on.whole(shape)), device=x.device),
    "Flatten": on.flatten,
    "Gather": on.gather,
    "Gelu": lambda node, x: F.gelu(x, approximate=node.text("approximate", "none")),
    "Gemm": on.gemm,
    "GlobalAveragePool": lambda _node, x: x.mean((2, 3), keepdim=True),
    "GlobalMaxPool": lambda _node, x: x.amax((2, 3), keepdim=True),
    "HardSigmoid": lambda node, x: torch.clamp(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0, 1),
    "HardSwish": _plain(F.hardswish),
    "Identity": _plain(lambda x: x),
    "LRN": on.local_norm,
    "LayerNormalization": on.layer_norm,
    "LeakyRelu": lambda node, x: F.leaky_relu(x, node.get("alpha", 0.01)),
    "Log": _plain(torch.log),
    "LogSoftmax": lambda node, x: F.log_softmax(x, node.get("axis", -1)),
    "MatMul": _plain(torch.matmul),
    "MaxPool": on.max_pool,
    "Mul": arithmetic(lambda a, b: a * b),
    "Neg": _plain(lambda x: -x),
    "PRelu": _plain(lambda x, slope: torch.where(x < 0, slope * x, x)),
    "Pad": on.pad,
    "Pow": arithmetic(lambda a, b: a**b),
    "ReduceL2": reduced(lambda x, axes, keep: x.norm(dim=axes, keepdim=keep)),
    "ReduceMax": reduced(lambda x, axes, keep: x.amax(axes, keepdim=keep)),
    "ReduceMean": reduced(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
    "ReduceSum": reduced(lambda x, axes, keep: x.sum(axes, keepdim=keep)),
    "Relu": _plain(F.relu),
    "Reshape": on.reshape,
    "Resize": on.resize,
    "Selu": _plain(F.selu),
    "Shape": lambda node, x: np.array(list(x.shape), dtype=object)[node.get("start", 0) : node.get("end")],
    "Sigmoid": _plain(torch.sigmoid),
    "Slice": on.slice_,
    "Softmax": lambda node, x: F.softmax(x, node.get("axis", -1)),
    "Softplus": _plain(F.softplus),
    "Split": on.split,
    "Sqrt": _plain(torch.sqrt),
    "Squeeze": on.squeeze,
    "Sub": arithmetic(lambda a, b: a - b),
    "Swish": lambda node, x: x * torch.sigmoid(node.get("alpha", 1.0) * x),
    "Tanh": _plain(torch.tanh),
    "Transpose": lambda node, x: x.permute(node.get("perm", tuple(reversed(range(x.ndim))))),
    "Unsqueeze": on.unsqueeze,
}


class Program:
    """`run(tensors, pictures) -> [B, ...]`. Raises UsageError, when it is made, naming the first operator that is not
    known here."""

    def __init__(self, graph: Graph) -> None:
        ours = ("", "ai.onnx")
        unknown = [node.op_type for node in graph.nodes if node.op_type not in OPERATORS or node.domain not in ours]
        if unknown:
            raise UsageError(
                f"{graph.where}: the operator {unknown[0]} cannot be trained here; the file runs as it is (train: "
                "none), or with a new last layer (train: head)"
            )
        self._graph = graph
        self._weights = {*graph.weights(), *graph.statistics()}
        self._constants = {n: _constant(a) for n, a in graph.arrays().items() if n not in self._weights}
        read = needed("onnx.helper", "onnx").get_attribute_value
        self._steps = [
            (
                OPERATORS[node.op_type],
                Node(
                    node.op_type,
                    {a.name: read(a) for a in node.attribute} | {"outputs": len(node.output)},
                    graph.where,
                    graph.batch,
                ),
                tuple(node.input),
                tuple(node.output),
            )
            for node in graph.nodes
        ]
        self.output = self._before_softmax()

    def _before_softmax(self) -> str:
        """Logits train better than the logarithms of probabilities."""
        _, node, inputs, outputs = self._steps[-1]
        last = node.kind == "Softmax" and outputs[0] == self._graph.output
        return inputs[0] if last else self._graph.output

    @property
    def gives_logits(self) -> bool:
        """Whether a softmax at the end was left out."""
        return self.output != self._graph.output

    def __call__(self, tensors: Mapping[str, torch.Tensor], pictures: torch.Tensor) -> torch.Tensor:
        """`tensors`: those of `Graph.weights` and `Graph.statistics`, by name."""
        found: dict[str, Any] = {**self._constants, **tensors, self._graph.input: pictures}
        for step, node, inputs, outputs in self._steps:
            if outputs[0] == self._graph.output and self.gives_logits:
                break
            given = [_near(found[name], pictures) if name else None for name in inputs]
            try:
                made = step(node, *given)
            except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
                if isinstance(error, torch.OutOfMemoryError) or "memory" in str(error):
                    raise
                reason = " ".join(str(error).split())[:150]
                raise node.refused(f"it does not fit what it is given ({reason})") from error
            found.update(zip(outputs, made if isinstance(made, tuple | list) else (made,), strict=False))
        return found[self.output]  # type: ignore[no-any-return]


def _constant(array: np.ndarray) -> Any:
    return torch.from_numpy(array.astype(np.float32)) if array.dtype.kind == "f" else array.astype(object)


def _near(value: Any, pictures: torch.Tensor) -> Any:
    return value.to(pictures.device) if isinstance(value, torch.Tensor) and value.device != pictures.device else value
