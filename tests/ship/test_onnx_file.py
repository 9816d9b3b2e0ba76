"""ONNX files: what they say of themselves, what they keep to themselves, and strangers' files."""

from __future__ import annotations

import json
import sys

import onnx
import pytest
from models import made_up, pictures

from bakeoff.errors import UsageError
from bakeoff.ship.card import Card
from bakeoff.ship.onnx_file import OnnxModel, write_onnx


def test_onnx_says_what_it_takes_and_gives(model, tmp_path):
    path = tmp_path / "m.onnx"
    for nhwc, unit, entry in (
        (False, False, [onnx.TensorProto.UINT8, "batch", 3, 8, 10]),
        (True, False, [onnx.TensorProto.UINT8, "batch", 8, 10, 3]),
        (False, True, [onnx.TensorProto.FLOAT, "batch", 3, 8, 10]),
    ):
        write_onnx(model, path, nhwc=nhwc, unit=unit)
        proto = onnx.load(path, load_external_data=False)
        onnx.checker.check_model(proto, full_check=True)
        (given,) = proto.graph.input
        kind = given.type.tensor_type
        assert [kind.elem_type, *(d.dim_param or d.dim_value for d in kind.shape.dim)] == entry
        assert [o.name for o in proto.graph.output] == (["logits"] if unit else ["probabilities", "logits"])
        assert [(o.domain, o.version) for o in proto.opset_import] == [("", 18)]
        told = {p.key: p.value for p in proto.metadata_props}
        assert Card.from_metadata(told, "m") == model.card
        assert json.loads(told["classes"]) == [f"class {i}" for i in range(5)]
        assert told["layout"] == ("NHWC" if nhwc else "NCHW")
        assert told["takes"] == ("float32 0..1" if unit else "uint8 0..255")
        assert told["normalisation"].startswith("inside")


def test_onnx_tells_nothing_of_the_machine_it_was_made_on(model, tmp_path):
    write_onnx(model, tmp_path / "m.onnx")
    content = (tmp_path / "m.onnx").read_bytes()
    assert b".py" not in content
    assert b"site-packages" not in content
    assert b"stack_trace" not in content


@pytest.fixture
def elsewhere(model, tmp_path):
    """An ONNX file whose first weights lie in another file."""
    write_onnx(model, tmp_path / "m.onnx")
    proto = onnx.load(tmp_path / "m.onnx")
    onnx.save(proto, tmp_path / "e.onnx", save_as_external_data=True, location="secret.bin", size_threshold=0)
    return tmp_path / "e.onnx"


def test_an_onnx_file_that_points_to_others_is_refused(elsewhere):
    with pytest.raises(UsageError, match="its weights lie in other files"):
        OnnxModel(elsewhere)


def test_so_is_one_that_does_it_inside_a_node(elsewhere):
    proto = onnx.load(elsewhere, load_external_data=False)
    tensor = proto.graph.initializer.pop(0)
    while tensor.data_location != onnx.TensorProto.EXTERNAL:
        tensor = proto.graph.initializer.pop(0)
    del proto.graph.initializer[:]
    inner = onnx.helper.make_graph([onnx.helper.make_node("Constant", [], ["c"], value=tensor)], "inner", [], [])
    proto.graph.node.insert(0, onnx.helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner))
    elsewhere.write_bytes(proto.SerializeToString())
    with pytest.raises(UsageError, match="its weights lie in other files"):
        OnnxModel(elsewhere)


def answering(shape, outputs):
    """A file that somebody else made: x, float32 `shape`, handed on under these names."""
    entry = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)
    given = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs]
    nodes = [onnx.helper.make_node("Identity", ["x"], [name]) for name in outputs]
    graph = onnx.helper.make_graph(nodes, "g", [entry], given)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)


def test_a_file_of_other_outputs_or_other_sizes_is_refused_in_one_line(tmp_path):
    onnx.save(answering(["b", 3, 4, 4], ["scores"]), tmp_path / "a.onnx")
    with pytest.raises(UsageError, match=r"a\.onnx: expected one input, and an output called logits"):
        OnnxModel(tmp_path / "a.onnx")
    onnx.save(answering(["b", 3, 4, 4], ["logits"]), tmp_path / "b.onnx")
    with pytest.raises(UsageError, match=r"b\.onnx: cannot take pictures \[2, 3, 8, 8\]") as error:
        OnnxModel(tmp_path / "b.onnx")(pictures((3, 8, 8), 2))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x0a" * 40])
def test_what_is_no_onnx_file_is_said_in_one_line(content, tmp_path):
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(UsageError, match=r"m\.onnx: (not an ONNX file|onnxruntime cannot run it)") as error:
        OnnxModel(tmp_path / "m.onnx")
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"m\.onnx: cannot be read \(No such file"):
        OnnxModel(tmp_path / "m.onnx")
    with pytest.raises(UsageError, match=r"cannot be read \(Is a directory"):
        OnnxModel(tmp_path)


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    other = made_up({"linear": {}}, (1, 4, 4))
    with pytest.raises(UsageError, match=r"needs onnxscript, which is not installed: pip install 'bakeoff\[onnx\]'"):
        write_onnx(other, tmp_path / "m.onnx")
