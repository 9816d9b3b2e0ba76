"""Report E derives its gradients by hand. Its formulas, as printed in its text, against autograd and against ours.

Its x' (y_pred - y) is written for samples in rows; delta in its formula for the first layer is
(y_pred - y) W_2' * a_1 (1 - a_1). Shapes: N samples, D pixels, H sigmoid units, K classes.
"""

from __future__ import annotations

import pytest
import torch

from bakeoff.models import build, compile_forward, initialise
from bakeoff.train.forms import make_form, stack_rows
from bakeoff.train.losses import squared_error
from bakeoff.train.masks import DropoutMasks

N, H, K = 7, 5, 4
X = torch.rand(N, 1, 3, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(N) % K
TARGET = torch.nn.functional.one_hot(LABELS, K).float()


def linear(t: dict[str, torch.Tensor], x: torch.Tensor) -> dict[str, torch.Tensor]:
    """dJ/dW = 2/m x' (y_pred - y), dJ/db = 2/m sum (y_pred - y)"""
    error = x @ t["1.weight"].T + t["1.bias"] - TARGET
    return {"1.weight": 2 / N * error.T @ x, "1.bias": 2 / N * error.sum(0)}


def two_layers(t: dict[str, torch.Tensor], x: torch.Tensor) -> dict[str, torch.Tensor]:
    """As `linear` on the hidden layer a; below it x' a (1 - a) (y_pred - y) W"""
    a = torch.sigmoid(x @ t["1.weight"].T + t["1.bias"])
    error = a @ t["3.weight"].T + t["3.bias"] - TARGET
    delta = a * (1 - a) * (error @ t["3.weight"])
    return {
        "1.weight": 2 / N * delta.T @ x,
        "1.bias": 2 / N * delta.sum(0),
        "3.weight": 2 / N * error.T @ a,
        "3.bias": 2 / N * error.sum(0),
    }


@pytest.mark.parametrize(
    ("model", "formulas"),
    [({"linear": {}}, linear), ({"mlp": {"hidden": [H], "activation": "sigmoid"}}, two_layers)],
)
def test_gradients_by_hand(model, formulas):
    network = build(model, input_shape=(1, 3, 4), classes=K)
    tensors = initialise(network, "glorot_normal", 1)
    by_hand = formulas(tensors, X.flatten(1))

    leaves = {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}
    (compile_forward(network)(leaves, X) - TARGET).square().sum(1).mean().backward()

    form = make_form(network, stack_rows(network, [tensors]))
    logits = form.forward(X.unsqueeze(0), [DropoutMasks({}, [0], 1, torch.device("cpu"))])
    form.backward(squared_error(logits, LABELS.unsqueeze(0), None)[1])

    assert set(by_hand) == set(form.gradients)
    for name, expected in by_hand.items():
        torch.testing.assert_close(leaves[name].grad, expected)
        ours = form.gradients[name][0]
        torch.testing.assert_close(ours.T if ours.ndim == 2 else ours, expected)
