"""The input that weights were trained with is found on training pictures; where it cannot be told, that is said."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bakeoff.api.input_trial import chosen, customs, try_inputs
from bakeoff.data import Dataset, Examples, Split, normaliser
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward, initialise
from bakeoff.recipe import Input


def examples(n: int, seed: int) -> Examples:
    """Noise with a faint bar whose place is the class, in colours of unlike brightness: nobody can be right always."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 150, (n, 3, 8, 8)) + np.array([0, 30, 80])[:, None, None]
    for i, label in enumerate(labels):
        images[i, :, 1:7, 2 * label + 1 : 2 * label + 3] += 15
    return Examples(torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels))


DATASET = Dataset("noise", ("left", "middle", "right"), examples(2000, 0), examples(90, 1))
SPLIT = Split(np.arange(1800), np.arange(1800, 2000))
MODELS = {"tanh": {"mlp": {"hidden": [6], "activation": "tanh"}}, "relu": {"cnn": {"channels": [3]}}}


def network(model: str):
    return build(MODELS[model], input_shape=(3, 8, 8), classes=3)


def trained(how: Input, model: str = "tanh") -> dict[str, torch.Tensor]:
    """By plain PyTorch, on the pictures as `how` prepares them."""
    net = network(model)
    tensors = {name: t.requires_grad_() for name, t in initialise(net, "torch", 0).items()}
    x, run = normaliser(DATASET.train.images, how)(DATASET.train.images), compile_forward(net)
    optimizer = torch.optim.Adam(tensors.values(), 0.01)
    for step in range(150):
        rows = slice(100 * step % 2000, 100 * step % 2000 + 100)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(run(tensors, x[rows]), DATASET.train.labels[rows]).backward()
        optimizer.step()
    return {name: t.detach() for name, t in tensors.items()}


def tried(tensors, inputs, model="tanh", dataset=DATASET):
    return try_inputs(network(model), tensors, dataset, SPLIT, inputs)


@pytest.mark.parametrize(("model", "name"), [("tanh", "unit"), ("tanh", "standard"), ("relu", "unit")])
def test_what_it_was_trained_with_is_found(name, model):
    known = customs(3)
    best = chosen(tried(trained(known[name], model), known, model))
    assert (best.pixels, best.pictures) == (name, 2000)
    assert best.accuracy < 0.99


def test_near_twins_are_refused_with_their_figures():
    cifar10 = Input(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))
    known = {**customs(3), "cifar10": cifar10}
    with pytest.raises(UsageError, match=r"signed and cifar10 are about as good and do not .*: signed 8\d\.\d% \(loss"):
        chosen(tried(trained(known["signed"], "relu"), known, "relu"))


def test_the_test_set_is_not_looked_at():
    class Sealed:
        def __getattr__(self, name):
            raise AssertionError("the test set was looked at")

    dataset = Dataset("noise", DATASET.classes, DATASET.train, DATASET.test)
    object.__setattr__(dataset, "test", Sealed())
    known = customs(3)
    assert chosen(tried(trained(known["unit"]), known, dataset=dataset)).pixels == "unit"


def test_weights_that_only_guess_are_refused_with_the_figures():
    tensors = initialise(network("tanh"), "torch", 5)
    with pytest.raises(
        UsageError, match=r"better than always naming the commonest class .* standard: \d+\.\d+%.*: --input$"
    ):
        chosen(tried(tensors, customs(3)))


def test_two_that_are_as_good_and_do_not_answer_alike_are_refused():
    """Each knows one half of the pictures, by their own light."""
    one, two = tried(trained(Input()), {"one": Input(), "two": Input()})
    half = np.arange(2000) % 2 == 0
    for of, blind in ((one, half), (two, ~half)):
        object.__setattr__(of, "answers", np.where(blind, (of.labels + 1) % 3, of.labels))
    with pytest.raises(UsageError, match=r"one and two are about as good and do not answer alike: .* --input"):
        chosen([one, two])


def test_two_that_come_to_the_same_are_no_question():
    same = {"unit": Input(center="none", standardize=False), "again": Input(mean=(0,), std=(1,))}
    assert chosen(tried(trained(same["unit"]), same)).accuracy > 0.4


def test_of_those_that_answer_alike_the_one_whose_probabilities_fit_is_taken():
    """A linear model without biases answers alike at every scale."""
    net = build({"linear": {}}, input_shape=(3, 8, 8), classes=3)
    x = DATASET.train.images.flatten(1).double() / 255 - 0.5
    fit = torch.linalg.lstsq(x, torch.nn.functional.one_hot(DATASET.train.labels, 3).double() * 6 - 2).solution
    tensors = {"1.weight": fit.T.float().contiguous(), "1.bias": torch.zeros(3)}
    known = {f"times {scale}": Input(scale=scale, mean=(scale / 2,), std=(1,)) for scale in (0.05, 1, 30)}
    assert chosen(try_inputs(net, tensors, DATASET, SPLIT, known)).pixels == "times 1"


def test_customs_fit_the_channels_and_the_file_s_own_rescaling_goes_first():
    assert set(customs(1)) == {"standard", "unit", "byte", "signed", "mnist"}
    assert set(customs(3)) == {"standard", "unit", "byte", "signed", "imagenet"}
    images = DATASET.train.images[:5]
    own = customs(3, (1 / 127.5, -1.0))
    of_bytes = normaliser(images, own["own-of-bytes"])(images)
    torch.testing.assert_close(of_bytes, images / 127.5 - 1)
