"""Weights that go on: between networks whose backbones train more or less, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from learnable import job

from bakeoff.data import Dataset, Examples, Split
from bakeoff.errors import UsageError
from bakeoff.models import backbones, build, compile_forward, revision
from bakeoff.models.backbones import facts
from bakeoff.models.foreign.pixels import Pixels
from bakeoff.models.frozen import completed, fixed
from bakeoff.models.layers import Dense, Imported, Network
from bakeoff.models.starts import started
from bakeoff.recipe import Recipe
from bakeoff.train import carried, check_carries, train
from bakeoff.train.pack import network_of

SMALL = "timm/test_resnet"
SHAPE = (3, 8, 8)
SPLIT = Split(train=np.arange(48), validation=np.arange(48, 60))


def model(train, **arguments):
    return {"pretrained": {"backbone": SMALL, "size": 32, "train": train, **arguments}}


def network(described):
    return build(described, input_shape=SHAPE, classes=3)


@pytest.fixture(autouse=True)
def _imagenet(monkeypatch, tmp_path):
    drawn = backbones.starting_weights(backbones.Backbone(SMALL, 32, facts(SMALL).features, "none", "head"), 5)
    monkeypatch.setattr(backbones, "_imagenet", lambda _name: drawn)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "data"))


@pytest.fixture
def dataset():
    pictures = torch.randint(0, 256, (80, *SHAPE), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    labels = torch.arange(80) % 3
    return Dataset("noise", ("a", "b", "c"), Examples(pictures[:60], labels[:60]), Examples(pictures[60:], labels[60:]))


@pytest.mark.parametrize("further", ["all", "layer4", "head"])
def test_a_tuned_backbone_goes_on_however_much_of_it_trains(dataset, further):
    (tuned,) = train([job(model("layer3"), epochs=1, lr=0.01)], dataset, SPLIT)
    described = started(model(further), tuned.job.model, SHAPE, 3)
    own = carried(network(described), network(tuned.job.model), tuned.weights)
    assert "0.layer3.0.conv1.weight" in own
    assert "1.weight" not in own
    next_job = job(described, epochs=1, lr=1e-9).model_copy(update={"start": tuned.job.key})
    (result,) = train([next_job], dataset, SPLIT, starts=lambda _job: own)
    whole = network_of(next_job, dataset)
    stored = {name: torch.from_numpy(value) for name, value in result.weights.items() if not name.startswith("input.")}
    tensors = completed(whole, stored, next_job.seed)
    for name, value in own.items():
        if "running" not in name:
            torch.testing.assert_close(tensors[name], value, rtol=0, atol=1e-6)
    logits = compile_forward(whole)(tensors, dataset.test.images.float() / 255)
    torch.testing.assert_close(logits, torch.from_numpy(result.test_logits), rtol=1e-3, atol=1e-3)


def test_a_backbone_of_fresh_weights_that_does_not_train_is_found_again(dataset):
    """By its seed: a run does not keep it."""
    drawn = job(model("head", weights="none"), seed=3, epochs=1)
    (result,) = train([drawn], dataset, SPLIT)
    whole = network_of(drawn, dataset)
    assert not fixed(whole) & set(result.weights)
    stored = {name: torch.from_numpy(value) for name, value in result.weights.items() if not name.startswith("input.")}
    logits = compile_forward(whole)(completed(whole, stored, 3), dataset.test.images.float() / 255)
    torch.testing.assert_close(logits, torch.from_numpy(result.test_logits), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("here", "there", "weights"),
    [
        (model("head"), model("all"), "start"),
        (model("head"), None, "start"),  # a file's
        (model("head"), model("head", weights="start"), "start"),
        (model("head"), model("head"), None),
        (model("head"), model("all", weights="none"), None),
        (model("all"), model("layer4"), None),
    ],
)
def test_only_a_backbone_that_keeps_the_weights_of_others_says_so(here, there, weights):
    assert started(here, there, SHAPE, 3)["pretrained"].get("weights") == weights


def test_what_was_not_carried_over_before_is_another_training():
    assert revision(model("all"), Recipe(), SHAPE, 3, model("layer4")) == 1
    assert revision(model("all"), Recipe(), SHAPE, 3, model("all")) == 0
    assert revision({"mlp": {"hidden": [4, 5]}}, Recipe(), SHAPE, 3, {"mlp": {"hidden": [4]}}) == 0


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (model("all"), model("head")),
        ({"linear": {}}, {"linear": {}}),
        ({"mlp": {"hidden": [4]}}, {"mlp": {"hidden": [5]}}),
    ],
)
def test_a_start_that_carries_nothing_is_refused(here, there):
    with pytest.raises(UsageError, match="start: nothing would be carried over"):
        check_carries(network(here), network(there))


def test_a_start_that_carries_something_is_not():
    check_carries(network(model("all", dense=[4])), network(model("head", dense=[4])))
    check_carries(network({"mlp": {"hidden": [4, 5]}}), network({"mlp": {"hidden": [4]}}))


def test_an_imported_network_that_runs_from_its_file_cannot_go_on_from_tuned_weights():
    def net(train):
        layer = Imported("f", "nchw", Pixels(), 3, (8, 8), None, "features", (), 4, train)
        return Network(SHAPE, 3, (layer, Dense(4, 5), Dense(5, 3)))

    with pytest.raises(UsageError, match="start: train: head computes an imported network from its file"):
        check_carries(net("head"), net("all"))
    check_carries(net("all"), net("head"))
    assert set(carried(net("all"), net("head"), {"1.weight": np.zeros((5, 4), np.float32)})) == {"1.weight"}
