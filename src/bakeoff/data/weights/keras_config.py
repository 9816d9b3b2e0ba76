"""The configuration of a Keras model: its layers in the order in which they compute.

It is read as JSON and nothing else. Keras's own loader builds objects from it, and can be made to run code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bakeoff.data.weights.layers import KerasLayer
from bakeoff.errors import DataError

MAX_BYTES = 16 * 2**20
MAX_LAYERS = 5_000
MODELS = ("Sequential", "Functional", "Model")
"""What holds layers; Functional was called Model by Keras 2."""


def parse_config(text: str | bytes, name: str) -> list[KerasLayer]:
    """The layers of a model; of models inside it, their own. Raises DataError for anything that is not what Keras
    writes, for a layer that is used twice, and for several outputs."""
    if len(text) > MAX_BYTES:
        raise DataError(f"{name}: over {MAX_BYTES:,} bytes")
    try:
        layers = list(_layers_of(json.loads(text), name, "layers"))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise DataError(f"{name}: not the configuration of a Keras model") from error
    if len(layers) > MAX_LAYERS:
        raise DataError(f"{name}: over {MAX_LAYERS:,} layers")
    return layers


def _layers_of(model: Mapping[str, Any], name: str, inside: str) -> Iterator[KerasLayer]:
    if model["class_name"] not in MODELS:
        raise DataError(f"{name}: a model of the class {model['class_name']!r:.80}; expected Sequential or Functional")
    config = model["config"]
    items: Sequence[dict] = config if isinstance(config, list) else config["layers"]
    places, counts = {}, dict[str, int]()
    for item in items:
        kind = _snake_case(item["class_name"])
        number = counts[kind] = counts.get(kind, -1) + 1
        places[_name(item)] = (item, f"{inside}/{kind}_{number}" if number else f"{inside}/{kind}")
    if len(places) != len(items):
        raise DataError(f"{name}: two layers have one name")
    order = list(places) if model["class_name"] == "Sequential" else _computed(items, config["output_layers"], name)
    for layer in order:
        item, group = places[layer]
        if item["class_name"] in MODELS:
            yield from _layers_of(item, name, f"{group}/layers")
        else:
            yield KerasLayer(layer, str(item["class_name"]), dict(item["config"]), group)


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("name") or item["config"]["name"])


def _snake_case(class_name: str) -> str:
    """What Keras calls the group of a layer: DepthwiseConv2D -> depthwise_conv2d."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _computed(items: Sequence[dict], outputs: Any, name: str) -> list[str]:
    """The names of layers of a graph, each after all that it needs; where branches meet, the longest one first, as
    the body of a residual comes before its shortcut."""
    inputs = {}
    for item in items:
        if len(item["inbound_nodes"]) > 1:
            raise DataError(f"{name}: the layer {_name(item)!r:.80} is used more than once, which no model here does")
        inputs[_name(item)] = _names_in(item["inbound_nodes"])
    ends = _names_in(outputs if isinstance(outputs[0], list) else [outputs])
    if len(ends) != 1:
        raise DataError(f"{name}: the model has {len(ends)} outputs; expected one")
    length: dict[str, int] = {}
    for layer in _after(inputs, ends[0], name):
        length[layer] = 1 + max((length[before] for before in inputs[layer]), default=0)
    return _after({n: sorted(of, key=lambda i: -length.get(i, 0)) for n, of in inputs.items()}, ends[0], name)


def _after(inputs: Mapping[str, Sequence[str]], end: str, name: str) -> list[str]:
    """Depth first from the end, without recursion: a network may be deeper than Python's stack."""
    done: dict[str, None] = {}
    path = {end: None}
    while path:
        layer = next(reversed(path))
        missing = [before for before in inputs[layer] if before not in done]
        if not missing:
            done[layer] = path.pop(layer)
        elif missing[0] in path:
            raise DataError(f"{name}: its layers go round in a circle")
        else:
            path[missing[0]] = None
    return list(done)


def _names_in(nodes: Any) -> list[str]:
    """The layers that a piece of a graph names: Keras 3 as {"keras_history": [name, 0, 0]}, Keras 2 as [name, 0, 0]."""
    if isinstance(nodes, Mapping):
        if "keras_history" in nodes:
            return [str(nodes["keras_history"][0])]
        return [found for value in nodes.values() for found in _names_in(value)]
    if not isinstance(nodes, list):
        return []
    if len(nodes) >= 3 and isinstance(nodes[0], str) and all(isinstance(i, int) for i in nodes[1:3]):
        return [nodes[0]]
    return [found for value in nodes for found in _names_in(value)]
