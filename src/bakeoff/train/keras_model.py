"""A network of ours as a Keras model, and its weights back: for training by Keras beside us.

Keras lays pictures out as [H, W, C], convolutions as [height, width, in, out] and dense weights as [in, out]; ours are
PyTorch's. A dense layer behind a flatten sees the pixels in another order, which is put right here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bakeoff.errors import UsageError
from bakeoff.models.count import Shape, output_shape
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
        self._made: list[tuple[Place, Layer, Any, Shape]] = []
        c, h, w = network.input_shape
        pictures = self.keras.Input((h, w, c))
        x = self.keras.layers.RandomFlip("horizontal")(pictures) if flip else pictures
        self.model = self.keras.Model(pictures, self._chain(network.layers, x, network.input_shape, "")[0])

    def weights(self) -> dict[str, np.ndarray]:
        """Of the whole network, by our names and in our layout."""
        tensors: dict[str, np.ndarray] = {}
        for place, layer, made, before in self._made:
            own = [np.asarray(value) for value in made.get_weights()]
            names: tuple[str, ...]
            if isinstance(layer, BatchNorm):
                names = ("weight", "bias", "running_mean", "running_var")
            else:
                names = ("weight", "bias")
                own[0] = _turned(layer, own[0], before)
            tensors |= {f"{place}.{name}": value for name, value in zip(names, own, strict=False)}
        return tensors

    def _chain(self, layers: Sequence[Layer], x: Any, shape: Shape, inside: str) -> tuple[Any, Shape]:
        """`layers` on top of x; `shape` is x's as [C, H, W] or [D], and that before the last flatten matters too."""
        flattened = shape
        for i, layer in enumerate(layers):
            place: Place = f"{inside}{i}" if inside else i
            if isinstance(layer, Residual):
                body, _ = self._chain(layer.body, x, shape, f"{place}.body.")
                shortcut, _ = self._chain(layer.shortcut, x, shape, f"{place}.shortcut.")
                x = self.keras.layers.Add()([body, shortcut])
            else:
                x = self._one(place, layer, x, flattened, layers[i - 1] if i else None)
            if isinstance(layer, Flatten):
                flattened = shape
            elif not isinstance(layer, Activation | Dropout | BatchNorm):
                flattened = ()
            shape = output_shape(layer, shape)
        return x, shape

    def _one(self, place: Place, layer: Layer, x: Any, flattened: Shape, before: Layer | None) -> Any:
        made = self._layer(layer, before)
        for part in made:
            x = part(x)
        if isinstance(layer, Dense | Conv | BatchNorm):
            self._made.append((place, layer, made[-1], flattened))
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


def _turned(layer: Layer, weight: np.ndarray, flattened: Shape) -> np.ndarray:
    """A Keras kernel as PyTorch has it. `flattened`: [C, H, W] if this dense layer follows a flatten of that."""
    if isinstance(layer, Conv):
        return np.ascontiguousarray(weight.transpose((2, 3, 0, 1) if layer.groups > 1 else (3, 2, 0, 1)))
    if len(flattened) == 3:
        c, h, w = flattened
        weight = weight.reshape(h, w, c, -1).transpose(2, 0, 1, 3).reshape(c * h * w, -1)
    return np.ascontiguousarray(weight.T)
