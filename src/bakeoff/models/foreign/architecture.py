"""The architecture `onnx`: a file of somebody else's as a contestant."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from bakeoff.data.kept import keep
from bakeoff.errors import DataError, UsageError, nearest, plain
from bakeoff.models.arguments import Regularisation, Shape, dropped
from bakeoff.models.foreign.layer import width
from bakeoff.models.foreign.pixels import NAMED, Pixels
from bakeoff.models.foreign.reading import Graph, outputs_of, read_graph
from bakeoff.models.layers import Dense, Imported, Layer
from bakeoff.recipe import Frozen

Side = Annotated[int, Field(ge=1, le=4096)]


def _reference(file: str) -> str:
    """A path becomes a reference to what it leads to."""
    try:
        return keep(file).reference
    except DataError as error:
        raise ValueError(str(error)) from error


def _pixels(value: Any) -> Any:
    """A known name, or numbers; an error that is about what was written and not about the other of the two."""
    if isinstance(value, str) and value not in NAMED:
        raise ValueError(f"unknown pixels {value!r}{nearest(value, NAMED)}")
    if not isinstance(value, dict):
        return value
    try:
        return Pixels.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(" ".join([*map(str, first["loc"]), plain(first)])) from error


class OnnxArguments(Frozen):
    """`onnx`: a network from an ONNX file of somebody else's. `file`: its path; a training names it by its content.
    `layout`: nchw or nhwc, how its pictures lie. `pixels`: what it is given of a pixel: unit (0..1), byte (0..255),
    signed (-1..1), imagenet, caffe, mnist, or {scale, mean, std, bgr}. `size`: [height, width] that pictures
    are resized to; what the file says unless given, else the data's. `output`: which of its outputs; `gives`: logits or
    probabilities. `columns`: which of its values stand for the classes, in their order; needed unless there are as many
    as classes. `train`: none takes it as it is, head trains a new last layer on its features, all trains everything
    (with a new last layer if it was made for other classes). `bakeoff import` finds out what to write."""

    file: Annotated[str, AfterValidator(_reference)]
    layout: Literal["nchw", "nhwc"] = "nchw"
    pixels: Annotated[str | Pixels, BeforeValidator(_pixels)] = "unit"
    size: tuple[Side, Side] | None = None
    output: str | None = None
    gives: Literal["logits", "probabilities"] = "logits"
    columns: tuple[int, ...] | None = None
    train: Literal["none", "head", "all"] = "none"

    @model_validator(mode="after")
    def _fits(self) -> OnnxArguments:
        if self.columns is not None and self.train == "head":
            raise ValueError("columns: a new last layer has none; leave them out, or train: none or all")
        return self


def onnx(a: OnnxArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """Dropout comes before a new last layer."""
    if a.output is not None and a.output not in outputs_of(a.file):
        raise UsageError(f"output: the file has no output {a.output!r}{nearest(a.output, outputs_of(a.file))}")
    layer = plain_layer(a, shape)
    if a.train != "head":
        found = width(layer)
        if a.columns is not None:
            _check_columns(a.columns, found, classes)
            return [replace(layer, columns=a.columns, features=classes, train=a.train)]
        if found == classes:
            return [replace(layer, features=found, train=a.train)]
        if a.train == "none":
            raise UsageError(
                f"the file gives {found:,} values a picture, the data has {classes:,} classes: say which of them stand "
                "for these (columns: [...]; or bakeoff import --labels), or give it a new last layer (train: head)"
            )
    trunk = replace(layer, gives="features", train=a.train)
    trunk = replace(trunk, features=width(trunk))
    return [trunk, *dropped(regularisation.dropout), Dense(trunk.features, classes)]


def _check_columns(columns: tuple[int, ...], found: int, classes: int) -> None:
    if len(columns) != classes or len(set(columns)) != classes or not all(0 <= column < found for column in columns):
        raise UsageError(
            f"columns: expected {classes} different numbers from 0 to {found - 1}, one a class, not {list(columns)}"
        )


def plain_layer(a: OnnxArguments, shape: Shape) -> Imported:
    """The file for pictures of `shape` (C, H, W), all its values, not trained. Raises UsageError where they cannot be
    brought together."""
    pixels = NAMED[a.pixels] if isinstance(a.pixels, str) else a.pixels
    graph = read_graph(a.file, a.output)
    if graph.kind == "uint8":
        pixels = NAMED["byte"]
    channels, size = _picture(graph, a, shape, pixels)
    if channels not in (1, 3, shape[0]):
        raise UsageError(f"layout: {a.layout} would mean pictures of {channels} channels; try the other one")
    if shape[0] not in (1, 3, channels):
        raise UsageError(f"the file takes pictures of {channels} channels, the data has {shape[0]}")
    if pixels.channels not in (None, channels):
        raise UsageError(f"pixels: {pixels.channels} values for {channels} channel")
    return Imported(a.file, a.layout, pixels, channels, size, a.output, a.gives, (), 0, "none")


def _picture(graph: Graph, a: OnnxArguments, shape: Shape, pixels: Pixels) -> tuple[int, tuple[int, int]]:
    """(channels, (height, width)) that the file takes: what it says, else what is given, else the data's."""
    c, *data_size = shape
    height, width_ = a.size or data_size
    if len(graph.shape) == 2:
        values = graph.shape[1] or c * height * width_
        if values % (height * width_):
            raise UsageError(
                f"the file takes {values:,} values a picture, which are no pictures of {height} x {width_}"
            )
        return values // (height * width_), (height, width_)
    if len(graph.shape) == 3:
        return 1, (graph.shape[1] or height, graph.shape[2] or width_)
    channels, h, w = (graph.shape[i] for i in ((1, 2, 3) if a.layout == "nchw" else (3, 1, 2)))
    if a.size is not None and (h or height, w or width_) != a.size:
        raise UsageError(f"size: the file takes pictures of {h} x {w}")
    return channels or pixels.channels or c, (h or height, w or width_)
