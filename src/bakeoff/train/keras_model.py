"""A network of ours as a Keras model, and its weights back: for training by Keras beside us.

Keras lays weights out in another way than PyTorch, whose ours is: see `models.keras_layout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bakeoff.errors import UsageError
from bakeoff.models.keras_layout import Seen, from_keras, seen
from bakeoff.models.layers import (
    Activation,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Network,
    Place,
    Pool,
    Residual,
)

_INITS = {"kaiming": "he", "lecun": "lecun", "glorot": "glorot"}


def import_keras() -> Any:
    """Keras over TensorFlow. Raises UsageError where it is not installed."""
    try:
        import keras
        import tensorflow  # noqa: F401 (Keras needs it, and says so less clearly)
    except ImportError as error:
        raise UsageError("framework: keras needs TensorFlow: pip install 'bakeoff[tensorflow]'") from error
    return keras


class KerasModel:
    """`model`: of pictures [B, H, W, C] as the network sees them, to logits. `flip`: a layer that mirrors at random."""

    def __init__(self, network: Network, init: str, *, flip: bool = False) -> None:
        self.keras = import_keras()
        self.network = network
        self._init = _initialiser(self.keras, init)
        self._seen = {one.place: one for one in seen(network)}
        self._made: list[tuple[Seen, Any]] = []
        c, h, w = network.input_shape
        pictures = self.keras.Input((h, w, c))
        x = self.keras.layers.RandomFlip("horizontal")(pictures) if flip else pictures
        self.model = self.keras.Model(pictures, self._chain(network.layers, x, ""))

    def weights(self) -> dict[str, np.ndarray]:
        """Of the whole network, by our names and in our layout."""
        tensors: dict[str, np.ndarray] = {}
        for one, made in self._made:
            names: tuple[str, ...] = ("weight", "bias")
            if isinstance(one.layer, BatchNorm):
                names = (*names, "running_mean", "running_var")
            for name, value in zip(names, made.get_weights(), strict=False):
                tensors[f"{one.place}.{name}"] = from_keras(one, name, np.asarray(value))[0]
        return tensors

    def _chain(self, layers: Sequence[Layer], x: Any, inside: str) -> Any:
        """`layers` on top of x."""
        for i, layer in enumerate(layers):
            place: Place = f"{inside}{i}" if inside else i
            if isinstance(layer, Residual):
                body = self._chain(layer.body, x, f"{place}.body.")
                shortcut = self._chain(layer.shortcut, x, f"{place}.shortcut.")
                x = self.keras.layers.Add()([body, shortcut])
            else:
                x = self._one(place, layer, x, layers[i - 1] if i else None)
        return x

    def _one(self, place: Place, layer: Layer, x: Any, before: Layer | None) -> Any:
        made = self._layer(layer, before)
        for part in made:
            x = part(x)
        if isinstance(layer, Dense | Conv | BatchNorm):
            self._made.append((self._seen[place], made[-1]))
        return x

    def _layer(self, layer: Layer, before: Layer | None) -> list[Any]:
        """The Keras layers that do what `layer` does; the last one has its weights."""
        of = self.keras.layers
        match layer:
            case Flatten():
                return [of.Flatten()]
            case Dense():
                return [of.Dense(layer.outputs, use_bias=layer.bias, kernel_initializer=self._init)]
            case Conv():
                return self._convolution(layer)
            case BatchNorm():
                return [of.BatchNormalization(momentum=1 - layer.momentum, epsilon=layer.epsilon)]
            case Activation(kind="leaky_relu"):
                return [of.LeakyReLU(negative_slope=0.01)]
            case Activation():
                return [of.Activation(layer.kind)]
            case Dropout():
                return [of.Dropout(layer.rate)]
            case GlobalPool():
                return [of.GlobalAveragePooling2D()]
            case Pool():
                make = of.MaxPooling2D if layer.kind == "max" else of.AveragePooling2D
                pad = [of.ZeroPadding2D(layer.padding)] if layer.padding else []
                rectified = isinstance(before, Activation) and before.kind == "relu"
                if layer.padding and not (layer.kind == "max" and rectified):
                    raise UsageError("framework: keras: a padded pool can be had behind a relu only")
                return [*pad, make(layer.size, layer.stride)]
        raise UsageError(f"framework: keras: there is no {type(layer).__name__} in Keras that runs here")

    def _convolution(self, layer: Conv) -> list[Any]:
        of = self.keras.layers
        settings: dict[str, Any] = {"strides": layer.stride, "use_bias": layer.bias}
        pad = [of.ZeroPadding2D(layer.padding)] if layer.padding else []
        if layer.stride == 1 and 2 * layer.padding == layer.kernel - 1:
            pad, settings["padding"] = [], "same"
        if layer.groups == 1:
            return [*pad, of.Conv2D(layer.channels_out, layer.kernel, kernel_initializer=self._init, **settings)]
        if layer.groups == layer.channels_in == layer.channels_out:
            return [*pad, of.DepthwiseConv2D(layer.kernel, depthwise_initializer=self._init, **settings)]
        raise UsageError("framework: keras: TensorFlow has no grouped convolutions on a CPU")


def _initialiser(keras: Any, init: str) -> Any:
    """Keras's own initialiser of this name; ours named `torch` becomes Keras's default."""
    if init.startswith("normal("):
        return keras.initializers.RandomNormal(stddev=float(init[7:-1]))
    if init == "torch":
        return "glorot_uniform"
    family, kind = init.split("_")
    return f"{_INITS[family]}_{kind}"
