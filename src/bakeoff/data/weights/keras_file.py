"""Weights that Keras saved: `.keras`, `.weights.h5` of Keras 3, and the older `.h5`, whole models or weights alone.

A `.keras` file is a zip with config.json and model.weights.h5, whose groups are numbered within each class of layers
(keras/src/saving/saving_lib.py). The older form lists its layers in the attribute `layer_names` and each layer's arrays
in `weight_names` (legacy/saving/legacy_h5_format.py).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bakeoff.data.stream import shown
from bakeoff.data.weights.hdf5 import MAX_BYTES, Hdf5, read_hdf5
from bakeoff.data.weights.keras_config import MAX_BYTES as MAX_CONFIG
from bakeoff.data.weights.keras_config import parse_config
from bakeoff.data.weights.layers import KerasLayer, Kind, SavedLayer, SavedWeights, as_float32
from bakeoff.data.zips import open_zip, read_member
from bakeoff.errors import DataError

ARRAYS = {
    "dense": ("kernel", "bias"),
    "conv2d": ("kernel", "bias"),
    "depthwise_conv2d": ("depthwise_kernel", "bias"),
    "separable_conv2d": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
}
"""What Keras calls the arrays of a layer, in its order, by the group's name without its number."""
_HOMES = ("layers/", "_layer_checkpoint_dependencies/")
"""Where the layers of a model are; the second by TensorFlow 2.13."""
_SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
"""What says in a layer's settings whether it has the array."""
_NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
_KERNELS = {"kernel": "weight", "depthwise_kernel": "weight", "pointwise_kernel": "weight", "bias": "bias"}


def read_keras_archive(path: Path) -> SavedWeights:
    """A `.keras` file. Raises DataError for what is none, UsageError where h5py is missing."""
    name = shown(path)
    with open_zip(path, ".keras") as archive:
        steps = parse_config(read_member(archive, "config.json", path, MAX_CONFIG), f"{name}: config.json")
        content = read_member(archive, "model.weights.h5", path, MAX_BYTES)
    with tempfile.TemporaryDirectory(prefix="bakeoff-") as folder:
        inner = Path(folder) / "model.weights.h5"
        inner.write_bytes(content)
        file = read_hdf5(inner, f"{name}: model.weights.h5")
    layers = list(_of_steps(file, steps))
    return SavedWeights(name, "keras", tuple(layers), ordered=True, steps=tuple(steps))


def read_keras_h5(path: Path) -> SavedWeights:
    """An HDF5 file of Keras. Raises DataError for what is none, UsageError where h5py is missing."""
    name = shown(path)
    file = read_hdf5(path, name)
    told = file.text("", "model_config")
    inside = "" if told is None else "model_weights"
    listed = file.list(inside, "layer_names")
    if listed is None:
        return SavedWeights(name, "keras", tuple(_by_class(file)), ordered=False)
    steps = None if told is None else tuple(parse_config(told, f"{name}: model_config"))
    layers = list(_of_lists(file, inside, listed, steps))
    return SavedWeights(name, "keras", tuple(layers), ordered=True, steps=steps)


def _of_steps(file: Hdf5, steps: Iterable[KerasLayer]) -> Iterable[SavedLayer]:
    """In the order of the configuration; arrays that belong to none of its layers are an error."""
    groups = _groups(file)
    for step in steps:
        group = next((g for g in (step.group, step.group.replace("layers/", _HOMES[1])) if g in groups), None)
        if group is None:
            continue
        kind = re.sub(r"_\d+$", "", step.group.rpartition("/")[2])
        if kind not in ARRAYS:
            raise DataError(f"{file.name}: {step.name} is a {step.class_name} with weights, which no model here has")
        named = [n for n in ARRAYS[kind] if step.settings.get(_SWITCHES.get(n, ""), True)]
        yield from _layers(file, step.name, named, groups.pop(group), step)
    if groups:
        raise DataError(f"{file.name}: {shown(min(groups))} belongs to no layer of config.json")


def _groups(file: Hdf5) -> dict[str, list[str]]:
    """The paths of a layer's arrays in their order, by the layer's group. What is none of the network's weights, the
    optimiser's state, metrics, the seeds of dropouts, is left out."""
    found: dict[str, list[tuple[int, str]]] = {}
    for path in file.paths:
        group, _, number = path.rpartition("/vars/")
        if group.startswith(_HOMES) and "/seed_generator" not in group and number.isdecimal():
            found.setdefault(group, []).append((int(number), path))
    return {group: [path for _, path in sorted(paths)] for group, paths in found.items()}


