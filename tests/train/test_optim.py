"""Our optimisers against torch.optim, model by model, each model with its own settings."""

import pytest
import torch

from bakeoff.recipe import Recipe
from bakeoff.train.optim import Optimizer

SETTINGS = [
    {"optimizer": "adam"},
    {"optimizer": "adam", "weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 0.1, "betas": (0.8, 0.95)},
    {"optimizer": "sgd"},
    {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.01},
    {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    {"optimizer": "rmsprop", "alpha": 0.9, "weight_decay": 0.01},
    {"optimizer": "rmsprop", "momentum": 0.5},
]


def theirs(recipe: Recipe, parameters: list[torch.Tensor]) -> torch.optim.Optimizer:
    common = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    match recipe.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, betas=recipe.betas, eps=recipe.epsilon, **common)
        case "adamw":
            return torch.optim.AdamW(parameters, betas=recipe.betas, eps=recipe.epsilon, **common)
        case "sgd":
            return torch.optim.SGD(parameters, momentum=recipe.momentum, nesterov=recipe.nesterov, **common)
        case "rmsprop":
            return torch.optim.RMSprop(
                parameters, alpha=recipe.alpha, eps=recipe.epsilon, momentum=recipe.momentum, **common
            )
    raise AssertionError


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_matches_torch_optim_with_a_rate_a_model(settings: dict) -> None:
    generator = torch.Generator().manual_seed(0)
    rates = [0.1, 0.01, 0.001]
    recipes = [Recipe(lr=rate, **settings) for rate in rates]
    start = {"0.weight": torch.randn(3, 5, 4, generator=generator), "0.bias": torch.randn(3, 4, generator=generator)}
    ours = {name: tensor.clone() for name, tensor in start.items()}
    gradients = {name: torch.zeros_like(tensor) for name, tensor in start.items()}
    optimizer = Optimizer(recipes, ours, gradients)
    peers = []
    for m, recipe in enumerate(recipes):
        parameters = [tensor[m].clone().requires_grad_() for tensor in start.values()]
        peers.append((parameters, theirs(recipe, parameters)))
    for _ in range(6):
        for name in gradients:
            gradients[name].copy_(torch.randn(gradients[name].shape, generator=generator))
        optimizer.step(rates, range(3))
        for m, (parameters, peer) in enumerate(peers):
            for parameter, gradient in zip(parameters, gradients.values(), strict=True):
                parameter.grad = gradient[m].clone()
            peer.step()
    for m, (parameters, _) in enumerate(peers):
        for parameter, tensor in zip(parameters, ours.values(), strict=True):
            torch.testing.assert_close(tensor[m], parameter.detach(), rtol=1e-5, atol=1e-6)


def test_biases_can_be_left_out_of_the_decay() -> None:
    recipe = Recipe(optimizer="sgd", lr=0.1, weight_decay=0.5, decay_biases=False)
    tensors = {"0.weight": torch.ones(1, 2, 2), "0.bias": torch.ones(1, 2)}
    optimizer = Optimizer([recipe], tensors, {name: torch.zeros_like(t) for name, t in tensors.items()})
    optimizer.step([0.1], [0])
    assert torch.equal(tensors["0.bias"], torch.ones(1, 2))
    torch.testing.assert_close(tensors["0.weight"], torch.full((1, 2, 2), 0.95))


def test_models_that_are_not_alive_stay_as_they_are() -> None:
    tensors = {"0.weight": torch.ones(2, 3, 3)}
    optimizer = Optimizer([Recipe(), Recipe()], tensors, {"0.weight": torch.ones(2, 3, 3)})
    optimizer.step([0.1, 0.1], [1])
    assert torch.equal(tensors["0.weight"][0], torch.ones(3, 3))
    assert not torch.equal(tensors["0.weight"][1], torch.ones(3, 3))
