"""Starting weights, from a generator that is a function of (seed, layer) alone.

kaiming: He et al. 2015, eq. 10 (variance 2 / fan_in); lecun: LeCun et al. 1998, section 4.6 (1 / fan_in); glorot:
Glorot & Bengio 2010, eq. 16 (2 / (fan_in + fan_out)). Normal draws are not truncated; biases are 0. torch: what
`torch.nn.Linear` and `Conv2d` do: uniform within 1 / sqrt(fan_in), weights and biases. normal(s): standard deviation s
whatever the fans.
"""

from __future__ import annotations

import math

import torch

from bakeoff.errors import UsageError, nearest
from bakeoff.models.backbones import starting_weights
from bakeoff.models.foreign import layer as foreign
from bakeoff.models.layers import Backbone, BatchNorm, Conv, Dense, Imported, Network
from bakeoff.recipe import INITS, derive_seed


def initialise(network: Network, init: str, seed: int) -> dict[str, torch.Tensor]:
    """float32 CPU tensors by name: weights, biases and the buffers of batch norms. `init`: a name of `recipe.INITS`.

    Raises UsageError for a name that is none of them.
    """
    if init not in INITS and not init.startswith("normal("):
        raise UsageError(f"unknown init {init!r}{nearest(init, INITS)}")
    tensors: dict[str, torch.Tensor] = {}
    for i, layer in network.walk():
        generator = torch.Generator().manual_seed(derive_seed(seed, "init", i))
        match layer:
            case Dense():
                shape: tuple[int, ...] = (layer.outputs, layer.inputs)
                tensors[f"{i}.weight"] = _weights(shape, layer.inputs, layer.outputs, init, generator)
                if layer.bias:
                    tensors[f"{i}.bias"] = _biases(layer.outputs, layer.inputs, init, generator)
            case Conv():
                area = layer.kernel**2
                fan_in, fan_out = layer.channels_in // layer.groups * area, layer.channels_out // layer.groups * area
                shape = (layer.channels_out, layer.channels_in // layer.groups, layer.kernel, layer.kernel)
                tensors[f"{i}.weight"] = _weights(shape, fan_in, fan_out, init, generator)
                if layer.bias:
                    tensors[f"{i}.bias"] = _biases(layer.channels_out, fan_in, init, generator)
            case Backbone():
                starting = starting_weights(layer, derive_seed(seed, "init", i))
                tensors |= {f"{i}.{name}": tensor for name, tensor in starting.items()}
            case Imported():
                tensors |= {f"{i}.{name}": tensor for name, tensor in foreign.starting_weights(layer).items()}
            case BatchNorm():
                tensors[f"{i}.weight"] = torch.ones(layer.features)
                tensors[f"{i}.bias"] = torch.zeros(layer.features)
                tensors[f"{i}.running_mean"] = torch.zeros(layer.features)
                tensors[f"{i}.running_var"] = torch.ones(layer.features)
    return tensors


def _weights(shape: tuple[int, ...], fan_in: int, fan_out: int, init: str, generator: torch.Generator) -> torch.Tensor:
    if init == "torch":
        return _uniform(shape, 1 / math.sqrt(fan_in), generator)
    if init.startswith("normal("):
        return torch.randn(shape, generator=generator) * float(init[7:-1])
    family, kind = init.split("_")
    variance = {"kaiming": 2 / fan_in, "lecun": 1 / fan_in, "glorot": 2 / (fan_in + fan_out)}[family]
    if kind == "normal":
        return torch.randn(shape, generator=generator) * math.sqrt(variance)
    return _uniform(shape, math.sqrt(3 * variance), generator)


def _biases(count: int, fan_in: int, init: str, generator: torch.Generator) -> torch.Tensor:
    return _uniform((count,), 1 / math.sqrt(fan_in), generator) if init == "torch" else torch.zeros(count)


def _uniform(shape: tuple[int, ...], bound: float, generator: torch.Generator) -> torch.Tensor:
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)
