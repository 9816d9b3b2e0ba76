"""Networks of timm and torchvision, by name: without their last layer, and what their weights were trained on."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import nn

from bakeoff.errors import UsageError, nearest
from bakeoff.models.vision import import_torchvision

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_INCEPTIONS = ("googlenet", "inception_v3")
"""Of torchvision: with a second head for training, which ImageNet's weights are used without, and a scale of their own
for pictures, which they are used with."""


class Trained(NamedTuple):
    """What a library says of the weights of a network. `side`: pixels; `mean`, `std`: of their pictures, by channel."""

    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def make(name: str, *, imagenet: bool = False) -> nn.Module:
    """timm/<name> or torchvision/<name> without its last layer. Raises UsageError for a name that the library does not
    know, with the nearest; and of the library's own errors those of weights that are not to be had."""
    library, model = _split(name)
    if library == "timm":
        made: nn.Module = import_timm().create_model(model, pretrained=imagenet, num_classes=0)
        return made
    return _headless(_of_torchvision(model, imagenet))


def trained(name: str) -> Trained:
    """Raises UsageError as `make` does."""
    library, model = _split(name)
    if library == "timm":
        told: Any = skeleton(name).pretrained_cfg
        return Trained(told["input_size"][1], tuple(told["mean"]), tuple(told["std"]))
    weights = import_vision_models().get_model_weights(model)
    if not len(weights):
        return Trained(224, *_IMAGENET)
    told = weights.DEFAULT.transforms()
    return Trained(told.crop_size[0], tuple(told.mean), tuple(told.std))


@lru_cache
def skeleton(name: str) -> nn.Module:
    """`make` without memory for the weights."""
    try:
        with torch.device("meta"):
            return make(name)
    except NotImplementedError:  # its builder reckons with tensors, which have no values there (regnet)
        return make(name).to("meta")


def width(name: str, side: int) -> int:
    """Features that it gives for a picture of `side` pixels. Raises UsageError where it takes none of that size."""
    module = skeleton(name).eval()
    try:
        with torch.no_grad():
            return int(module(torch.empty(1, 3, side, side, device="meta")).shape[1])
    except (AssertionError, RuntimeError, ValueError) as error:  # whatever the library says of it
        raise UsageError(
            f"size: {name} takes no pictures of {side} pixels; without size they are of {trained(name).side}"
        ) from error


def _split(name: str) -> tuple[str, str]:
    library, _, model = name.partition("/")
    lists: dict[str, Callable[[], list[str]]] = {
        "timm": lambda: import_timm().list_models(),
        "torchvision": lambda: import_vision_models().list_models(module=import_vision_models()),
    }
    if library not in lists:
        raise UsageError(f"backbone: expected timm/<name> or torchvision/<name>, not {name!r}")
    known = lists[library]()
    if model not in known:
        raise UsageError(f"backbone: {library} knows no {model!r}{nearest(model, known)}")
    return library, model


def _of_torchvision(model: str, imagenet: bool) -> nn.Module:
    """The network that ImageNet's weights fit, whether it gets them or not."""
    how: dict[str, Any] = {}
    if model in _INCEPTIONS and not imagenet:
        how = {"aux_logits": False, "transform_input": True, "init_weights": True}
    if model.startswith("vit_"):
        how = {"image_size": trained(f"torchvision/{model}").side}
    made = import_vision_models().get_model(model, weights="DEFAULT" if imagenet else None, **how)
    if model == "inception_v3":
        made.aux_logits, made.AuxLogits = False, None
    return made  # type: ignore[no-any-return]


def _headless(module: nn.Module) -> nn.Module:
    """Without its last dense layer, which is the one that knows ImageNet's classes; or convolution (squeezenet)."""
    parts = dict(module.named_modules())
    last = [[name for name, part in parts.items() if isinstance(part, kind)] for kind in (nn.Linear, nn.Conv2d)]
    name = next(names[-1] for names in last if names)
    parent, _, own = name.rpartition(".")
    setattr(module.get_submodule(parent), own, nn.Identity())
    return module


def import_timm() -> Any:
    import_vision_models()  # timm imports torchvision, which may need help
    return _imported("timm")


def import_vision_models() -> Any:
    try:
        import_torchvision()
    except ImportError as error:
        raise _missing("torchvision") from error
    return _imported("torchvision.models")


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing(name) from error


def _missing(name: str) -> UsageError:
    return UsageError(
        f"backbones need {name.partition('.')[0]}, which is not installed: pip install 'bakeoff[pretrained]'"
    )
