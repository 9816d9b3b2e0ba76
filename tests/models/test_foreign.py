"""Foreign ONNX files as layers: what they answer, weigh and learn is what their makers' libraries say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from foreign import as_tensorflow, by_hand, exported, net
from onnx import TensorProto, helper

from bakeoff.data.kept import keep
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward, initialise, resolve


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAKEOFF_DATA", str(tmp_path_factory.mktemp("home")))
        yield


def network(file: Path, shape=(3, 32, 32), classes=5, **told):
    return build({"onnx": {"file": str(file), **told}}, input_shape=shape, classes=classes)


def logits(net, x: torch.Tensor) -> torch.Tensor:
    return compile_forward(net)(initialise(net, "torch", 0), x)


PICTURES = torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_a_fixed_batch_takes_any_number_of_pictures(tmp_path):
    module = net(3, 32, 5).eval()
    file = exported(module, tmp_path / "one.onnx", (3, 32, 32), batch=1)
    with torch.no_grad():
        theirs = module(PICTURES)
    for train in ("none", "all"):
        np.testing.assert_allclose(logits(network(file, train=train), PICTURES), theirs, rtol=1e-4, atol=1e-5)


def test_tensorflows_layout_bytes_and_probabilities(tmp_path):
    module = net(3, 8, 3).eval()
    file = as_tensorflow(module, tmp_path / "tf.onnx", channels=3, kind=TensorProto.UINT8, scale=255.0)
    pixels = torch.randint(0, 256, (4, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        theirs = module(pixels / 255).log_softmax(1)
    told = {"layout": "nhwc", "pixels": "byte", "gives": "probabilities"}
    for train in ("none", "all"):
        ours = logits(network(file, (3, 8, 8), 3, train=train, **told), pixels / 255)
        np.testing.assert_allclose(ours.log_softmax(1), theirs, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Five values for pictures of 3 x 32 x 32."""
    return exported(net(3, 32, 5), tmp_path_factory.mktemp("net") / "net.onnx", (3, 32, 32))


def test_columns_stand_for_classes_in_our_order(file):
    plain = logits(network(file), PICTURES)
    chosen = logits(network(file, classes=3, columns=[4, 0, 2]), PICTURES)
    np.testing.assert_array_equal(chosen, plain[:, [4, 0, 2]])


def test_sizes_and_channels_are_brought_to_what_the_file_says(tmp_path):
    """Grey pictures of another size: repeated, and resized as a pretrained backbone has it."""
    module = net(3, 8, 3).eval()
    file = exported(module, tmp_path / "colour.onnx", (3, 8, 8))
    grey = torch.rand(2, 1, 16, 16)
    shrunk = torch.nn.functional.interpolate(grey, (8, 8), mode="bilinear", antialias=True)
    with torch.no_grad():
        theirs = module(shrunk.expand(-1, 3, -1, -1))
    np.testing.assert_allclose(logits(network(file, (1, 16, 16), 3), grey), theirs, rtol=1e-4, atol=1e-5)
    grey_net = net(1, 8, 3).eval()
    file = exported(grey_net, tmp_path / "grey.onnx", (1, 8, 8))
    colour = torch.rand(2, 3, 8, 8)
    with torch.no_grad():
        theirs = grey_net((colour * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True))
    np.testing.assert_allclose(logits(network(file, (3, 8, 8), 3), colour), theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [["b", 64], ["b", 8, 8]], ids=str)
def test_flat_pictures_and_pictures_without_a_channel(tmp_path, shape):
    weight = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    nodes = [helper.make_node("Flatten", ["pictures"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["scores"])]
    file = by_hand(tmp_path / "flat.onnx", nodes, shape, {"w": weight}, ["b", 3])
    x = torch.rand(2, 1, 8, 8)
    np.testing.assert_allclose(logits(network(file, (1, 8, 8), 3), x), x.flatten(1).numpy() @ weight, rtol=1e-4)


def test_one_content_is_one_model_however_it_is_written(file, tmp_path):
    (tmp_path / "b.onnx").write_bytes(file.read_bytes())
    models = [resolve({"onnx": told}, (3, 32, 32), 5).model for told in (
        {"file": str(file)}, {"file": str(tmp_path / "b.onnx"), "layout": "nchw", "train": "none"},
        {"file": keep(file).reference, "pixels": "unit"},
    )]  # fmt: skip
    assert models[0] == models[1] == models[2] == {"onnx": {"file": keep(file).reference}}


MISTAKES = {
    "columns": ({"columns": [0, 0, 1]}, "3 different numbers from 0 to 4"),
    "too few columns": ({"columns": [0, 1]}, "3 different numbers"),
    "another count": ({}, "gives 5 values a picture, the data has 3 classes.*columns.*train: head"),
    "layout": ({"layout": "nhwc", "columns": [0, 1, 2]}, "pictures of 32 channels"),
    "pixels": ({"pixels": "bytes"}, "did you mean 'byte'"),
    "statistics": ({"pixels": {"mean": [1, 2]}}, "mean, std: expected one value, or one a channel"),
    "output": ({"output": "logit"}, "no output 'logit'"),
    "a file": ({"file": "nothing.onnx"}, "nothing.onnx: no such file"),
    "a head's columns": ({"columns": [0, 1, 2], "train": "head"}, "a new last layer has none"),
    "a key": ({"fille": 1}, "unknown key 'fille'; did you mean 'file'"),
}


@pytest.mark.parametrize("told", MISTAKES)
def test_mistakes_are_named(file, told):
    arguments, expected = MISTAKES[told]
    with pytest.raises(UsageError, match=expected):
        build({"onnx": {"file": str(file), **arguments}}, input_shape=(3, 32, 32), classes=3)


def test_what_pytorch_does_not_know_runs_as_it_is_and_names_itself(tmp_path):
    """An operator of onnxruntime that is not among ours."""
    weight = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    make = helper.make_node
    nodes = [make("Flatten", ["pictures"], ["f"]), make("Mish", ["f"], ["m"]), make("MatMul", ["m", "w"], ["scores"])]
    file = by_hand(tmp_path / "mish.onnx", nodes, ["b", 1, 8, 8], {"w": weight}, ["b", 3])
    x = torch.rand(2, 1, 8, 8)
    expected = torch.nn.functional.mish(x.flatten(1)).numpy() @ weight
    np.testing.assert_allclose(logits(network(file, (1, 8, 8), 3), x), expected, rtol=1e-4)
    with pytest.raises(UsageError, match=r"mish.onnx: the operator Mish cannot be trained here.*train: none"):
        logits(network(file, (1, 8, 8), 3, train="all"), x)
    assert logits(network(file, (1, 8, 8), 4, train="head"), x).shape == (2, 4)
