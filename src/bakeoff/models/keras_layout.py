"""Where Keras lays numbers out differently, and how they are turned: one home for both directions of traffic.

Keras has pictures as [H, W, C], convolutions as [height, width, in, out] (HWIO; ours OIHW), depthwise ones as
[height, width, channels, multiplier] and dense weights as [in, out]. What follows a flatten sees the pixels in the
order height, width, channel; ours is channel, height, width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.models.count import Shape, output_shape
from bakeoff.models.layers import Activation, BatchNorm, Conv, Dense, Dropout, Flatten, Layer, Network, Place, Residual


@dataclass(frozen=True)
class Seen:
    """A layer with what it sees. `shape`: of its input, one picture. `flattened`: [C, H, W] if its inputs are the
    values of such a picture, laid out flat; else ()."""

    place: Place
    layer: Layer
    shape: Shape
    flattened: Shape


def seen(network: Network) -> Iterator[Seen]:
    """Every layer of a network, in the order of computation (see `Network.walk`)."""
    return _seen(network.layers, network.input_shape, "")


def _seen(layers: Sequence[Layer], shape: Shape, inside: str) -> Iterator[Seen]:
    flattened: Shape = ()
    for i, layer in enumerate(layers):
        place: Place = f"{inside}{i}" if inside else i
        if isinstance(layer, Residual):
            yield from _seen(layer.body, shape, f"{place}.body.")
            yield from _seen(layer.shortcut, shape, f"{place}.shortcut.")
        yield Seen(place, layer, shape, flattened)
        if isinstance(layer, Flatten):
            flattened = shape
        elif not isinstance(layer, Activation | Dropout | BatchNorm):
            flattened = ()
        shape = output_shape(layer, shape)


def from_keras(one: Seen, name: str, array: np.ndarray) -> tuple[np.ndarray, str]:
    """An array of Keras as ours, and what was done to it in words. `name`: what it is to us, "weight", "running_mean".

    What has another number of dimensions than the layer's comes back as it is.
    """
    layer = one.layer
    if isinstance(layer, Conv) and name == "weight" and array.ndim == 4:
        return _convolution(layer, array)
    if isinstance(layer, Dense) and name == "weight" and array.ndim == 2:
        turned, done = _reordered(one.flattened, array)
        return np.ascontiguousarray(turned.T), f"{done}, in x out to out x in" if done else "in x out to out x in"
    if isinstance(layer, BatchNorm):
        turned, done = _reordered(one.flattened, array)
        return np.ascontiguousarray(turned), done or "as it is"
    return array, "as it is"


def _convolution(layer: Conv, array: np.ndarray) -> tuple[np.ndarray, str]:
    height, width, first, last = array.shape
    # A depthwise kernel has the channels third; one of a convolution in as many groups has 1 there.
    if layer.groups == layer.channels_in == first and layer.groups > 1:
        turned = array.transpose(2, 3, 0, 1).reshape(first * last, 1, height, width)
        return np.ascontiguousarray(turned), "H x W x channel x multiplier to OIHW"
    return np.ascontiguousarray(array.transpose(3, 2, 0, 1)), "HWIO to OIHW"


def _reordered(flattened: Shape, array: np.ndarray) -> tuple[np.ndarray, str]:
    """The first axis, in the order of flattened pixels."""
    if len(flattened) != 3 or len(array) != np.prod(flattened):
        return array, ""
    c, h, w = flattened
    if 1 in (c, h * w):  # the same order
        return array, ""
    rest = array.shape[1:]
    return array.reshape(h, w, c, *rest).transpose(2, 0, 1, *range(3, 3 + len(rest))).reshape(array.shape), "HWC to CHW"
