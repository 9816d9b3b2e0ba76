"""Our forward pass against `torch.nn` modules that know nothing of it: values, gradients, running statistics.

In float64, where two different activations never round to the same value and so a max has one winner.
"""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from bakeoff.models import build, compile_forward, initialise
from bakeoff.models.forward import MONOTONE, activate
from bakeoff.models.layers import Activation, Conv, Dense, Flatten, GlobalPool, Network, Pool

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
NORMS = ("none", "before", "after")
POOLS = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d, "none": None}


def activated(activation: str, norm: str, module: nn.Module) -> list[nn.Module]:
    act = ACTIVATIONS[activation]()
    return {"none": [act], "before": [module, act], "after": [act, module]}[norm]


def cnn_oracle(shape, channels, kernel, activation, norm, pool, dense, classes) -> nn.Sequential:
    c, h, w = shape
    modules: list[nn.Module] = []
    for out in channels:
        modules += [nn.Conv2d(c, out, kernel, padding="same"), *activated(activation, norm, nn.BatchNorm2d(out))]
        if POOLS[pool]:
            modules.append(POOLS[pool](2))
            h, w = h // 2, w // 2
        c = out
    modules.append(nn.Flatten())
    width = c * h * w
    for out in dense:
        modules += [nn.Linear(width, out), ACTIVATIONS[activation]()]
        width = out
    return nn.Sequential(*modules, nn.Linear(width, classes)).double()


def mlp_oracle(shape, hidden, activation, norm, classes) -> nn.Sequential:
    width = shape[0] * shape[1] * shape[2]
    modules: list[nn.Module] = [nn.Flatten()]
    for out in hidden:
        modules += [nn.Linear(width, out), *activated(activation, norm, nn.BatchNorm1d(out))]
        width = out
    return nn.Sequential(*modules, nn.Linear(width, classes)).double()


def no_dropout(_layer: int, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.float64)


def assert_same(network: Network, oracle: nn.Sequential, images: torch.Tensor) -> None:
    """Logits, loss and gradients of a training step, running statistics after it, then logits in evaluation."""
    torch.manual_seed(1)
    for module in oracle:  # batch norms that do something
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            for tensor, low in (
                (module.weight, -1),
                (module.bias, -1),
                (module.running_mean, -1),
                (module.running_var, 0.5),
            ):
                nn.init.uniform_(tensor, low, 1.5)
    state = {k: v.clone() for k, v in oracle.state_dict().items() if "num_batches" not in k}
    assert set(state) == set(initialise(network, "torch", 0))
    trainable = {k for k in state if "running" not in k}
    tensors = {k: v.requires_grad_(k in trainable) for k, v in state.items()}
    forward = compile_forward(network)
    labels = torch.arange(len(images)) % network.classes

    ours, theirs = forward(tensors, images, no_dropout), oracle.train()(images)
    torch.testing.assert_close(ours, theirs)
    loss, expected = F.cross_entropy(ours, labels), F.cross_entropy(theirs, labels)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    expected.backward()
    for name, parameter in oracle.named_parameters():
        assert parameter.grad.abs().sum() > 0
        torch.testing.assert_close(tensors[name].grad, parameter.grad, msg=lambda m, name=name: f"{name}: {m}")
    for name, buffer in oracle.named_buffers():
        if "num_batches" not in name:
            torch.testing.assert_close(tensors[name], buffer)
    torch.testing.assert_close(forward(tensors, images), oracle.eval()(images))


@pytest.mark.parametrize(("activation", "norm", "pool"), list(itertools.product(ACTIVATIONS, NORMS, POOLS)))
def test_cnn(activation, norm, pool):
    arguments = {"activation": activation, "batch_norm": norm, "pool": pool}
    torch.manual_seed(0)
    for channels_in, dense in ((1, []), (3, [5])):
        shape = (channels_in, 9, 10)
        network = build({"cnn": {"channels": [4, 6], "dense": dense, **arguments}}, input_shape=shape, classes=3)
        oracle = cnn_oracle(shape, (4, 6), 3, activation, norm, pool, dense, 3)
        assert_same(network, oracle, torch.randn(7, *shape, dtype=torch.float64))


@pytest.mark.parametrize(("activation", "norm"), list(itertools.product(ACTIVATIONS, NORMS)))
def test_mlp(activation, norm):
    shape = (2, 4, 5)
    model = {"mlp": {"hidden": [9, 7], "activation": activation, "batch_norm": norm}}
    torch.manual_seed(0)
    network = build(model, input_shape=shape, classes=4)
    assert_same(network, mlp_oracle(shape, (9, 7), activation, norm, 4), torch.randn(8, *shape, dtype=torch.float64))


def test_linear():
    torch.manual_seed(0)
    network = build({"linear": None}, input_shape=(3, 5, 4), classes=6)
    oracle = nn.Sequential(nn.Flatten(), nn.Linear(60, 6)).double()
    assert_same(network, oracle, torch.randn(7, 3, 5, 4, dtype=torch.float64))


