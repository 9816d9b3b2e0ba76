"""Training by Keras: the same networks, weights that mean the same, runs like all others; and Keras as an oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from learnable import DATASET, SPLIT, job

from bakeoff.data import Split
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward, totals
from bakeoff.recipe import Recipe
from bakeoff.train import Interrupted, train
from bakeoff.train.keras_model import KerasModel
from bakeoff.train.keras_steps import check_keras

NETWORKS = {
    "dense": {"mlp": {"hidden": [9, 7], "activation": "selu", "batch_norm": "before"}},
    "first a norm": {"mlp": {"hidden": [6], "input_batch_norm": True, "batch_norm": "after"}},
    "convolutions": {"cnn": {"channels": [4, [5, 6]], "batch_norm": "after", "dense": [8], "activation": "elu"}},
    "valid": {"cnn": {"channels": [4], "kernel": 5, "padding": "valid", "activation": "leaky_relu", "pool": "avg"}},
    "padded": {"cnn": {"channels": [4], "kernel": 3, "padding": 2, "activation": "gelu", "pool": "none"}},
    "separable": {"cnn": {"channels": [4, 6], "separable": True, "activation": "tanh"}},
    "basic": {"residual": {"widths": [4, 6], "blocks": [1, 2], "stem": 4, "dense": [5], "stem_pool": True}},
    "bottleneck": {
        "residual": {"widths": [4, 8], "blocks": [1, 1], "stem": 4, "unit": "bottleneck", "pre_activation": True}
    },
}


@pytest.mark.parametrize("name", NETWORKS)
def test_our_forward_pass_with_its_weights_is_its_own(name):
    network = build(NETWORKS[name], input_shape=(3, 12, 12), classes=4, dropout=0.3)
    made = KerasModel(network, "glorot_uniform")
    rng = np.random.default_rng(0)
    for layer in made.model.layers:  # neither zeros nor ones, which would hide a mix-up
        layer.set_weights([rng.uniform(0.2, 0.8, value.shape) for value in layer.get_weights()])
    pictures = rng.random((5, 12, 12, 3), np.float32)
    weights = {key: torch.from_numpy(np.array(value)) for key, value in made.weights().items()}
    ours = compile_forward(network)(weights, torch.from_numpy(pictures.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(ours, made.model.predict(pictures, verbose=0), rtol=2e-4, atol=1e-4)


REPORTED = {
    "A5": ({"residual": {"widths": [64], "blocks": [1], "stem_kernel": 7, "stem_stride": 2, "stem_pool": True,
                         "dense": [1000]}}, (3, 32, 32), 100, 249_004),
    "A8": ({"cnn": {"channels": [32, 64, 128], "padding": "valid", "batch_norm": "after", "pool_size": [2, 2, 4]}},
           (3, 32, 32), 100, 107_044),
    "B4": ({"cnn": {"channels": [32, [64, 64], [128, 128]], "batch_norm": "after", "dense": [1024],
                    "dense_batch_norm": "after"}}, (3, 32, 32), 100, 2_484_196),
    "B5": ({"residual": {"widths": [64, 128, 256, 512], "blocks": [3, 4, 6, 3], "unit": "bottleneck",
                         "pre_activation": True, "final_norm": False, "bias": True, "stem_kernel": 7,
                         "stem_pool": True}}, (3, 32, 32), 100, 1_557_060),
}  # fmt: skip


@pytest.mark.parametrize("system", REPORTED)
def test_keras_counts_what_we_count_and_the_reports_print(system):
    model, shape, classes, printed = REPORTED[system]
    network = build(model, input_shape=shape, classes=classes)
    assert totals(network).keras_total == KerasModel(network, "torch").model.count_params() == printed


CNN = {"cnn": {"channels": [4, 6], "kernel": 3, "batch_norm": "after"}}


def by_keras(**recipe):
    given = {"lr": 0.01, "epochs": 3, "batch_size": 32, "defaults": "keras", **recipe}
    defaults = Recipe.model_validate(given).model_dump()
    return job(CNN, **defaults).model_copy(update={"framework": "keras"})


def test_a_run_trained_by_keras_is_a_run_like_others():
    (result,) = train([by_keras(epochs=6, dropout=0.1)], DATASET, SPLIT)
    assert (result.test_logits.argmax(1) == result.test_labels).mean() > 0.8
    assert len(result.curves) == 6
    assert result.curves[-1]["running_loss"] < result.curves[0]["running_loss"]
    steps = 6 * -(-len(SPLIT.train) // 32)
    assert len(result.step_loss) == result.summary["steps"] == steps
    first = result.step_loss[: steps // 6]
    assert result.curves[0]["running_loss"] == pytest.approx(first.mean(), rel=0.05)
    assert result.job.key != job(CNN).key


def test_the_losses_of_steps_are_those_of_their_batches():
    """The last batch has one picture; at a rate of next to nothing their mean is that of the whole set."""
    one = job({"mlp": {"hidden": [8]}}, lr=1e-12, epochs=1, batch_size=64).model_copy(update={"framework": "keras"})
    (result,) = train([one], DATASET, Split(train=np.arange(129), validation=np.arange(129, 140)))
    assert len(result.step_loss) == 3
    mean = np.average(result.step_loss, weights=[64, 64, 1])
    assert mean == pytest.approx(result.summary["train_loss"], rel=1e-4)


@pytest.mark.parametrize(
    "recipe",
    [
        {"optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"optimizer": "rmsprop", "schedule": {"time": {"decay": 1e-3}}},
        {"optimizer": "adamw", "weight_decay": 0.01, "schedule": {"exponential": {"factor": 0.9}}},
        {"loss": "squared_error", "augment": {"flip": True}},
        {"label_smoothing": 0.1, "init": "he", "batch_size": 64},
    ],
)
def test_recipes(recipe):
    (result,) = train([by_keras(epochs=5, **recipe)], DATASET, SPLIT)
    assert result.curves[-1]["train_accuracy"] > 0.55, "well above one in three"


def test_it_can_be_stopped():
    asked = [0]

    def should_stop():
        asked[0] += 1
        return asked[0] > 4

    with pytest.raises(Interrupted):
        train([by_keras()], DATASET, SPLIT, should_stop=should_stop)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"schedule": "cosine"}, "no cosine schedule here"),
        ({"augment": {"crop": 2}}, "by flips only"),
        ({"weight_decay": 0.1}, "with adamw only"),
        ({"weight_decay": 0.1, "optimizer": "adamw", "decay_biases": False}, "leave decay_biases out"),
        ({"label_smoothing": 0.1, "loss": "squared_error"}, "smooths labels with cross_entropy only"),
    ],
)
def test_what_keras_does_not_have_here(recipe, words):
    with pytest.raises(UsageError, match=words):
        check_keras(Recipe.model_validate(recipe))


def test_no_grouped_convolutions_on_a_cpu():
    network = build({"alexnet": {"size": 67}}, input_shape=(3, 32, 32), classes=10)
    with pytest.raises(UsageError, match="framework: keras: there is no Resize"):
        KerasModel(network, "torch")
