"""An imported network as a layer: what it takes and gives, its weights, its step of a forward pass. B pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from bakeoff.errors import UsageError
from bakeoff.models.foreign.pixels import seen
from bakeoff.models.foreign.program import Program
from bakeoff.models.foreign.reading import Graph, read_graph
from bakeoff.models.foreign.runtime import multiply_adds, session
from bakeoff.models.layers import Imported, Place

Tensors = Mapping[str, torch.Tensor]
AGREES = 1e-3
"""Largest difference between PyTorch and onnxruntime, times the largest value if that is above 1."""


def graph_of(layer: Imported) -> Graph:
    return read_graph(layer.file, layer.output, features=layer.gives == "features")


def taken(layer: Imported, pictures: torch.Tensor) -> torch.Tensor:
    """[B, ...] as the file takes pictures [B, C, H, W] 0..1, but still float32."""
    x = seen(pictures, layer.pixels, layer.channels, layer.size)
    x = x.permute(0, 2, 3, 1) if layer.layout == "nhwc" else x
    rank = len(graph_of(layer).shape)
    return x if rank == 4 else x.reshape(len(x), -1) if rank == 2 else x.reshape(len(x), *layer.size)


def told(layer: Imported, out: torch.Tensor) -> torch.Tensor:
    """float32 [B, features] of the file's output: logits of our classes, or features."""
    if layer.gives == "features":
        return (
            out.float().mean((2, 3))
            if out.ndim == 4
            else out.float().flatten(1, -2).mean(1)
            if out.ndim == 3
            else out.float()
        )
    out = out.float().flatten(1)
    if layer.gives == "probabilities":
        out = out.clamp_min(torch.finfo(torch.float32).tiny).log()
    return out[:, list(layer.columns)] if layer.columns else out


def forward(
    place: Place, layer: Imported, *, traced: bool = False
) -> Callable[[Tensors, torch.Tensor, Any], torch.Tensor]:
    """Its step of a forward pass (see `models.forward`). What does not train runs in onnxruntime, unless it is to be
    `traced`."""
    if layer.train != "all" and not traced:
        return lambda _tensors, x, _masks: as_it_is(layer, x)
    program = _program(layer)
    names = {name: f"{place}.{name}" for name, _ in tensors(layer)}
    plain = replace(layer, gives="logits") if program.gives_logits else layer
    return lambda t, x, _masks: told(
        plain, program({name: t[stored] for name, stored in names.items()}, taken(layer, x))
    )


def as_it_is(layer: Imported, x: torch.Tensor) -> torch.Tensor:
    pictures = taken(layer, x.detach()).cpu().numpy()
    kind = graph_of(layer).kind
    pictures = pictures.round().clip(0, 255).astype(np.uint8) if kind == "uint8" else pictures.astype(kind)
    out = session(layer.file, layer.output, features=layer.gives == "features")(pictures)
    return told(layer, torch.from_numpy(out)).to(x.device)


@lru_cache(maxsize=8)
def _program(layer: Imported) -> Program:
    return Program(graph_of(layer))


def tensors(layer: Imported) -> Iterator[tuple[str, bool]]:
    """(name of a weight or a running statistic, whether it changes while the layer is trained)"""
    graph = graph_of(layer)
    yield from ((name, layer.train == "all") for name in graph.weights())
    yield from ((name, False) for name in graph.statistics())


def buffer_names(layer: Imported) -> list[str]:
    """Running means and variances."""
    return list(graph_of(layer).statistics())


def starting_weights(layer: Imported) -> dict[str, torch.Tensor]:
    """float32, as the file has them. Raises UsageError if PyTorch, which is to train them, does not come to what
    onnxruntime gives."""
    graph = graph_of(layer)
    found = {name: torch.from_numpy(array) for name, array in {**graph.weights(), **graph.statistics()}.items()}
    if layer.train == "all":
        _check(layer, found)
    return found


def _check(layer: Imported, weights: Tensors) -> None:
    noise = np.random.default_rng(0).random((2, layer.channels, *layer.size), np.float32)
    pictures = torch.from_numpy(noise)
    with torch.no_grad():
        ours = forward(0, layer)({f"0.{name}": tensor for name, tensor in weights.items()}, pictures, None)
        theirs = as_it_is(layer, pictures)
    if layer.gives == "probabilities":
        ours, theirs = ours.softmax(1), theirs.softmax(1)
    difference = float((ours - theirs).abs().max())
    if not difference <= AGREES * max(1.0, float(theirs.abs().max())):
        raise UsageError(
            f"{graph_of(layer).where}: in PyTorch, where it would be trained, it does not compute what it does in "
            f"onnxruntime (they differ by {difference:.3g}); it runs as it is (train: none)"
        )


def parameters(layer: Imported) -> int:
    return sum(array.size for array in graph_of(layer).weights().values())


def buffers(layer: Imported) -> int:
    return sum(array.size for array in graph_of(layer).statistics().values())


@lru_cache(maxsize=64)
def macs(layer: Imported) -> int:
    """Multiply-adds of the layers with weights for one picture."""
    graph = graph_of(layer)
    one = torch.zeros(graph.batch or 1, layer.channels, *layer.size)
    return multiply_adds(graph, tuple(taken(layer, one).shape))


@lru_cache(maxsize=64)
def width(layer: Imported) -> int:
    """How many values it gives a picture: those of the whole output, before columns are taken; or features."""
    one = torch.zeros(1, layer.channels, *layer.size)
    return int(as_it_is(replace(layer, columns=(), train="none"), one).shape[1])
