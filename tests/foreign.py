"""Models as strangers make them: trained by plain PyTorch, exported by plain torch.onnx.export or written by hand.

Nothing of bakeoff's is used, so that what they say of a picture is what their home runtime says.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from squares import CLASSES, pictures
from torch import nn

MEAN, STD = 0.3, 0.2


def net(channels: int = 1, side: int = 8, classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(channels, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(6 * (side // 2) ** 2, 16), nn.ReLU(), nn.Linear(16, classes),
    )  # fmt: skip


def imagenet(x: np.ndarray) -> np.ndarray:
    """Pictures as torchvision's models take them."""
    mean, std = np.array([0.485, 0.456, 0.406]).reshape(-1, 1, 1), np.array([0.229, 0.224, 0.225]).reshape(-1, 1, 1)
    return ((x / 255 - mean) / std).astype(np.float32)


def unit(x: np.ndarray) -> np.ndarray:
    return (x / 255).astype(np.float32)


def taught(model: nn.Module, prepare: Callable[[np.ndarray], np.ndarray], *, channels: int = 1, steps: int = 60,
           order: tuple[int, ...] = (0, 1, 2), seed: int = 5) -> nn.Module:  # fmt: skip
    """`model` after some steps on squares of its own; class k of the squares is its `order`[k]."""
    images, labels = pictures(240, channels=channels, seed=seed)
    x, y = torch.from_numpy(prepare(images)), torch.tensor(order)[torch.from_numpy(labels)]
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()


def exported(model: nn.Module, path: Path, shape: tuple[int, ...], *, batch: int | None = None) -> Path:
    """By torch.onnx.export, with a free batch or a fixed one."""
    free = None if batch else ({0: torch.export.Dim("batch")},)
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (torch.zeros(batch or 2, *shape),), path, dynamo=True, dynamic_shapes=free,
                          external_data=False, verbose=False)  # fmt: skip
    logger.setLevel(level)
    return path


def home(path: Path, x: np.ndarray) -> np.ndarray:
    """What onnxruntime itself says, picture by picture."""
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: one[None]})[0] for one in x])


def by_hand(path: Path, nodes: list, inputs: list[int | str], held: dict[str, np.ndarray], outputs: list[int | str],
            kind: int = TensorProto.FLOAT) -> Path:  # fmt: skip
    """A file of these nodes, from `pictures` to `scores`."""
    graph = helper.make_graph(
        nodes, "by hand", [helper.make_tensor_value_info("pictures", kind, inputs)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, outputs)],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def as_tensorflow(model: nn.Module, path: Path, side: int = 8, *, channels: int = 1, softmax: bool = True,
                  batch: int | str = "batch", sides: bool = True, kind: int = TensorProto.FLOAT,
                  scale: float | None = None) -> Path:  # fmt: skip
    """The net of `net` in a graph as tf2onnx writes it: pictures [batch, H, W, C], a Transpose first, probabilities
    last. `sides`: whether it says its height and width; `scale`: divides the pictures inside."""
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items() if tensor.is_floating_point()}
    make = helper.make_node
    nodes, name = [], "pictures"
    if kind != TensorProto.FLOAT:
        nodes, name = [*nodes, make("Cast", [name], ["floats"], to=TensorProto.FLOAT)], "floats"
    held = dict(state)
    if scale is not None:
        held["scale"] = np.array(scale, np.float32)
        nodes, name = [*nodes, make("Div", [name, "scale"], ["scaled"])], "scaled"
    held["flat"] = np.array([-1 if isinstance(batch, str) else batch, state["5.weight"].shape[1]], np.int64)
    nodes += [
        make("Transpose", [name], ["nchw"], perm=[0, 3, 1, 2]),
        make("Conv", ["nchw", "0.weight", "0.bias"], ["c"], auto_pad="SAME_UPPER", kernel_shape=[3, 3]),
        make("BatchNormalization", ["c", "1.weight", "1.bias", "1.running_mean", "1.running_var"], ["n"]),
        make("Relu", ["n"], ["r"]),
        make("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        make("Reshape", ["p", "flat"], ["f"]),
        make("Gemm", ["f", "5.weight", "5.bias"], ["g"], transB=1),
        make("Relu", ["g"], ["h"]),
        make("Gemm", ["h", "7.weight", "7.bias"], ["z" if softmax else "scores"], transB=1),
        *([make("Softmax", ["z"], ["scores"])] if softmax else []),
    ]
    held = {key: value for key, value in held.items() if any(key in node.input for node in nodes)}
    shape = [batch, side if sides else "h", side if sides else "w", channels if sides else "c"]
    return by_hand(path, nodes, shape, held, [batch, 3], kind)


__all__ = ["CLASSES", "as_tensorflow", "by_hand", "exported", "home", "imagenet", "net", "taught", "unit"]
