"""Starting weights: the statistics that the papers ask for, and independence of everything but (seed, layer)."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from bakeoff.models import build, initialise
from bakeoff.models.layers import BatchNorm, Conv, Dense, Flatten, Network
from bakeoff.recipe import INITS

DENSE = Network((1, 20, 25), 400, (Flatten(), Dense(500, 400)))
CONV = Network((32, 8, 8), 10, (Conv(32, 128, 5),))
FANS = [(DENSE, "1", 500, 400), (CONV, "0", 32 * 25, 128 * 25)]
GOLDEN = [-0.41756535, 0.53770626, -0.45794970, 0.70081407]
VARIANCE = {
    "kaiming": lambda fan_in, _: 2 / fan_in,
    "lecun": lambda fan_in, _: 1 / fan_in,
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "torch": lambda fan_in, _: 1 / (3 * fan_in),
}


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize(("network", "name", "fan_in", "fan_out"), FANS, ids=["dense", "conv"])
def test_mean_and_variance(init, network, name, fan_in, fan_out):
    """Over n draws the mean is within 5 standard errors of 0 and the variance within 5 of what is asked for."""
    weight = initialise(network, init, 0)[f"{name}.weight"].double()
    n, variance = weight.numel(), VARIANCE[init.split("_")[0]](fan_in, fan_out)
    kurtosis = 3.0 if init.endswith("normal") else 1.8
    assert abs(weight.mean()) < 5 * math.sqrt(variance / n)
    assert abs(weight.var() / variance - 1) < 5 * math.sqrt((kurtosis - 1) / n)


@pytest.mark.parametrize("init", [name for name in INITS if not name.endswith("normal")])
@pytest.mark.parametrize(("network", "name", "fan_in", "fan_out"), FANS, ids=["dense", "conv"])
def test_uniform_draws_fill_their_bounds(init, network, name, fan_in, fan_out):
    """A uniform law of variance v ends at sqrt(3 v)."""
    weight = initialise(network, init, 0)[f"{name}.weight"]
    bound = math.sqrt(3 * VARIANCE[init.split("_")[0]](fan_in, fan_out))
    assert 0.999 * bound < weight.max() <= bound
    assert -bound <= weight.min() < -0.999 * bound


@pytest.mark.parametrize("init", [name for name in INITS if name.endswith("normal")])
def test_normal_draws_are_not_truncated(init):
    weight = initialise(DENSE, init, 0)["1.weight"]
    assert weight.abs().max() > 4 * weight.std()


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize(("network", "name"), [row[:2] for row in FANS], ids=["dense", "conv"])
def test_biases(init, network, name):
    bias = initialise(network, init, 0)[f"{name}.bias"]
    assert (bias == 0).all() == (init != "torch")


@pytest.mark.parametrize(
    ("network", "name", "module"),
    [(DENSE, "1", nn.Linear(500, 400)), (CONV, "0", nn.Conv2d(32, 128, 5))],
    ids=["dense", "conv"],
)
def test_torch_init_has_the_bounds_of_torch(network, name, module):
    ours = initialise(network, "torch", 0)
    for kind, theirs in module.named_parameters():
        mine = ours[f"{name}.{kind}"]
        assert mine.shape == theirs.shape
        # Both fill +-bound; the largest of n uniform draws stays within 10 / n of it with odds of 1 in 20,000.
        slack = 10 / theirs.numel()
        assert mine.abs().max().item() == pytest.approx(theirs.abs().max().item(), rel=slack)


def test_batch_norms_start_neutral():
    tensors = initialise(Network((4, 2, 2), 4, (BatchNorm(4),)), "kaiming_normal", 0)
    expected = {"0.weight": 1.0, "0.bias": 0.0, "0.running_mean": 0.0, "0.running_var": 1.0}
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == {k: [v] * 4 for k, v in expected.items()}


def test_all_tensors_are_float32_and_there():
    network = build(
        {"cnn": {"channels": [3, 4], "batch_norm": "after", "dense": [5]}}, input_shape=(1, 8, 8), classes=2
    )
    tensors = initialise(network, "torch", 0)
    assert {t.dtype for t in tensors.values()} == {torch.float32}
    assert sorted({int(name.split(".")[0]) for name in tensors}) == [0, 2, 4, 6, 9, 11]


@pytest.mark.parametrize("init", INITS)
def test_a_layer_does_not_depend_on_the_others(init):
    """Same seed, same place, same shape: same weights, whatever stands before, behind and beside."""
    narrow = initialise(build({"mlp": {"hidden": [30, 20, 10]}}, input_shape=(1, 4, 4), classes=3), init, 7)
    wide = initialise(build({"mlp": {"hidden": [60, 20, 10]}}, input_shape=(1, 9, 4), classes=5), init, 7)
    assert torch.equal(narrow["5.weight"], wide["5.weight"])
    assert torch.equal(narrow["5.bias"], wide["5.bias"])
    assert narrow["3.weight"].shape != wide["3.weight"].shape


@pytest.mark.parametrize("init", INITS)
def test_seeds_and_layers_draw_apart(init):
    network = build({"mlp": {"hidden": [16, 16]}}, input_shape=(1, 4, 4), classes=3)
    first, again, other = (initialise(network, init, seed) for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["1.weight"], other["1.weight"])
    assert not torch.equal(first["1.weight"], first["3.weight"])


def test_the_global_generator_is_left_alone():
    torch.manual_seed(0)
    initialise(DENSE, "kaiming_normal", 0)
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))
    torch.manual_seed(99)
    assert torch.equal(initialise(CONV, "torch", 3)["0.weight"], initialise(CONV, "torch", 3)["0.weight"])


def test_golden_draws():
    """Changing these changes every run: raise `recipe.NUMERICS` with them."""
    tensors = initialise(build({"mlp": {"hidden": [2]}}, input_shape=(1, 1, 2), classes=2), "torch", 0)
    assert tensors["1.weight"].flatten().tolist() == pytest.approx(GOLDEN, abs=1e-7)
    assert tensors["1.weight"].shape == (2, 2)
