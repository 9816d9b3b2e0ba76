"""How a foreign file takes pictures is found by trying, on training pictures; what cannot be told is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from foreign import by_hand
from onnx import TensorProto, helper

from bakeoff.data import Dataset, Examples
from bakeoff.data.kept import keep
from bakeoff.errors import UsageError
from bakeoff.models.foreign.pixels import NAMED
from bakeoff.ship.customs import Tried, check_alone, check_hope, leaders
from bakeoff.ship.probe import Found, Probe, values_of

COLOURS = np.array([[60, 90, 120], [120, 120, 60], [170, 60, 90]])
SIDE = 6


def shades(n: int, seed: int, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [N, C, 6, 6] whose class is in its colours and their places: an answer depends on layout and scale."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    images = rng.normal(COLOURS[labels][:, :channels, None, None], 40, (n, channels, SIDE, SIDE))
    images[:, :, :, 3:] += 30 * (labels[:, None, None, None] - 1)
    return images.clip(0, 255).astype(np.uint8), labels


def dataset(channels: int = 3) -> Dataset:
    train, test = (Examples(*map(torch.from_numpy, shades(n, seed, channels))) for n, seed in ((900, 1), (90, 2)))
    return Dataset("shades", ("ash", "birch", "cedar"), train, test)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))


def prepared(images: np.ndarray, pixels: str, layout: str) -> np.ndarray:
    """As the file is to see them, by NumPy alone."""
    how = NAMED[pixels]
    x = images[:, ::-1] if how.bgr else images
    mean, std = np.reshape(how.mean, (-1, 1, 1)), np.reshape(how.std, (-1, 1, 1))
    x = (x / 255 * how.scale - mean) / std
    return x.transpose(0, 2, 3, 1) if layout == "nhwc" else x


def linear(path: Path, pixels: str, layout: str, shape: list, *, channels: int = 3, order: tuple = (0, 1, 2),
           softmax: bool = False, kind: int = TensorProto.FLOAT, classes: int = 3) -> str:  # fmt: skip
    """A linear classifier by least squares on pictures of its own; class k of the shades is its value `order`[k]."""
    images, labels = shades(600, 7, channels)
    x = prepared(images, pixels, layout).reshape(len(images), -1)
    x = np.hstack([x, np.ones((len(x), 1))])
    wanted = 4 * np.eye(classes)[np.array(order)[labels]]
    # A ridge in units of the pixels, so that it says the same whatever their scale.
    weight = np.linalg.solve(x.T @ x + 1e-3 * np.trace(x.T @ x) / len(x.T) * np.eye(len(x.T)), x.T @ wanted)
    make = helper.make_node
    names = ["pictures"] if kind == TensorProto.FLOAT else ["floats"]
    cast = [] if kind == TensorProto.FLOAT else [make("Cast", ["pictures"], ["floats"], to=TensorProto.FLOAT)]
    nodes = [
        *cast, make("Flatten", names, ["flat"]),
        make("Gemm", ["flat", "w", "b"], ["z" if softmax else "scores"]),
        *([make("Softmax", ["z"], ["scores"])] if softmax else []),
    ]  # fmt: skip
    held = {"w": weight[:-1].astype(np.float32), "b": weight[-1].astype(np.float32)}
    return keep(by_hand(path, nodes, shape, held, ["n", classes], kind)).reference


def found(file: str, data: Dataset, **given: object) -> Found:
    return Probe({"file": file, **given}, data, np.arange(len(data.train))).find()


FREE = ["n", "x", "y", "z"]


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("pixels", ["unit", "byte", "signed", "imagenet", "caffe"])
def test_layout_and_pixels_that_no_shape_tells_are_found(tmp_path, layout, pixels):
    told = found(linear(tmp_path / "net.onnx", pixels, layout, FREE), dataset())
    best, chosen = told.tried[0], {(one.layout, one.pixels): one for one in told.tried}
    assert told.arguments["layout"] == layout
    right = chosen[layout, pixels]
    assert best.accuracy >= 0.9
    assert best is right or best.alike(right) >= 0.99
    assert all(one.accuracy < best.accuracy for one in told.tried if one.layout != layout)


def test_a_shape_that_tells_the_layout_is_not_argued_with(tmp_path):
    told = found(linear(tmp_path / "grey.onnx", "unit", "nhwc", ["n", 6, 6, 1], channels=1), dataset(1))
    assert told.arguments["layout"] == "nhwc"
    (other,) = [one for one in told.tried if one.layout == "nchw"]
    assert "pictures of 6 channels" in other.refused


def test_whole_numbers_are_given_to_a_file_that_takes_them(tmp_path):
    told = found(linear(tmp_path / "net.onnx", "byte", "nhwc", ["n", 6, 6, 3], kind=TensorProto.UINT8), dataset())
    assert (told.arguments["layout"], told.arguments["pixels"]) == ("nhwc", "byte")
    assert len([one for one in told.tried if not one.refused]) == 1


def test_probabilities_are_told_from_logits(tmp_path):
    shape = ["n", 3, 6, 6]
    assert found(linear(tmp_path / "p.onnx", "unit", "nchw", shape, softmax=True), dataset()).arguments["gives"] == (
        "probabilities"
    )
    assert "gives" not in found(linear(tmp_path / "z.onnx", "unit", "nchw", shape), dataset()).arguments


def test_a_channel_s_own_mean_and_deviation_are_tried_too(tmp_path, monkeypatch):
    from bakeoff.models.foreign.pixels import Pixels

    data = dataset()
    x = data.train.images.double() / 255
    own = Pixels(mean=tuple(x.mean((0, 2, 3)).tolist()), std=tuple(x.std((0, 2, 3)).tolist()))
    with monkeypatch.context() as patch:
        patch.setitem(NAMED, "own", own)
        file = linear(tmp_path / "net.onnx", "own", "nchw", ["n", 3, 6, 6])
    told = found(file, data)
    by_name = {one.pixels: one for one in told.tried}
    assert by_name["data"].accuracy >= told.tried[0].accuracy - 0.01
    if told.tried[0].pixels == "data":
        np.testing.assert_allclose(told.arguments["pixels"]["mean"], own.mean, atol=2e-3)


def test_classes_in_another_order_are_not_judged_but_named(tmp_path):
    file = linear(tmp_path / "net.onnx", "unit", "nchw", ["n", 3, 6, 6], order=(2, 0, 1))
    with pytest.raises(UsageError, match=r"another order.*--labels 'birch,cedar,ash'"):
        found(file, dataset())
    told = found(file, dataset(), columns=(2, 0, 1))
    assert told.tried[0].accuracy > 0.9


def test_columns_of_a_file_that_knows_more_classes(tmp_path):
    file = linear(tmp_path / "net.onnx", "unit", "nchw", ["n", 3, 6, 6], order=(4, 0, 3), classes=6)
    assert values_of({"file": file}, dataset()) == 6
    assert found(file, dataset(), columns=(4, 0, 3)).tried[0].accuracy > 0.9


def test_features_are_enough_where_the_classes_are_others(tmp_path):
    """Two layers, the last of which knows nothing of ours: what it takes tells layout and scale all the same."""
    _images, _ = shades(600, 7)
    hidden = np.random.default_rng(0).normal(size=(108, 64)).astype(np.float32) / 3
    make = helper.make_node
    nodes = [make("Flatten", ["pictures"], ["flat"]), make("MatMul", ["flat", "h"], ["a"]), make("Relu", ["a"], ["r"]),
             make("MatMul", ["r", "w"], ["scores"])]  # fmt: skip
    held = {"h": hidden, "w": np.ones((64, 8), np.float32)}
    file = keep(by_hand(tmp_path / "net.onnx", nodes, ["n", 3, 6, 6], held, ["n", 8])).reference
    told = found(file, dataset(), train="head")
    assert told.tried[0].accuracy > 0.85
    assert told.tried[0].pictures == 450
    assert told.arguments["train"] == "head"


def test_what_knows_nothing_of_the_classes_is_refused_with_figures(tmp_path):
    weight = np.random.default_rng(3).normal(size=(108, 3)).astype(np.float32)
    weight -= weight.mean(0)
    nodes = [helper.make_node("Flatten", ["pictures"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["scores"])]
    file = keep(by_hand(tmp_path / "net.onnx", nodes, ["n", 3, 6, 6], {"w": weight * 0}, ["n", 3])).reference
    with pytest.raises(UsageError, match=r"does clearly better than always naming.*33\.\d+%.*nchw unit: \d"):
        found(file, dataset())


def test_a_little_better_than_guessing_is_luck_among_many_but_not_if_it_was_said():
    """Wrong customs of a net that is no good may well come to 16% of ten classes."""
    labels = np.arange(5000) % 10
    answers = np.where(np.arange(5000) < 800, labels, (labels + 1) % 10)
    weak = Tried("nchw", "caffe", answers, labels)
    others = Tried("nchw", "unit", (labels + 1) % 10, labels)
    with pytest.raises(UsageError, match=r"\(10\.00%\): nchw caffe: 16\.00%"):
        check_hope(weak, [weak, others])
    check_hope(weak, [weak])


def test_what_takes_no_such_pictures_says_so(tmp_path):
    make = helper.make_node
    nodes = [make("Flatten", ["pictures"], ["f"]), make("MatMul", ["f", "w"], ["scores"])]
    file = by_hand(tmp_path / "five.onnx", nodes, FREE, {"w": np.ones((5, 3), np.float32)}, ["n", 3])
    with pytest.raises(UsageError, match=r"it takes none of these pictures: nchw: .*cannot take pictures.*; nhwc: "):
        values_of({"file": keep(file).reference}, dataset())


def test_what_no_layout_would_help_is_said_once(tmp_path):
    """PyTorch's exporter writes weights beside the model unless it is told not to."""
    nodes = [helper.make_node("Flatten", ["pictures"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["scores"])]
    whole = by_hand(tmp_path / "whole.onnx", nodes, FREE, {"w": np.ones((108, 3), np.float32)}, ["n", 3])
    file = tmp_path / "parts.onnx"
    onnx.save(onnx.load(whole), file, save_as_external_data=True, location="parts.data", size_threshold=0)
    with pytest.raises(UsageError, match=r"^parts.onnx: its weights lie in other files.*external_data=False"):
        values_of({"file": keep(file).reference}, dataset())


LABELS = np.arange(500) % 2


def answering(wrong: slice, pixels: str = "unit") -> Tried:
    answers = LABELS.copy()
    answers[wrong] = 1 - answers[wrong]
    return Tried("nchw", pixels, answers, LABELS)


def test_two_customs_as_good_that_answer_differently_are_refused():
    first, second = answering(slice(0, 30)), answering(slice(30, 62), "signed")
    best, *others = leaders([first, second])
    assert (best, others) == (first, [second])
    with pytest.raises(UsageError, match=r"as good and answer 87\.60% alike.*nchw unit: 94\.00%.*nchw signed: 93\.60%"):
        check_alone(best, others)


def test_one_that_is_clearly_better_or_answers_alike_stands_alone():
    best, bad, twin = answering(slice(0, 20)), answering(slice(0, 90), "byte"), answering(slice(0, 22), "signed")
    assert leaders([bad, best]) == [best]
    check_alone(best, leaders([best, bad, twin])[1:])
    check_hope(best, [best, bad])
    with pytest.raises(UsageError, match="no way to give it pictures works: nhwc any: of no use"):
        leaders([Tried("nhwc", "any", refused="of no use")])
