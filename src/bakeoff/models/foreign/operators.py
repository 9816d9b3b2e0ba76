"""The operators of classifiers in PyTorch, as ONNX defines them, for training.

Floats are tensors; whole numbers (shapes, axes, indices) are NumPy arrays of Python's numbers, so that a shape may also
be one that PyTorch only traces. Batch norms keep their statistics and dropout is off: a file says nothing of how either
was used while it was trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from bakeoff.errors import UsageError

Value = Any
"""A tensor, a NumPy array of whole numbers, or None for an input that is left out."""
Operator = Callable[..., Value]


@dataclass(frozen=True)
class Node:
    """One step of a graph. `batch`: how many pictures the file takes at a time if that is fixed; shapes that begin with
    it are then about the batch."""

    kind: str
    attributes: dict[str, Any]
    where: str
    batch: int | None

    def get(self, name: str, default: Any = None) -> Any:
        return self.attributes.get(name, default)

    def text(self, name: str, default: str) -> str:
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def refused(self, reason: str) -> UsageError:
        return UsageError(f"{self.where}: {self.kind} cannot be trained here: {reason}; it runs as it is (train: none)")


def whole(values: Value) -> list[Any]:
    """A list of numbers of an array or a list."""
    return list(np.atleast_1d(np.asarray(values, dtype=object)).reshape(-1))


def _axes(node: Node, given: Value, rank: int) -> list[int]:
    """From an input or, in older files, an attribute; all of them if neither says."""
    axes = node.get("axes") if given is None else whole(given)
    return list(range(rank)) if axes is None else [int(axis) % rank for axis in axes]


def _padded(node: Node, x: torch.Tensor, kernel: Sequence[int], strides: Sequence[int], fill: float) -> torch.Tensor:
    """What a convolution or a pool looks at; ONNX gives all starts, then all ends."""
    dilations = node.get("dilations", [1] * len(kernel))
    pads = list(node.get("pads", [0] * (2 * len(kernel))))
    auto = node.text("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        pads = []
        for side, k, s, d in zip(x.shape[2:], kernel, strides, dilations, strict=True):
            need = max(0, (math.ceil(side / s) - 1) * s + (k - 1) * d + 1 - side)
            pads.append((need // 2, need - need // 2) if auto == "SAME_UPPER" else (need - need // 2, need // 2))
        pads = [pair[0] for pair in pads] + [pair[1] for pair in pads]
    if not any(pads):
        return x
    half = len(pads) // 2
    flat = [side for pair in reversed(list(zip(pads[:half], pads[half:], strict=True))) for side in pair]
    return F.pad(x, flat, value=fill)


def conv(node: Node, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    if weight.ndim != 4:
        raise node.refused("only two-dimensional ones are known")
    strides, dilations = node.get("strides", [1, 1]), node.get("dilations", [1, 1])
    x = _padded(node, x, weight.shape[2:], strides, 0.0)
    return F.conv2d(x, weight, bias, tuple(strides), 0, tuple(dilations), node.get("group", 1))


def gemm(node: Node, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
    a, b = (a.T if node.get("transA") else a), (b.T if node.get("transB") else b)
    out = node.get("alpha", 1.0) * (a @ b)
    return out if c is None else out + node.get("beta", 1.0) * c


def batch_norm(node: Node, x: torch.Tensor, *parts: torch.Tensor) -> torch.Tensor:
    weight, bias, mean, variance = parts
    return F.batch_norm(x, mean, variance, weight, bias, False, 0.0, node.get("epsilon", 1e-5))


def layer_norm(node: Node, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    shape = x.shape[node.get("axis", -1) % x.ndim :]
    return F.layer_norm(x, shape, weight, bias, node.get("epsilon", 1e-5))


def local_norm(node: Node, x: torch.Tensor) -> torch.Tensor:
    return F.local_response_norm(
        x, node.get("size"), node.get("alpha", 1e-4), node.get("beta", 0.75), node.get("bias", 1.0)
    )


def max_pool(node: Node, x: torch.Tensor) -> torch.Tensor:
    kernel, strides = node.get("kernel_shape"), node.get("strides") or [1] * len(node.get("kernel_shape"))
    x = _padded(node, x, kernel, strides, -math.inf)
    return F.max_pool2d(x, kernel, strides, 0, node.get("dilations", 1), bool(node.get("ceil_mode")))


def average_pool(node: Node, x: torch.Tensor) -> torch.Tensor:
    kernel, strides = node.get("kernel_shape"), node.get("strides") or [1] * len(node.get("kernel_shape"))
    padded = _padded(node, x, kernel, strides, 0.0)
    if node.get("ceil_mode") and padded is not x:
        raise node.refused("ceil_mode with padding is not known")
    out = F.avg_pool2d(padded, kernel, strides, 0, bool(node.get("ceil_mode")))
    if padded is x or node.get("count_include_pad"):
        return out
    ones = _padded(node, torch.ones_like(x[:1, :1]), kernel, strides, 0.0)
    return out / F.avg_pool2d(ones, kernel, strides)


def clip(node: Node, x: torch.Tensor, low: Value = None, high: Value = None) -> torch.Tensor:
    low, high = node.get("min") if low is None else low, node.get("max") if high is None else high
    return torch.clamp(x, None if low is None else float(low), None if high is None else float(high))


def reduced(by: Callable[..., Any]) -> Operator:
    def step(node: Node, x: torch.Tensor, axes: Value = None) -> torch.Tensor:
        if (axes is None or not len(axes)) and node.get("axes") is None and node.get("noop_with_empty_axes"):
            return x
        return by(x, _axes(node, axes, x.ndim), bool(node.get("keepdims", 1)))  # type: ignore[no-any-return]

    return step


def reshape(node: Node, x: Value, shape: Value = None) -> Value:
    wanted = whole(node.get("shape") if shape is None else shape)
    if not node.get("allowzero"):
        wanted = [x.shape[i] if isinstance(n, int) and n == 0 else n for i, n in enumerate(wanted)]
    return x.reshape(_for_batch(node, x, wanted))


def _for_batch(node: Node, x: Value, shape: list[Any]) -> list[Any]:
    """A shape that was written down for one batch, for this one."""
    fixed = node.batch is not None and isinstance(x, torch.Tensor) and shape and shape[0] == node.batch
    return [x.shape[0], *shape[1:]] if fixed and x.shape[0] != node.batch else shape


def flatten(node: Node, x: torch.Tensor) -> torch.Tensor:
    axis = node.get("axis", 1) % (x.ndim + 1)
    return x.reshape(math.prod(x.shape[:axis]), -1) if axis != 1 else x.flatten(1)


def squeeze(node: Node, x: Value, axes: Value = None) -> Value:
    given = node.get("axes") if axes is None else whole(axes)
    gone = [i for i, n in enumerate(x.shape) if n == 1] if given is None else [int(a) % x.ndim for a in given]
    return x.reshape([n for i, n in enumerate(x.shape) if i not in gone])


def unsqueeze(node: Node, x: Value, axes: Value = None) -> Value:
    x = np.asarray(x, dtype=object) if not isinstance(x, torch.Tensor) else x
    given = node.get("axes") if axes is None else whole(axes)
    places = sorted(int(axis) % (x.ndim + len(given)) for axis in given)
    shape = list(x.shape)
    for place in places:
        shape.insert(place, 1)
    return x.reshape(shape)


def slice_(
    node: Node, x: Value, starts: Value = None, ends: Value = None, axes: Value = None, steps: Value = None
) -> Value:
    starts, ends = (node.get(n) if v is None else whole(v) for n, v in (("starts", starts), ("ends", ends)))
    chosen = node.get("axes") if axes is None else whole(axes)
    by = [1] * len(starts) if steps is None else whole(steps)
    cut = [slice(None)] * x.ndim
    for axis, start, end, step in zip(chosen or range(len(starts)), starts, ends, by, strict=True):
        if step < 0 and isinstance(x, torch.Tensor):
            raise node.refused("steps backwards are not known")
        low = None if isinstance(end, int) and end < -(2**30) else end
        cut[int(axis)] = slice(start, None if isinstance(end, int) and end > 2**30 else low, step)
    return x[tuple(cut)]


def gather(node: Node, x: Value, index: Value) -> Value:
    if isinstance(x, torch.Tensor):
        places = torch.as_tensor(np.asarray(index, dtype=np.int64), device=x.device)
        axis = node.get("axis", 0) % x.ndim
        out = x.index_select(axis, places.reshape(-1) % x.shape[axis])
        return out.reshape([*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]])
    return np.take(np.asarray(x, dtype=object), np.asarray(index, dtype=np.int64), axis=node.get("axis", 0))


def concat(node: Node, *parts: Value) -> Value:
    if any(isinstance(part, torch.Tensor) for part in parts):
        return torch.cat(parts, node.get("axis"))
    return np.concatenate([np.atleast_1d(np.asarray(part, dtype=object)) for part in parts], node.get("axis"))


def split(node: Node, x: torch.Tensor, sizes: Value = None) -> Value:
    axis = node.get("axis", 0)
    told = node.get("split") if sizes is None else whole(sizes)
    if told is None:
        told = -(-x.shape[axis] // node.get("num_outputs", node.get("outputs")))
    return torch.split(x, told, axis)


def pad(node: Node, x: torch.Tensor, pads: Value = None, fill: Value = None, axes: Value = None) -> torch.Tensor:
    amounts = [int(n) for n in (node.get("pads") if pads is None else whole(pads))]
    mode, half = node.text("mode", "constant"), len(amounts) // 2
    both = dict(zip(_axes(node, axes, x.ndim), zip(amounts[:half], amounts[half:], strict=True), strict=True))
    flat = [side for axis in reversed(range(x.ndim)) for side in both.get(axis, (0, 0))]
    if mode == "constant":
        return F.pad(x, flat, value=float(node.get("value", 0.0) if fill is None else fill))
    if any(flat[4:]) or mode not in ("reflect", "edge"):
        raise node.refused(f"mode {mode} of these axes is not known")
    return F.pad(x, flat[:4], mode="replicate" if mode == "edge" else mode)


def resize(node: Node, x: torch.Tensor, *rest: Value) -> torch.Tensor:
    """To sizes, or by scales, of height and width."""
    sizes = whole(rest[-1])[2:] if len(rest) == 3 and rest[-1] is not None else None
    if sizes is None:
        scales = [float(v) for v in (rest[1] if len(rest) > 1 else rest[0]).reshape(-1)[2:]]
        sizes = [int(n * s) for n, s in zip(x.shape[2:], scales, strict=True)]
    mode, where = node.text("mode", "nearest"), node.text("coordinate_transformation_mode", "half_pixel")
    if mode == "linear" and where in ("half_pixel", "pytorch_half_pixel"):
        return F.interpolate(x, sizes, mode="bilinear", antialias=bool(node.get("antialias")))
    if mode == "nearest" and where == "asymmetric" and node.text("nearest_mode", "round_prefer_floor") == "floor":
        return F.interpolate(x, sizes, mode="nearest")
    raise node.refused(f"mode {mode} with {where} is not known")


def cast(node: Node, x: Value) -> Value:
    if isinstance(x, torch.Tensor):
        return x.float() if node.get("to") in (1, 10, 11, 16) else np.asarray(x.detach().cpu()).astype(object)
    return torch.tensor(np.asarray(x, np.float32)) if node.get("to") in (1, 10, 11, 16) else x


def arithmetic(by: Callable[[Any, Any], Any], of_whole: Callable[[Any, Any], Any] | None = None) -> Operator:
    def step(_node: Node, a: Value, b: Value) -> Value:
        if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
            return by(*(x if isinstance(x, torch.Tensor) else float(np.asarray(x).item()) for x in (a, b)))
        return (of_whole or by)(np.asarray(a, dtype=object), np.asarray(b, dtype=object))

    return step
