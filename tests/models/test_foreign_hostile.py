"""Files that are no models, or mean no good: refused in words, nothing else is opened."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from foreign import by_hand, exported, net
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from bakeoff.errors import BakeoffError, UsageError
from bakeoff.models import build, totals

FLAT = helper.make_node("Flatten", ["pictures"], ["flat"])
DENSE = helper.make_node("MatMul", ["flat", "w"], ["scores"])
WEIGHT = np.ones((64, 3), np.float32)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAKEOFF_DATA", str(tmp_path_factory.mktemp("home")))
        yield


def counted(file):
    return totals(build({"onnx": {"file": str(file)}}, input_shape=(1, 8, 8), classes=3))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\x00" * 100, "not an ONNX file"), (b"PK\x03\x04 no model", "not an ONNX file"),
     (b'{"json": 1}' * 50, "not an ONNX file"), (b"\x08\x0a", "not an ONNX file, or one without a model")],
)  # fmt: skip
def test_what_is_no_model(tmp_path, content, said):
    file = tmp_path / "no.onnx"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        counted(file)


def test_weights_in_other_files_are_not_looked_for(tmp_path):
    file = exported(net(), tmp_path / "net.onnx", (1, 8, 8))
    onnx.save(onnx.load(file), tmp_path / "e.onnx", save_as_external_data=True, location="secret.bin", size_threshold=0)
    with pytest.raises(UsageError, match=r"e.onnx: its weights lie in other files"):
        counted(tmp_path / "e.onnx")


def test_graphs_that_are_no_classifier(tmp_path):
    cases = {
        "two inputs": ([FLAT, helper.make_node("MatMul", ["flat", "more"], ["scores"])], {}, "one input, pictures; it"),
        "no weights": ([FLAT, helper.make_node("Identity", ["flat"], ["scores"])], {}, "holds no weights"),
        "unknown operator": (
            [helper.make_node("Nonsense", ["pictures", "w"], ["scores"], domain="evil")], {"w": WEIGHT},
            "onnxruntime cannot run it",
        ),
    }  # fmt: skip
    for name, (nodes, held, said) in cases.items():
        inputs = [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["b", 1, 8, 8])]
        if name == "two inputs":
            inputs.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [64, 3]))
        graph = helper.make_graph(
            nodes, name, inputs, [helper.make_tensor_value_info("scores", TensorProto.FLOAT, None)],
            [onnx.numpy_helper.from_array(array, key) for key, array in held.items()],
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("evil", 1)]
        file = tmp_path / f"{name}.onnx"
        file.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())
        with pytest.raises(UsageError, match=said):
            counted(file)


def test_pictures_of_another_type_or_rank(tmp_path):
    for shape, kind, said in ((["b", 1, 1, 8, 8], TensorProto.FLOAT, "2 to 4 dimensions"),
                              (["b", 1, 8, 8], TensorProto.STRING, "expected pictures as float32")):  # fmt: skip
        graph = helper.make_graph(
            [FLAT, DENSE], "g", [helper.make_tensor_value_info("pictures", kind, shape)],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, None)],
            [onnx.numpy_helper.from_array(WEIGHT, "w")],
        )  # fmt: skip
        file = tmp_path / "odd.onnx"
        file.write_bytes(helper.make_model(graph, ir_version=10).SerializeToString())
        with pytest.raises(UsageError, match=said):
            counted(file)


def test_an_output_that_is_not_a_row_a_picture(tmp_path):
    nodes = [FLAT, DENSE, helper.make_node("ReduceSum", ["scores"], ["all"], keepdims=0)]
    nodes[1] = helper.make_node("MatMul", ["flat", "w"], ["z"])
    nodes[2] = helper.make_node("ReduceSum", ["z"], ["scores"], keepdims=0)
    file = by_hand(tmp_path / "sum.onnx", nodes, ["b", 1, 8, 8], {"w": WEIGHT}, [])
    with pytest.raises(UsageError, match="not one row a picture"):
        counted(file)


@given(st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_that_flipped_is_an_error_in_words_or_another_model(tmp_path_factory, place, byte):
    folder = tmp_path_factory.mktemp("flip")
    file = by_hand(folder / "net.onnx", [FLAT, DENSE], ["b", 1, 8, 8], {"w": WEIGHT}, ["b", 3])
    content = bytearray(file.read_bytes())
    content[place % len(content)] = byte
    file.write_bytes(bytes(content))
    said = ""
    try:
        counted(file)
    except BakeoffError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 1000


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_was_cut_short(tmp_path, share):
    file = by_hand(tmp_path / "net.onnx", [FLAT, DENSE], ["b", 1, 8, 8], {"w": WEIGHT}, ["b", 3])
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UsageError, match=r"net.onnx: not an? (sound )?ONNX file"):
        counted(file)
