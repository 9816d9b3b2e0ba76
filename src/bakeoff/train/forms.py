"""How a pack computes: stacked (dense nets, one batched product a layer) or looped (any network, model by model).

Both hold `tensors` and `gradients` as name -> [M, ...] and answer the same calls, so the loop never asks which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch

from bakeoff.models import compile_forward
from bakeoff.models.frozen import trainable
from bakeoff.models.layers import Dropout, Network
from bakeoff.train.dense import Masks
from bakeoff.train.masks import DropoutMasks
from bakeoff.train.ragged import PaddedMasks, widths
from bakeoff.train.stacked import StackedForm, has_stacked_form

Tensors = Mapping[str, torch.Tensor]


class Form(Protocol):
    """M networks that differ at most in dropout rate and, padded, in widths. x: [M, B, C, H, W], or [1, B, ...] shared
    by all."""

    network: Network
    tensors: dict[str, torch.Tensor]
    gradients: dict[str, torch.Tensor]

    def snapshot(self, row: int) -> dict[str, torch.Tensor]:
        """A copy of one model's tensors, as run folders hold them."""

    def forward(self, x: torch.Tensor, masks: Sequence[Masks] | None = None) -> torch.Tensor:
        """Logits [M, B, K], detached. With masks a training step; without, evaluation."""

    def backward(self, gradient: torch.Tensor) -> None:
        """Fill `gradients`, given that of the logits [M, B, K] of the last training step."""


class LoopedForm:
    """Model after model through the functional forward pass; what convolutions use on a CPU."""

    def __init__(self, network: Network, tensors: Tensors, trainable: list[str]) -> None:
        self.network = network
        self.tensors = dict(tensors)
        self.gradients = {name: torch.zeros_like(self.tensors[name]) for name in trainable}
        self._run = compile_forward(network)
        count = len(next(iter(self.tensors.values())))
        self._rows = [self._row(m, trainable) for m in range(count)]

    @staticmethod
    def stack(_network: Network, rows: Sequence[Tensors]) -> dict[str, torch.Tensor]:
        return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}

    def snapshot(self, row: int) -> dict[str, torch.Tensor]:
        return {name: tensor[row].clone() for name, tensor in self.tensors.items()}

    def _row(self, m: int, trainable: list[str]) -> dict[str, torch.Tensor]:
        """Views of model m; autograd accumulates straight into its row of `gradients`."""
        row = {name: tensor[m] for name, tensor in self.tensors.items()}
        for name in trainable:
            row[name] = row[name].detach().requires_grad_()
            row[name].grad = self.gradients[name][m]
        return row

    def forward(self, x: torch.Tensor, masks: Sequence[Masks] | None = None) -> torch.Tensor:
        inputs = x.expand(len(self._rows), *x.shape[1:])
        if masks is None:
            with torch.no_grad():
                return torch.stack([self._run(row, inputs[m]) for m, row in enumerate(self._rows)])
        for gradient in self.gradients.values():
            gradient.zero_()
        self._logits = [self._run(row, inputs[m], masks=masks[m]) for m, row in enumerate(self._rows)]
        return torch.stack([logits.detach() for logits in self._logits])

    def backward(self, gradient: torch.Tensor) -> None:
        torch.autograd.backward(self._logits, list(gradient))


class _Stacked(StackedForm):
    def forward(self, x, masks=None):  # type: ignore[no-untyped-def, override]
        return super().forward(x, masks[0] if masks else None)


def stack_rows(network: Network, rows: Sequence[Tensors]) -> dict[str, torch.Tensor]:
    """Tensors of M models, as run folders hold them, to name -> [M, ...] in the layout of the network's form."""
    return (_Stacked if has_stacked_form(network) else LoopedForm).stack(network, rows)


def make_form(network: Network, tensors: Tensors) -> Form:
    """The form for this network. `tensors`: what `stack_rows` gives, on the device that trains."""
    names = trainable(network, tensors)
    return (_Stacked if has_stacked_form(network) else LoopedForm)(network, tensors, names)


def make_masks(
    form: Form, networks: Sequence[Network], seeds: Sequence[int], epoch: int, device: torch.device
) -> Sequence[Masks]:
    """The epoch's dropout masks in the grouping that this form draws them: all models at once, or one by one."""
    of_each = [dict(network.walk()) for network in networks]
    rates = {
        i: [layers[i].rate for layers in of_each]  # type: ignore[union-attr]
        for i, layer in form.network.walk()
        if isinstance(layer, Dropout)
    }
    alike = all(widths(network) == widths(form.network) for network in networks)
    if isinstance(form, _Stacked) and alike:
        return [DropoutMasks(rates, seeds, epoch, device)]
    single = [DropoutMasks({i: [r[m]] for i, r in rates.items()}, [s], epoch, device) for m, s in enumerate(seeds)]
    return [PaddedMasks(single, networks)] if isinstance(form, _Stacked) else single
