"""Models trained and saved by plain Keras come into our architectures and answer the same: Keras is the oracle."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import keras_files
from keras_files import CLASSES, CNN, DENSE, FORMS, SEPARABLE, SIDE, save, trained

from bakeoff.data.weights import read_weights
from bakeoff.errors import UsageError
from bakeoff.models import build, compile_forward
from bakeoff.models.keras_layout import seen
from bakeoff.models.layers import Dense
from bakeoff.models.matching import match
from bakeoff.recipe import BatchNormConstants
from bakeoff.train.keras_model import KerasModel, import_keras

PICTURES = np.random.default_rng(1).random((6, SIDE, SIDE, 3), np.float32)


@pytest.fixture(scope="module")
def keras():
    return import_keras()


@pytest.fixture(scope="module")
def models(keras):
    return {name: trained(getattr(keras_files, name)(keras)) for name in ("cnn", "separable", "in_two", "dense")}


def logits_of(keras, model) -> np.ndarray:
    """What goes into the softmax."""
    return keras.Model(model.inputs, model.get_layer("logits").output).predict(PICTURES, verbose=0)


def network(model, epsilon=1e-3):
    return build(
        model, input_shape=(3, SIDE, SIDE), classes=CLASSES, batch_norm=BatchNormConstants(epsilon=epsilon), dropout=0.1
    )


def answers(net, tensors) -> np.ndarray:
    return compile_forward(net)(tensors, torch.from_numpy(PICTURES.transpose(0, 3, 1, 2))).numpy()


KNOWN = {"cnn": (CNN, 0.01), "separable": (SEPARABLE, 1e-3), "in_two": (SEPARABLE, 1e-3), "dense": (DENSE, 1e-3)}
UNREADABLE = {("cnn", "weights.h5")}
"""A batch norm without a scale, in a file that does not name its arrays."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", KNOWN)
def test_the_answers_are_those_of_keras(keras, models, tmp_path, name, form):
    model, (ours, epsilon) = models[name], KNOWN[name]
    net, path = network(ours, epsilon), save(model, tmp_path, form)
    if (name, form) in UNREADABLE:
        with pytest.raises(Exception, match="batch_normalization_2 holds 3 arrays"):
            read_weights(path)
        return
    found = match(net, read_weights(path))
    np.testing.assert_allclose(answers(net, found.tensors), logits_of(keras, model), rtol=1e-4, atol=1e-4)
    assert all(tensor.dtype == torch.float32 for tensor in found.tensors.values())
    whole = form in ("keras", "h5")
    assert any("does not say activations" in note for note in found.notes) != whole
    assert {row.ours for row in found.rows} == set(found.tensors)


def test_every_change_is_told(models, tmp_path):
    rows = match(network(CNN, 0.01), read_weights(save(models["cnn"], tmp_path, "keras"))).rows
    done = {row.theirs: (row.their_shape, row.our_shape, row.done) for row in rows}
    assert done["eyes.weight"] == ((3, 3, 3, 4), (4, 3, 3, 3), "HWIO to OIHW")
    assert done["brain.weight"] == ((54, 8), (8, 54), "HWC to CHW, in x out to out x in")
    assert done["logits.weight"] == ((8, 4), (4, 8), "in x out to out x in")
    assert done["eyes.bias"][2] == done["balance.running_mean"][2] == "as it is"
    assert [row.done for row in rows if not row.their_shape] == [
        "not in the file: ones, which is what a layer without it computes"
    ]


def test_without_the_turn_of_flattened_pixels_the_answers_are_others(keras, models, tmp_path):
    net, saved = network(DENSE), read_weights(save(models["dense"], tmp_path, "keras"))
    tensors = match(net, saved).tensors
    right = logits_of(keras, models["dense"])
    first = next(one for one in seen(net) if isinstance(one.layer, Dense))
    naive = next(layer for layer in saved.layers if layer.kind == "dense").tensors["weight"].T
    unturned = {**tensors, f"{first.place}.weight": torch.from_numpy(naive.copy())}
    np.testing.assert_allclose(answers(net, tensors), right, atol=1e-4)
    assert np.abs(answers(net, unturned) - right).max() > 0.01


RESIDUALS = {
    "basic": {"residual": {"widths": [4, 6], "blocks": [1, 2], "stem": 4, "dense": [5], "stem_pool": True}},
    "bottleneck": {
        "residual": {"widths": [4, 8], "blocks": [1, 1], "stem": 4, "unit": "bottleneck", "pre_activation": True}
    },
}


@pytest.mark.parametrize("form", ["keras", "h5"])
@pytest.mark.parametrize("name", RESIDUALS)
def test_branches_are_told_apart(tmp_path, name, form):
    """A whole model knows its graph: body first, then the shortcut, whatever order Keras lists them in."""
    net = network(RESIDUALS[name])
    made = KerasModel(net, "glorot_uniform")
    rng = np.random.default_rng(0)
    for layer in made.model.layers:
        layer.set_weights([rng.uniform(0.2, 0.8, value.shape) for value in layer.get_weights()])
    found = match(net, read_weights(save(made.model, tmp_path, form)))
    assert set(found.tensors) == set(made.weights())
    assert all(np.array_equal(found.tensors[key], value) for key, value in made.weights().items())
    np.testing.assert_allclose(answers(net, found.tensors), made.model.predict(PICTURES, verbose=0), rtol=2e-4)


