"""`import torchvision` beside any build of PyTorch."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch

_DEFINITIONS: list[torch.library.Library] = []


def import_torchvision() -> ModuleType:
    """torchvision, also where its compiled operators do not load, as beside a CPU-only build of PyTorch.

    Its import then stops because two of them are not even known by name. Naming them is enough for datasets,
    transforms and models, which use neither. Raises ImportError if torchvision is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _DEFINITIONS.append(library)  # what a library defines goes when it goes
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    return importlib.import_module("torchvision")
