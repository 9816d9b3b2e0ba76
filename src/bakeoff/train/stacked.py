"""M dense networks as one batched computation: weights [M, D, H], activations [M, B, D].

Shapes: M models, B batch, D features in, H features out, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from bakeoff.models.layers import Activation, BatchNorm, Dense, Dropout, Features, Flatten, Layer, Network
from bakeoff.train.activations import Relu, Smooth, forgets_its_output
from bakeoff.train.dense import DenseLayer, DropoutLayer, Flattened, Masks, StackedLayer
from bakeoff.train.norm import BatchNormLayer


class StackedForm:
    """The stacked form of M networks that differ at most in dropout rate.

    `tensors`: name -> [M, ...], weights and buffers, updated in place (dense weights [M, in, out], as `stack` lays
    them); `gradients`: name -> [M, ...], valid after `backward`.
    """

    @staticmethod
    def stack(network: Network, rows: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
        """The tensors of M models, as run folders hold them, in this form's layout."""
        turned = _dense_weights(network)
        return {
            name: torch.stack([row[name].t() if name in turned else row[name] for row in rows]).contiguous()
            for name in rows[0]
        }

    def snapshot(self, row: int) -> dict[str, torch.Tensor]:
        """A copy of one model's tensors, as run folders hold them."""
        turned = _dense_weights(self.network)
        return {
            name: (tensor[row].t() if name in turned else tensor[row]).clone(memory_format=torch.contiguous_format)
            for name, tensor in self.tensors.items()
        }

    def __init__(self, network: Network, tensors: Mapping[str, torch.Tensor], trainable: list[str]) -> None:
        self.network = network
        self.tensors = dict(tensors)
        self.gradients = {name: torch.zeros_like(self.tensors[name]) for name in trainable}
        layers = network.layers
        self._first = next(i for i, layer in enumerate(layers) if isinstance(layer, Dense | BatchNorm))
        self._layers = [self._layer(i, layer, layers[i - 1] if i else None) for i, layer in enumerate(layers)]

    def _layer(self, i: int, layer: Layer, before: Layer | None) -> StackedLayer:
        # These hand on a tensor that they do not look at again.
        before_is_done = isinstance(before, Dense | BatchNorm)
        match layer:
            case Flatten() | Features():
                return Flattened()
            case Dense():
                w, b, g = f"{i}.weight", f"{i}.bias", self.gradients
                return DenseLayer(self.tensors[w], self.tensors.get(b), g[w], g.get(b), first=i == self._first)
            case Activation(kind="relu"):
                assert before_is_done
                return Relu()
            case Activation(kind=kind):
                return Smooth(kind)
            case Dropout():
                done = before_is_done or (isinstance(before, Activation) and forgets_its_output(before.kind))
                return DropoutLayer(i, in_place=done)
            case BatchNorm():
                names = [f"{i}.weight", f"{i}.bias"]
                return BatchNormLayer(
                    layer,
                    [self.tensors[name] for name in names],
                    [self.gradients[name] for name in names],
                    [self.tensors[f"{i}.running_{part}"] for part in ("mean", "var")],
                )
        raise TypeError(f"{type(layer).__name__} has no stacked form")

    @torch.no_grad()
    def forward(self, x: torch.Tensor, masks: Masks | None = None) -> torch.Tensor:
        """x: [M, B, ...] in training, or [1, B, ...] shared by all models; returns logits [M, B, K].

        With `masks` this is a training step (dropout, batch statistics) whose result is valid until the next one;
        without, evaluation.
        """
        for layer in self._layers:
            x = layer.evaluate(x) if masks is None else layer.forward(x, masks)
        return x

    @torch.no_grad()
    def backward(self, gradient: torch.Tensor) -> None:
        """Fill `gradients`, given that of the logits [M, B, K] of the last training step."""
        for layer in reversed(self._layers[self._first :]):
            gradient = layer.backward(gradient)


def _dense_weights(network: Network) -> set[str]:
    return {f"{i}.weight" for i, layer in enumerate(network.layers) if isinstance(layer, Dense)}


def has_stacked_form(network: Network) -> bool:
    return all(
        isinstance(layer, Flatten | Features | Dense | Activation | BatchNorm | Dropout) for layer in network.layers
    )
