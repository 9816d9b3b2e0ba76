"""Networks of torchvision and timm as ONNX files: they answer, weigh and learn as in their own libraries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from foreign import exported

from bakeoff.models import build, compile_forward, initialise, totals
from bakeoff.models.frozen import trainable
from bakeoff.models.vision import import_torchvision


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAKEOFF_DATA", str(tmp_path_factory.mktemp("home")))
        yield


def vision(name: str) -> torch.nn.Module:
    import_torchvision()
    from torchvision import models

    torch.manual_seed(0)
    return models.get_model(name, weights=None, num_classes=5)


def of_timm(name: str, **told: object) -> torch.nn.Module:
    import_torchvision()
    import timm

    torch.manual_seed(0)
    return timm.create_model(name, num_classes=5, **told)


MAKERS = {
    "squeezenet": lambda: vision("squeezenet1_1"),
    "mobilenet": lambda: vision("mobilenet_v3_small"),
    "resnet": lambda: vision("resnet18"),
    "transformer": lambda: of_timm("test_vit", img_size=32),
}


@pytest.fixture(scope="module", params=MAKERS)
def made(request, tmp_path_factory) -> tuple[torch.nn.Module, Path]:
    module = MAKERS[request.param]().eval()
    return module, exported(module, tmp_path_factory.mktemp("made") / f"{request.param}.onnx", (3, 32, 32))


def network(file: Path, shape=(3, 32, 32), classes=5, **told):
    return build({"onnx": {"file": str(file), **told}}, input_shape=shape, classes=classes)


def logits(net, x: torch.Tensor) -> torch.Tensor:
    return compile_forward(net)(initialise(net, "torch", 0), x)


PICTURES = torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("train", ["none", "all"])
def test_it_answers_as_the_library_does(made, train):
    module, file = made
    with torch.no_grad():
        theirs = module(PICTURES)
    np.testing.assert_allclose(logits(network(file, train=train), PICTURES), theirs, rtol=1e-4, atol=1e-4)


def test_its_weights_are_those_of_the_file_and_all_of_them_learn(made):
    module, file = made
    counts = totals(network(file, train="all"))
    # What the exporter folds away are batch norms and the like; nothing is added, and nothing is counted twice.
    theirs = sum(parameter.numel() for parameter in module.parameters())
    assert 0.95 * theirs < counts.parameters <= theirs
    assert (counts.trainable, totals(network(file)).trainable) == (counts.parameters, 0)


def test_gradients_are_the_librarys(made):
    """The gradient with respect to the pictures, and to the weights of the last layer."""
    module, file = made
    net = network(file, train="all")
    ours = PICTURES.clone().requires_grad_()
    weights = {name: tensor.requires_grad_() for name, tensor in initialise(net, "torch", 0).items()}
    labels = torch.tensor([0, 1, 2, 3, 4])
    torch.nn.functional.cross_entropy(compile_forward(net)(weights, ours), labels).backward()
    theirs = PICTURES.clone().requires_grad_()
    torch.nn.functional.cross_entropy(module(theirs), labels).backward()
    np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-3, atol=1e-6)
    assert all(weights[name].grad is not None for name in trainable(net, weights))
    last = [parameter for parameter in module.parameters() if parameter.ndim > 1][-1]
    found = [w for w in weights.values() if w.shape == last.shape and torch.equal(w.detach(), last.detach())]
    np.testing.assert_allclose(found[-1].grad, last.grad, rtol=1e-3, atol=1e-6)


def test_multiply_adds_are_those_of_its_layers(made):
    module, file = made
    counted = [0]

    def count(part, _inputs, output):
        counted[0] += part.weight[0].numel() * output[0].numel()

    for part in module.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            part.register_forward_hook(count)
    with torch.no_grad():
        module(PICTURES)
    assert totals(network(file)).macs == counted[0]


def test_a_new_last_layer_takes_what_the_old_one_took(made):
    module, file = made
    net = network(file, classes=7, train="head")
    head = net.layers[-1]
    last = [part for part in module.modules() if isinstance(part, torch.nn.Linear | torch.nn.Conv2d)][-1]
    assert head.inputs == (last.in_features if isinstance(last, torch.nn.Linear) else last.in_channels)
    assert logits(net, PICTURES).shape == (5, 7)
    names = trainable(net, initialise(net, "torch", 0))
    assert len(names) == 2
    assert all(name.startswith("1.") for name in names)
