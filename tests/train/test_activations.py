"""Derivatives by hand are autograd's, to the last bit."""

import pytest
import torch

from bakeoff.models.forward import activate
from bakeoff.train.activations import Relu, Smooth, forgets_its_output

KINDS = ["leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"]


def no_masks(*_: object) -> torch.Tensor:
    raise AssertionError


@pytest.mark.parametrize("kind", ["relu", *KINDS])
def test_bits_are_those_of_autograd(kind: str) -> None:
    layer = Relu() if kind == "relu" else Smooth(kind)
    generator = torch.Generator().manual_seed(0)
    for batch in (6, 6, 5):  # the last batch of an epoch is smaller
        x = 3 * torch.randn(2, batch, 37, generator=generator)
        x[0, 0, :4] = torch.tensor([0.0, -0.0, 40.0, -200.0])
        dy = torch.randn(x.shape, generator=generator)
        leaf = x.clone().requires_grad_()
        expected = activate(kind, leaf)
        expected.backward(dy)
        y = layer.forward(x.clone(), no_masks)
        assert torch.equal(y, expected)
        if forgets_its_output(kind):  # a dropout may clear values: their gradient is 0 behind a relu
            y.mul_(torch.rand(y.shape, generator=generator).round())
            dy = dy * (y != 0) if kind == "relu" else dy
            leaf.grad = leaf.grad * (y != 0) if kind == "relu" else leaf.grad
        assert torch.equal(layer.backward(dy.clone()), leaf.grad)
        assert torch.equal(layer.evaluate(x.clone()), expected)
