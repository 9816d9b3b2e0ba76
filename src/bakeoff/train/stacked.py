"""M dense networks as one batched computation: weights [M, D, H], activations [M, B, D].

Shapes: M models, B batch, D features in, H features out, K classes. Dense weights lie as [in, out] here, because
that product runs 1.5 times faster than the transposed one; everywhere else they are PyTorch's [out, in].

On a CPU the products go through NumPy's BLAS instead of `torch.bmm`: PyTorch's CPU build links MKL, which runs at
half speed on AMD processors (docs/log.md has the rates); both see the same memory, nothing is copied. Weight
gradients are written straight into their final buffers, so no pass over memory is spent on zeroing or accumulating.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch.nn import functional as F

from bakeoff.models.forward import activate
from bakeoff.models.layers import Activation, BatchNorm, Dense, Dropout, Flatten, Network

Masks = Callable[[int, tuple[int, ...]], torch.Tensor]
"""(layer index, shape) -> keep-mask already divided by the keep probability, float32 of that shape."""


def matmul_into(a: torch.Tensor, b: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """out = a @ b, batched over the leading dimension. float32; `out` must not overlap the inputs."""
    if out.device.type == "cpu":
        np.matmul(a.numpy(), b.numpy(), out=out.numpy())
        return out
    return torch.matmul(a, b, out=out)


class _Linear(torch.autograd.Function):
    """y[M, B, H] = x[M, B, D] @ w[M, D, H] + b[M, H]; gradients of w and b land in the given buffers."""

    @staticmethod
    def forward(ctx, x, weight, bias, weight_grad, bias_grad):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x, weight)
        ctx.buffers = (weight_grad, bias_grad)
        x, w = x.detach(), weight.detach()
        out = matmul_into(x, w, x.new_empty(len(w), x.shape[1], w.shape[2]))
        return out if bias is None else out.add_(bias.detach().unsqueeze(1))

    @staticmethod
    def backward(ctx, dy):  # type: ignore[no-untyped-def]
        x, weight = (t.detach() for t in ctx.saved_tensors)
        weight_grad, bias_grad = ctx.buffers
        dy = dy.contiguous()
        matmul_into(x.transpose(1, 2), dy, weight_grad)
        if bias_grad is not None:
            torch.sum(dy, 1, out=bias_grad)
        dx = matmul_into(dy, weight.transpose(1, 2), torch.empty_like(x)) if ctx.needs_input_grad[0] else None
        return dx, None, None, None, None


class StackedForm:
    """The stacked form of M networks that differ at most in dropout rate.

    `tensors`: name -> [M, ...], weights and buffers, updated in place (dense weights [M, in, out], as `stack` lays
    them); `gradients`: name -> [M, ...], valid after the backward pass of what `forward` returned.
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
        self._leaves = {name: self.tensors[name].detach().requires_grad_() for name in trainable}
        self._norms = [
            f"{i}.{part}" for i, layer in enumerate(network.layers) if isinstance(layer, BatchNorm)
            for part in ("weight", "bias")
        ]  # fmt: skip
        for name in self._norms:
            self._leaves[name].grad = self.gradients[name]

    def forward(self, x: torch.Tensor, masks: Masks | None = None) -> torch.Tensor:
        """x: [M, B, ...] in training, or [1, B, ...] shared by all models; returns logits [M, B, K].

        With `masks` this is a training step (dropout, batch statistics); without, evaluation: no gradients.
        """
        training = masks is not None
        if training:
            for name in self._norms:
                self.gradients[name].zero_()
        with torch.set_grad_enabled(training):
            for i, layer in enumerate(self.network.layers):
                match layer:
                    case Flatten():
                        x = x.flatten(2)
                    case Dense():
                        x = self._dense(i, x) if training else self._dense_eval(i, x)
                    case Activation():
                        # In place for relu: nothing else needs its input.
                        x = F.relu_(x) if layer.kind == "relu" else activate(layer.kind, x)
                    case BatchNorm():
                        x = self._batch_norm(i, layer, x, training)
                    case Dropout():
                        x = x if masks is None else x * masks(i, tuple(x.shape))
                    case _:
                        raise TypeError(f"{type(layer).__name__} has no stacked form")
        return x

    def _dense(self, i: int, x: torch.Tensor) -> torch.Tensor:
        w, b = f"{i}.weight", f"{i}.bias"
        return _Linear.apply(x, self._leaves[w], self._leaves.get(b), self.gradients[w], self.gradients.get(b))

    def _dense_eval(self, i: int, x: torch.Tensor) -> torch.Tensor:
        w, b = self.tensors[f"{i}.weight"], self.tensors.get(f"{i}.bias")
        y = matmul_into(x, w, x.new_empty(len(w), x.shape[1], w.shape[2]))
        return y if b is None else y.add_(b.unsqueeze(1))

    def _batch_norm(self, i: int, layer: BatchNorm, x: torch.Tensor, training: bool) -> torch.Tensor:
        """Ioffe & Szegedy 2015, statistics a model; the running variance is the unbiased one, as in PyTorch."""
        mean, variance = self.tensors[f"{i}.running_mean"], self.tensors[f"{i}.running_var"]
        if training:
            batch_variance, batch_mean = torch.var_mean(x, 1, correction=0)
            n = x.shape[1]
            with torch.no_grad():
                mean.lerp_(batch_mean, layer.momentum)
                variance.lerp_(batch_variance * (n / max(1, n - 1)), layer.momentum)
            mean, variance = batch_mean, batch_variance
        scale = torch.rsqrt(variance + layer.epsilon)
        weight, bias = (
            self._leaves[f"{i}.{part}"] if training else self.tensors[f"{i}.{part}"] for part in ("weight", "bias")
        )
        scale = scale * weight
        return torch.addcmul((bias - mean * scale).unsqueeze(1), x, scale.unsqueeze(1))


def _dense_weights(network: Network) -> set[str]:
    return {f"{i}.weight" for i, layer in enumerate(network.layers) if isinstance(layer, Dense)}


def has_stacked_form(network: Network) -> bool:
    return all(isinstance(layer, Flatten | Dense | Activation | BatchNorm | Dropout) for layer in network.layers)