def test_a_model_inside_a_model(keras, tmp_path):
    of = keras.layers
    inner = keras.Sequential([of.Input((SIDE, SIDE, 3)), of.Conv2D(4, 3, padding="same", activation="elu"),
                              of.MaxPooling2D()])  # fmt: skip
    model = trained(keras.Sequential([inner, of.Flatten(), of.Dense(CLASSES, name="logits"), of.Softmax()]))
    net = network({"cnn": {"channels": [4], "activation": "elu"}})
    for form in ("keras", "h5", "old weights"):
        found = match(net, read_weights(save(model, tmp_path, form)))
        told = torch.softmax(torch.from_numpy(answers(net, found.tensors)), 1)
        np.testing.assert_allclose(told, model.predict(PICTURES, verbose=0), atol=1e-5)


def test_pixels_that_the_model_rescales_itself(keras, tmp_path):
    of = keras.layers
    model = keras.Sequential([of.Input((SIDE, SIDE, 3)), of.Rescaling(1 / 127.5, offset=-1), of.Flatten(),
                              of.Dense(CLASSES)])  # fmt: skip
    found = match(network({"linear": {}}), read_weights(save(model, tmp_path, "keras")))
    assert found.rescaled == pytest.approx((1 / 127.5, -1))


def test_pictures_without_a_channel(keras, tmp_path):
    of = keras.layers
    model = keras.Sequential([of.Input((SIDE, SIDE)), of.Reshape((SIDE, SIDE, 1)), of.Conv2D(3, 3, activation="relu"),
                              of.Flatten(), of.Dense(CLASSES)])  # fmt: skip
    net = build({"cnn": {"channels": [3], "padding": "valid", "pool": "none"}}, input_shape=(1, SIDE, SIDE), classes=4)
    found = match(net, read_weights(save(model, tmp_path, "keras")))
    ours = compile_forward(net)(found.tensors, torch.from_numpy(PICTURES[:, None, :, :, 0]))
    np.testing.assert_allclose(ours, model.predict(PICTURES[:, :, :, 0], verbose=0), rtol=1e-4, atol=1e-5)


PARTINGS = {
    "activation": (lambda c: c["activation"] == "elu", {"activation": "tanh"}, "is tanh; the model has elu there"),
    "stride": (lambda c: c["name"] == "eyes", {"strides": [2, 2]}, "its strides are 2 x 2, ours 1 x 1"),
    "padding": (
        lambda c: c["name"] == "eyes",
        {"padding": "valid"},
        "it pads 0 pixels before and gives 10 a side, ours 1",
    ),
    "dilation": (lambda c: c["name"] == "eyes", {"dilation_rate": [2, 2]}, "its kernel is dilated"),
    "pool": (lambda c: c["name"].startswith("max_pool"), {"pool_size": [3, 3]}, "it pools 3 x 3 pixels, ours 2 x 2"),
    "axis": (lambda c: c["name"] == "balance", {"axis": 2}, "it normalises along axis 2"),
    "layout": (lambda c: c["name"] == "eyes", {"data_format": "channels_first"}, "channels first"),
    "nonsense": (lambda c: c["name"] == "eyes", {"strides": {"a": []}}, "not the configuration of a Keras model"),
}


@pytest.mark.parametrize("what", PARTINGS)
def test_what_would_give_other_answers_is_refused(models, tmp_path, what):
    which, change, words = PARTINGS[what]
    saved = read_weights(save(models["cnn"], tmp_path, "keras"))
    at = next(i for i, step in enumerate(saved.steps) if which({"activation": "", "name": step.name, **step.settings}))
    step = replace(saved.steps[at], settings={**saved.steps[at].settings, **change})
    with pytest.raises(UsageError, match=words):
        match(network(CNN, 0.01), replace(saved, steps=(*saved.steps[:at], step, *saved.steps[at + 1 :])))


def test_an_epsilon_that_would_give_other_answers_is_refused(models, tmp_path):
    saved = read_weights(save(models["cnn"], tmp_path, "keras"))
    with pytest.raises(
        UsageError, match=r"balance has epsilon 0.01, the recipe 0.001, .* batch_norm: \{epsilon: 0.01\}"
    ):
        match(network(CNN, 1e-3), saved)


def test_an_epsilon_that_makes_no_difference_is_taken(models, tmp_path):
    saved = read_weights(save(models["cnn"], tmp_path, "keras"))
    for layer in saved.layers:
        if layer.kind == "batch norm":
            layer.tensors["running_var"] += np.float32(1e6)
    assert match(network(CNN, 1e-3), saved).tensors


def test_layers_that_no_network_here_has(keras, tmp_path):
    of = keras.layers
    model = keras.Sequential([of.Input((SIDE, SIDE, 3)), of.Flatten(), of.LayerNormalization(), of.Dense(CLASSES)])
    with pytest.raises(Exception, match="layer_normalization is a LayerNormalization with weights"):
        match(network({"linear": {}}), read_weights(save(model, tmp_path, "keras")))
    model = keras.Sequential([of.Input((SIDE, SIDE, 3)), of.Cropping2D(1), of.Flatten(), of.Dense(CLASSES)])
    smaller = build({"linear": {}}, input_shape=(3, SIDE - 2, SIDE - 2), classes=CLASSES)
    saved = read_weights(save(model, tmp_path, "keras"))
    with pytest.raises(UsageError, match="Cropping2D, which no network here has"):
        match(smaller, saved)
