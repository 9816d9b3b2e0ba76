"""Optimisers over a pack: M models, each with its own rate, decay and momentum.

Parameters, gradients and state are stacked tensors [M, ...]; the row of one model is contiguous, and on a CPU one
fused kernel call a model keeps that model's rows in cache (measured in docs/log.md: 1.6 ms plain against 0.7 ms
fused for 16 models of 101k weights). RMSprop has no fused kernel and uses the multi-tensor operations.

The formulas are PyTorch's (`torch.optim`), checked against it in tests. `weight_decay` is L2 added to the gradient
except for adamw, where it is decoupled (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from bakeoff.recipe import Recipe

_STATE = {"adam": ("exp_avg", "exp_avg_sq"), "adamw": ("exp_avg", "exp_avg_sq")}


def _state_names(recipe: Recipe) -> tuple[str, ...]:
    if recipe.optimizer == "sgd":
        return ("momentum",) if recipe.momentum else ()
    if recipe.optimizer == "rmsprop":
        return ("square_avg", "momentum") if recipe.momentum else ("square_avg",)
    return _STATE[recipe.optimizer]


@dataclass(frozen=True)
class _Group:
    """Views of one model's tensors that share one weight decay and one factor on the rate."""

    weight_decay: float
    factor: float
    parameters: list[torch.Tensor]
    gradients: list[torch.Tensor]
    state: dict[str, list[torch.Tensor]]


class Optimizer:
    """Updates stacked `parameters` in place from `gradients`, model by model.

    `recipes`: one a model, of one optimiser family. `parameters` and `gradients`: name -> [M, ...], the same
    tensors at every step; `factors`: on the rate, by name, 1 unless given. State is `self.state`:
    "<kind>/<name>" -> [M, ...]; `self.step_count` counts from 0.
    """

    def __init__(
        self,
        recipes: Sequence[Recipe],
        parameters: Mapping[str, torch.Tensor],
        gradients: Mapping[str, torch.Tensor],
        factors: Mapping[str, float] | None = None,
    ) -> None:
        self.recipes = list(recipes)
        self.factors = factors or {}
        self.step_count = 0
        self.state = {
            f"{kind}/{name}": torch.zeros_like(tensor)
            for kind in _state_names(self.recipes[0])
            for name, tensor in parameters.items()
        }
        # An imported network that is taken as it is has none.
        self._step = next((torch.zeros((), device=tensor.device) for tensor in parameters.values()), torch.zeros(()))
        self._groups = [self._model_groups(m, parameters, gradients) for m in range(len(self.recipes))]

    def _model_groups(
        self, m: int, parameters: Mapping[str, torch.Tensor], gradients: Mapping[str, torch.Tensor]
    ) -> list[_Group]:
        recipe = self.recipes[m]
        alike: dict[tuple[float, float], list[str]] = {}
        for name, parameter in parameters.items():
            exempt = not recipe.decay_biases and parameter.ndim <= 2
            decay, factor = 0.0 if exempt else recipe.weight_decay, self.factors.get(name, 1.0)
            alike.setdefault((decay, factor), []).append(name)
        return [
            _Group(
                decay,
                factor,
                [parameters[n][m].detach() for n in names],
                [gradients[n][m] for n in names],
                {k: [self.state[f"{k}/{n}"][m] for n in names] for k in _state_names(recipe)},
            )
            for (decay, factor), names in alike.items()
        ]

    @torch.no_grad()
    def step(self, rates: Sequence[float], alive: Iterable[int]) -> None:
        """One update of every model in `alive` with its own rate (already multiplied by the schedule)."""
        self.step_count += 1
        self._step.fill_(self.step_count)
        for m in alive:
            for group in self._groups[m]:
                self._update(self.recipes[m], group, rates[m] * group.factor)

    def _update(self, recipe: Recipe, group: _Group, rate: float) -> None:
        if recipe.optimizer in ("adam", "adamw"):
            kernel = torch._fused_adam_ if recipe.optimizer == "adam" else torch._fused_adamw_
            kernel(
                group.parameters,
                group.gradients,
                group.state["exp_avg"],
                group.state["exp_avg_sq"],
                [],
                [self._step] * len(group.parameters),
                lr=rate,
                beta1=recipe.betas[0],
                beta2=recipe.betas[1],
                weight_decay=group.weight_decay,
                eps=recipe.epsilon,
                amsgrad=False,
                maximize=False,
            )
        elif recipe.optimizer == "sgd":
            torch._fused_sgd_(
                group.parameters,
                group.gradients,
                group.state.get("momentum", []),
                weight_decay=group.weight_decay,
                momentum=recipe.momentum,
                lr=rate,
                dampening=0.0,
                nesterov=recipe.nesterov,
                maximize=False,
                is_first_step=self.step_count == 1,
            )
        else:
            _rmsprop(recipe, group, rate)


def _rmsprop(recipe: Recipe, group: _Group, rate: float) -> None:
    """Tieleman & Hinton 2012, lecture 6.5, as `torch.optim.RMSprop` has it (epsilon outside the root)."""
    gradients = group.gradients
    if group.weight_decay:
        gradients = list(torch._foreach_add(gradients, group.parameters, alpha=group.weight_decay))
    square = group.state["square_avg"]
    torch._foreach_mul_(square, recipe.alpha)
    torch._foreach_addcmul_(square, gradients, gradients, value=1 - recipe.alpha)
    root = torch._foreach_sqrt(square)
    torch._foreach_add_(root, recipe.epsilon)
    if recipe.momentum:
        buffer = group.state["momentum"]
        torch._foreach_mul_(buffer, recipe.momentum)
        torch._foreach_addcdiv_(buffer, gradients, root)
        torch._foreach_add_(group.parameters, buffer, alpha=-rate)
    else:
        torch._foreach_addcdiv_(group.parameters, gradients, root, value=-rate)
