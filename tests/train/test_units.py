"""Dead units: counted as planted, over every kind of network, and without a trace in what was trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from learnable import DATASET, SPLIT, job

from bakeoff.data import normaliser
from bakeoff.models import build
from bakeoff.models.layers import Activation
from bakeoff.recipe import Input
from bakeoff.runs import Store
from bakeoff.train import train
from bakeoff.train.units import relu_layers

MLP = {"mlp": {"hidden": [16, 12]}}
CNN = {"cnn": {"channels": [4, 6], "kernel": 3}}
RESIDUAL = {"residual": {"widths": [4, 6], "blocks": [1, 1], "stem": 4}}
IMAGES = DATASET.train.images[:60]
NORMALISE = normaliser(DATASET.train.images, Input())


def network(model: dict):
    return build(model, input_shape=DATASET.shape, classes=len(DATASET.classes))


def trained(model: dict, **recipe):
    (result,) = train([job(model, epochs=1, **recipe)], DATASET, SPLIT)
    return result


def tensors(result) -> dict[str, torch.Tensor]:
    return {k: torch.from_numpy(v) for k, v in result.weights.items() if not k.startswith("input.")}


@pytest.mark.parametrize(("model", "place", "units"), [(MLP, 1, 16), (MLP, 3, 12), (CNN, 0, 4), (CNN, 3, 6)], ids=str)
def test_planted_dead_units_are_counted(model, place, units):
    weights = tensors(trained(model))
    before = {row["layer"]: row["dead"] for row in relu_layers(network(model), weights, IMAGES, NORMALISE)}
    layer = str(place + 1)
    killed = torch.arange(units) % 2 == 0
    weights[f"{place}.weight"][killed] = 0
    weights[f"{place}.bias"][killed] = -1
    after = {row["layer"]: row for row in relu_layers(network(model), weights, IMAGES, NORMALISE)}
    assert after[layer]["units"] == units
    assert units / 2 <= after[layer]["dead"] <= units / 2 + before[layer]


def test_a_unit_that_fires_once_is_alive():
    weights = tensors(trained(MLP))
    x = NORMALISE(IMAGES).flatten(1)
    scores = x @ weights["1.weight"][0] + weights["1.bias"][0]
    top, next_one = scores.sort(descending=True).values[:2]
    weights["1.bias"][0] -= (top + next_one) / 2
    alive = relu_layers(network(MLP), weights, IMAGES, NORMALISE)[0]["dead"]
    fired_at = int(scores.argmax())
    without = torch.cat([IMAGES[:fired_at], IMAGES[fired_at + 1 :]])
    assert relu_layers(network(MLP), weights, without, NORMALISE)[0]["dead"] >= alive + 1


def test_every_relu_is_there_also_inside_residuals():
    net = network(RESIDUAL)
    relus = [str(place) for place, layer in net.walk() if isinstance(layer, Activation)]
    found = relu_layers(net, tensors(trained(RESIDUAL)), IMAGES, NORMALISE)
    assert sorted(row["layer"] for row in found) == sorted(relus)
    assert any(".body." in row["layer"] for row in found)


@pytest.mark.parametrize("model", [{"linear": {}}, {"mlp": {"hidden": [8], "activation": "tanh"}}], ids=str)
def test_without_a_relu_there_is_nothing_to_count(model):
    assert trained(model).summary["relu_layers"] == []


def test_a_run_keeps_what_its_stored_weights_give(tmp_path):
    result = trained(MLP)
    store = Store(tmp_path)
    store.write(result)
    summary = store.load(result.job.key).summary
    n = len(SPLIT.train)
    assert summary["relu_examples"] == min(n, 1000)
    images = DATASET.train.images[torch.tensor(SPLIT.train.tolist())]
    rows = torch.linspace(0, n - 1, min(n, 1000)).long()
    feed = normaliser(images, Input())
    assert summary["relu_layers"] == relu_layers(network(MLP), tensors(result), images[rows], feed)


def test_packs_and_padded_widths_count_each_its_own():
    jobs = [job(MLP, epochs=1, seed=s) for s in range(2)]
    together = train(jobs, DATASET, SPLIT)
    for one, result in zip(jobs, together, strict=True):
        assert [row["units"] for row in result.summary["relu_layers"]] == [16, 12]
        (alone,) = train([one], DATASET, SPLIT)
        assert alone.summary["relu_layers"] == result.summary["relu_layers"]


@pytest.mark.parametrize("model", [MLP, CNN], ids=str)
def test_measuring_leaves_no_trace(model, monkeypatch):
    measured = trained(model, dropout=0.2)
    monkeypatch.setattr("bakeoff.train.finish.relu_layers", lambda *_: [])
    bare = trained(model, dropout=0.2)
    assert bare.summary["relu_layers"] == []
    assert bare.job.key == measured.job.key
    assert bare.summary["weights_sha256"] == measured.summary["weights_sha256"]
    for part in ("step_loss", "validation_logits", "test_logits"):
        np.testing.assert_array_equal(getattr(bare, part), getattr(measured, part))
