"""Small models made, trained and saved by plain Keras, in every form that Keras has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FORMS = ("keras", "h5", "weights.h5", "old weights")
"""A whole model; the older whole model; weights alone as Keras 3 writes them; weights alone as Keras 2 did."""
SIDE, CLASSES = 12, 4


def save(model, folder: Path, form: str) -> Path:
    if form == "old weights":
        import h5py
        from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

        path = folder / "old.h5"
        with h5py.File(path, "w") as file:
            save_weights_to_hdf5_group(file, model)
        return path
    path = folder / f"model.{form}"
    (model.save_weights if form == "weights.h5" else model.save)(path)
    return path


def trained(model, inputs: tuple[int, ...] = (SIDE, SIDE, 3)):
    """A few steps, so that nothing is still at its first value; the batch norms' statistics least of all."""
    rng = np.random.default_rng(0)
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(rng.random((32, *inputs), np.float32), rng.integers(0, CLASSES, 32), batch_size=8, epochs=1, verbose=0)
    return model


def cnn(keras):
    """Its layers are called what a person might call them."""
    of = keras.layers
    return keras.Sequential(
        [
            of.Input((SIDE, SIDE, 3)),
            of.RandomFlip("horizontal"),
            of.Conv2D(4, 3, padding="same", name="eyes"),
            of.BatchNormalization(name="balance", epsilon=0.01),
            of.Activation("elu"),
            of.MaxPooling2D(),
            of.Dropout(0.2),
            of.Conv2D(5, 3, padding="same", name="again"),
            of.BatchNormalization(epsilon=0.01),
            of.ELU(),
            of.Conv2D(6, 3, padding="same", name="a"),
            of.BatchNormalization(epsilon=0.01, scale=False),
            of.ELU(),
            of.MaxPooling2D(padding="same"),
            of.Flatten(),
            of.Dense(8, activation="elu", name="brain"),
            of.Dense(CLASSES, name="logits"),
            of.Softmax(),
        ]
    )


CNN = {"cnn": {"channels": [4, [5, 6]], "batch_norm": "before", "dense": [8], "activation": "elu"}}


def separable(keras):
    of = keras.layers
    return keras.Sequential(
        [
            of.Input((SIDE, SIDE, 3)),
            of.SeparableConv2D(4, 3, padding="same", activation="relu"),
            of.MaxPooling2D(),
            of.SeparableConv2D(6, 3, padding="same", activation="relu"),
            of.MaxPooling2D(),
            of.Flatten(),
            of.Dense(CLASSES, name="logits"),
            of.Softmax(),
        ]
    )


def in_two(keras):
    """A separable convolution written as two layers; ReLU behind the pool, where it makes no difference."""
    of = keras.layers
    parts = []
    for width in (4, 6):
        parts += [of.ZeroPadding2D(1), of.DepthwiseConv2D(3, use_bias=False), of.Conv2D(width, 1)]
        parts += [of.MaxPooling2D(), of.ReLU()]
    return keras.Sequential([of.Input((SIDE, SIDE, 3)), *parts, of.Reshape((-1,)), of.Dense(CLASSES, name="logits"),
                             of.Softmax()])  # fmt: skip


SEPARABLE = {"cnn": {"channels": [4, 6], "separable": True}}


def dense(keras):
    """A batch norm over the pixels of colour pictures: its numbers change places, too."""
    of = keras.layers
    inputs = of.Input((SIDE, SIDE, 3))
    x = of.BatchNormalization()(of.Flatten()(inputs))
    x = of.Dense(7, activation=keras.activations.selu)(x)
    x = of.Dense(CLASSES, name="logits", use_bias=False)(x)
    return keras.Model(inputs, of.Activation("softmax")(x))


DENSE = {"mlp": {"hidden": [7], "activation": "selu", "input_batch_norm": True}}
