"""`epochs: 0`: a model is measured as it is, and nothing moves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from learnable import DATASET, SPLIT, job

from bakeoff.data import normaliser
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward, initialise
from bakeoff.recipe import Recipe
from bakeoff.runs import Store
from bakeoff.train import seconds_an_epoch, train
from bakeoff.train.keras_steps import check_keras

CNN = {"cnn": {"channels": [4, 6], "kernel": 3}}


@pytest.mark.parametrize("model", [{"mlp": {"hidden": [16, 12], "batch_norm": "after"}}, CNN], ids=str)
def test_the_weights_stay_as_they_start_and_the_logits_are_theirs(model: dict) -> None:
    one = job(model, seed=3, epochs=0, dropout=0.3)
    (result,) = train([one], DATASET, SPLIT)
    network = build(model, input_shape=DATASET.shape, classes=3, **one.recipe.layers)
    start = initialise(network, one.recipe.init, 3)
    for name, tensor in start.items():
        np.testing.assert_array_equal(result.weights[name], tensor.numpy())
    pixels = normaliser(DATASET.train.take(SPLIT.train).images, one.recipe.input)(DATASET.test.images)
    logits = compile_forward(network)(start, pixels)
    np.testing.assert_allclose(result.test_logits, logits.numpy(), rtol=1e-5, atol=1e-6)


def test_there_is_one_line_of_curves_for_epoch_0_without_running_values() -> None:
    results = train([job(CNN, seed=seed, epochs=0) for seed in range(3)], DATASET, SPLIT)
    for result in results:
        (row,) = result.curves
        assert (row["epoch"], row["step"], row["seconds"], len(result.step_loss)) == (0, 0, 0.0, 0)
        assert math.isnan(row["running_loss"])
        assert math.isnan(row["running_accuracy"])
        validation = result.validation_logits.argmax(1) == result.validation_labels
        assert row["validation_accuracy"] == pytest.approx(validation.mean())
        summary = result.summary
        assert (summary["epochs"], summary["steps"], summary["seconds"], summary["weights_epoch"]) == (0, 0, 0.0, 0)
        assert (summary["stopped"], summary["diverged"], summary["selected"]) == ("epochs", False, False)


def test_it_is_read_back_from_its_folder(tmp_path: Path) -> None:
    (result,) = train([job(CNN, epochs=0)], DATASET, SPLIT)
    store = Store(tmp_path)
    store.write(result)
    run = store.load(result.job.key)
    assert run.curve("epoch").tolist() == [0.0]
    assert np.isnan(run.curve("running_loss")).all()


def test_what_only_steps_use_does_not_change_its_key() -> None:
    plain = job(CNN, epochs=0)
    told = job(CNN, epochs=0, lr=0.5, optimizer="sgd", momentum=0.9, schedule="cosine", batch_size=7,
               augment={"flip": True}, weight_decay=0.1, keep="best", stop={"patience": 3})  # fmt: skip
    assert plain.key == told.key
    assert plain.key != job(CNN, epochs=0, dropout=0.5).key  # a layer more, so other starting weights
    assert plain.key != job(CNN, epochs=1).key


def test_weights_that_overflow_are_told_apart() -> None:
    start = {"0.weight": torch.full((4, 1, 3, 3), torch.inf)}
    (result,) = train([job(CNN, epochs=0)], DATASET, SPLIT, starts=lambda _job: start)
    assert result.summary["diverged"]
    assert result.summary["stopped"] == "diverged before any step"


def test_an_epoch_of_few_steps_takes_its_time_too() -> None:
    for size in ("full", len(SPLIT.train) // 2):
        assert 0 < seconds_an_epoch([job(CNN, epochs=1, batch_size=size)], DATASET, SPLIT, budget=0.1) < 60


def test_a_plan_counts_its_evaluation_and_keras_has_nothing_to_do() -> None:
    assert 0 < seconds_an_epoch([job(CNN, epochs=0)], DATASET, SPLIT, budget=0.1) < 60
    with pytest.raises(UsageError, match="nothing to do with epochs: 0"):
        check_keras(Recipe(epochs=0))