@pytest.mark.parametrize(("padding", "kernel", "pad"), [("valid", 4, 0), (2, 4, 2), (0, 3, 0), ("same", 7, 3)])
def test_padding(padding, kernel, pad):
    torch.manual_seed(0)
    network = build(
        {"cnn": {"channels": [5], "kernel": kernel, "padding": padding, "pool_size": 3}},
        input_shape=(1, 12, 11),
        classes=3,
    )
    h, w = ((side + 2 * pad - kernel + 1) // 3 for side in (12, 11))
    oracle = nn.Sequential(
        nn.Conv2d(1, 5, kernel, padding=pad), nn.ReLU(), nn.MaxPool2d(3), nn.Flatten(), nn.Linear(5 * h * w, 3)
    ).double()
    assert_same(network, oracle, torch.randn(4, 1, 12, 11, dtype=torch.float64))


def test_grouped_strided_convolution_without_bias_and_global_pooling():
    """Layers that the description knows and no architecture of the zoo uses yet."""
    layers = (
        Conv(4, 6, 3, stride=2, padding=1, groups=2, bias=False),
        Activation("relu"),
        Pool("max", 3, 2, padding=1),
        GlobalPool(),
        Dense(6, 3, bias=False),
    )
    torch.manual_seed(0)
    mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    oracle = nn.Sequential(
        nn.Conv2d(4, 6, 3, 2, 1, groups=2, bias=False),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        mean,
        nn.Linear(6, 3, bias=False),
    ).double()
    assert_same(Network((4, 11, 10), 3, layers), oracle, torch.randn(5, 4, 11, 10, dtype=torch.float64))


@pytest.mark.parametrize("kind", sorted(MONOTONE))
def test_what_is_called_monotone_is(kind):
    """A max pool may move before these, and before no others."""
    x = torch.linspace(-30, 30, 20_001, dtype=torch.float64)
    assert (activate(kind, x).diff() >= 0).all()


@pytest.mark.parametrize("kind", sorted(set(ACTIVATIONS) - MONOTONE))
def test_what_is_not_called_monotone_is_not(kind):
    x = torch.linspace(-30, 30, 20_001, dtype=torch.float64)
    assert (activate(kind, x).diff() < 0).any()


@pytest.mark.parametrize("kind", sorted(ACTIVATIONS))
def test_pooling_first_changes_nothing(kind):
    """Values and the gradient of the picture, against activation and then pooling, on the float32 of training."""
    layers = (Conv(1, 3, 3, padding=1), Activation(kind), Pool("max", 2, 2), Flatten(), Dense(48, 2))
    network = Network((1, 8, 8), 2, layers)
    tensors = initialise(network, "kaiming_normal", 0)
    images = torch.randn(6, 1, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    again = images.detach().clone().requires_grad_()
    ours = compile_forward(network)(tensors, images)
    hidden = F.conv2d(again, tensors["0.weight"], tensors["0.bias"], padding=1)
    plain = F.linear(F.max_pool2d(activate(kind, hidden), 2).flatten(1), tensors["4.weight"], tensors["4.bias"])
    torch.testing.assert_close(ours, plain)
    ours.square().sum().backward()
    plain.square().sum().backward()
    torch.testing.assert_close(images.grad, again.grad)


def test_unknown_activation():
    with pytest.raises(ValueError, match="softmax"):
        activate("softmax", torch.zeros(1))


def test_one_channel_pictures_from_a_strided_view():
    """Batches may be slices of a bigger tensor; the layout trick for one channel must read the right pixels."""
    network = build({"cnn": {"channels": [3]}}, input_shape=(1, 8, 6), classes=2)
    tensors = initialise(network, "torch", 0)
    forward = compile_forward(network)
    big = torch.rand(9, 2, 8, 6)
    for view in (
        big[1::2, 1:],
        big[3:5, :1],
        big[:, :1].flip(-1),
        big.transpose(2, 3).contiguous().transpose(2, 3)[:, :1],
    ):
        torch.testing.assert_close(
            forward(tensors, view), forward(tensors, view.clone(memory_format=torch.contiguous_format))
        )
        h = F.max_pool2d(F.relu(F.conv2d(view, tensors["0.weight"], tensors["0.bias"], padding=1)), 2).flatten(1)
        torch.testing.assert_close(forward(tensors, view), F.linear(h, tensors["4.weight"], tensors["4.bias"]))


def test_dropout_uses_the_masks_and_only_in_training():
    """Masks are asked for by layer number and shape, and multiply; in evaluation nothing is dropped."""
    network = build({"mlp": {"hidden": [6, 5]}}, input_shape=(1, 2, 3), classes=2, dropout=0.5)
    tensors = initialise(network, "torch", 0)
    forward = compile_forward(network)
    images = torch.rand(4, 1, 2, 3)
    asked = {}

    def masks(layer: int, shape: tuple[int, ...]) -> torch.Tensor:
        asked[layer] = torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(layer)) * 2.0
        return asked[layer]

    ours = forward(tensors, images, masks)
    assert {layer: tuple(mask.shape) for layer, mask in asked.items()} == {3: (1, 4, 6), 6: (1, 4, 5)}
    h = F.relu(F.linear(images.flatten(1), tensors["1.weight"], tensors["1.bias"])) * asked[3][0]
    h = F.relu(F.linear(h, tensors["4.weight"], tensors["4.bias"])) * asked[6][0]
    torch.testing.assert_close(ours, F.linear(h, tensors["7.weight"], tensors["7.bias"]))
    plain = build({"mlp": {"hidden": [6, 5]}}, input_shape=(1, 2, 3), classes=2)
    renamed = {f"{new}.{k}": tensors[f"{old}.{k}"] for old, new in ((1, 1), (4, 3), (7, 5)) for k in ("weight", "bias")}
    torch.testing.assert_close(forward(tensors, images), compile_forward(plain)(renamed, images))


def test_nothing_is_kept_between_calls():
    """A closure holds layers, not tensors: other tensors through the same forward give what they alone would."""
    network = build({"cnn": {"channels": [3], "batch_norm": "before"}}, input_shape=(1, 6, 6), classes=2)
    first, second = (initialise(network, "torch", seed) for seed in (0, 1))
    forward = compile_forward(network)
    images = torch.rand(3, 1, 6, 6)
    before = forward(first, images)
    forward(second, images, no_dropout)
    assert torch.equal(forward(first, images), before)
    assert not torch.equal(forward(second, images), before)