def _by_class(file: Hdf5) -> Iterable[SavedLayer]:
    """Layers of a file without a configuration: its groups say the class and a number within it."""
    groups = _groups(file)
    if not groups:
        raise DataError(f"{file.name}: holds no weights as Keras writes them")

    def rank(group: str) -> tuple[str, int]:
        kind, _, number = group.rpartition("/")[2].rpartition("_")
        return (kind, int(number)) if number.isdecimal() else (group.rpartition("/")[2], 0)

    if len({rank(group) for group in groups}) < len(groups):
        raise DataError(f"{file.name}: holds models inside a model, in no known order; save the whole model as .keras")
    for group in sorted(groups, key=rank):
        kind, name = rank(group)[0], group.rpartition("/")[2]
        if kind not in ARRAYS:
            raise DataError(f"{file.name}: {shown(name)} holds weights; known are {', '.join(ARRAYS)}")
        named, count = list(ARRAYS[kind]), len(groups[group])
        # Without its bias; a batch norm without scale and centre. With one of the two, nobody knows which it is.
        named = named[2:] if kind == "batch_normalization" and count < 4 else named[:count]
        yield from _layers(file, name, named, groups[group], None)


def _of_lists(
    file: Hdf5, inside: str, listed: Iterable[str], steps: tuple[KerasLayer, ...] | None
) -> Iterable[SavedLayer]:
    """Layers of the older form; in the order of the configuration where there is one."""
    of_step = {step.name: step for step in steps or ()}
    found: dict[str, dict[str, str]] = {}
    for layer in listed:
        group = f"{inside}/{layer}" if inside else layer
        owners: dict[str, dict[str, str]] = {}
        for path in file.list(group, "weight_names") or ():
            owner, _, array = path.rpartition("/")
            owners.setdefault(owner, {})[array.partition(":")[0]] = f"{group}/{path}"
        # Arrays may be named for another layer, which a model was copied from. A model inside has several owners, or
        # is no layer itself.
        single = layer in of_step if steps else len(owners) == 1
        found |= {layer if single else o.rpartition("/")[2]: arrays for o, arrays in owners.items()}
    order = [name for name in of_step if name in found] if steps else list(found)
    if len(order) < len(found):
        raise DataError(f"{file.name}: {shown(min(set(found) - set(order)))} belongs to no layer of the configuration")
    for name in order:
        yield from _layers(file, name, list(found[name]), list(found[name].values()), of_step.get(name))


def _layers(file: Hdf5, name: str, named: list[str], paths: list[str], step: KerasLayer | None) -> Iterable[SavedLayer]:
    """One layer of Keras as we have it: a separable convolution is two."""
    label = f"{file.name}: {shown(name)}"
    if len(named) != len(paths) or not set(named) <= {*_NORM, *_KERNELS}:
        raise DataError(
            f"{label} holds {len(paths)} arrays, not the weights of a dense layer, a convolution or a batch norm"
        )
    if missing := [path for path in paths if path not in file.paths]:
        raise DataError(f"{label}: {shown(missing[0])} is listed, but not there")
    arrays = {n: as_float32(file.read(p), f"{label}: {n}") for n, p in zip(named, paths, strict=True)}
    if "moving_mean" in arrays:
        epsilon = None if step is None else step.settings.get("epsilon", 1e-3)
        if not (epsilon is None or (isinstance(epsilon, float) and epsilon > 0)):
            raise DataError(f"{label}: its epsilon is {epsilon!r:.40}, expected a number above 0")
        yield SavedLayer(name, "batch norm", {_NORM[n]: a for n, a in arrays.items() if n in _NORM}, epsilon)
    elif "pointwise_kernel" in arrays:
        yield SavedLayer(f"{name} (depthwise)", "depthwise", {"weight": arrays.pop("depthwise_kernel")})
        yield SavedLayer(f"{name} (pointwise)", "conv", _renamed(arrays))
    else:
        yield SavedLayer(name, _kind(arrays, label), _renamed(arrays))


def _renamed(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {_KERNELS[n]: a for n, a in arrays.items()}


def _kind(arrays: Mapping[str, np.ndarray], label: str) -> Kind:
    kernel = arrays.get("depthwise_kernel", arrays.get("kernel"))
    if kernel is None or kernel.ndim not in (2, 4):
        shape = "none" if kernel is None else list(kernel.shape)
        raise DataError(f"{label}: expected a kernel of 2 or 4 dimensions, not {shape}")
    return "depthwise" if "depthwise_kernel" in arrays else "dense" if kernel.ndim == 2 else "conv"
