"""Every format gives the model's own answers in its own runtime, for every kind of layer."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import numpy as np
import onnx
import pytest
from models import made_up, pictures

from bakeoff.errors import UsageError
from bakeoff.ship.card import Card
from bakeoff.ship.formats import FORMATS, formats_named
from bakeoff.ship.onnx_file import OnnxModel, write_onnx
from bakeoff.ship.safetensors_file import read_safetensors

CNN = {
    "channels": [4, [6, 8]], "activation": "gelu", "batch_norm": "before", "dense": [16], "separable": True,
    "pool": "avg",
}  # fmt: skip
RESIDUAL = {
    "widths": [8, 16], "blocks": [1, 1], "stem": 8, "stem_pool": True, "unit": "bottleneck", "pre_activation": True,
}  # fmt: skip
MODELS = {
    "cnn": ({"cnn": CNN}, (3, 16, 16), 0),
    "residual": ({"residual": RESIDUAL}, (3, 32, 32), 0),
    # Odd seeds subtract a mean picture.
    "mlp": ({"mlp": {"hidden": [9, 8], "activation": "selu", "batch_norm": "after"}}, (3, 8, 9), 1),
    "alexnet, enlarged": ({"alexnet": {"size": 67}}, (1, 16, 16), 0),
    "grey backbone, reduced": (
        {"pretrained": {"backbone": "timm/test_efficientnet", "weights": "none", "size": 32}},
        (1, 40, 40),
        0,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_format_computes_the_model(name, tmp_path):
    architecture, shape, seed = MODELS[name]
    model = made_up(architecture, shape, seed=seed)
    for n in (5, 1):  # the number of pictures is free
        x = pictures(shape, n)
        expected = model.logits(x)
        for format in FORMATS.values():
            path = tmp_path / format.name / format.file
            if n == 5:
                path.parent.mkdir()
                format.write(model, path)
            logits, probabilities = format.open(path)(x)
            np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)
            if probabilities is not None:
                np.testing.assert_allclose(probabilities, model.probabilities(expected), atol=1e-5)


@pytest.fixture(scope="module")
def model():
    return made_up({"cnn": {"channels": [4], "kernel": 3}}, (3, 8, 10), seed=1)


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


def test_onnx_tells_nothing_of_the_machine_it_was_made_on(model, tmp_path):
    write_onnx(model, tmp_path / "m.onnx")
    content = (tmp_path / "m.onnx").read_bytes()
    assert b".py" not in content
    assert b"site-packages" not in content
    assert b"stack_trace" not in content


def test_torch_export_holds_no_pickle_and_no_path(model, tmp_path):
    FORMATS["torch-export"].write(model, tmp_path / "m.pt2")
    with zipfile.ZipFile(tmp_path / "m.pt2") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert content[:2] not in (b"PK", b"\x80\x02"), name
            assert b".py" not in content, name
        assert any(name.endswith("extra/card.json") for name in archive.namelist())


PLAIN = """
import sys, numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
x = np.load(sys.argv[2])
found = loaded.signatures["serving_default"](pictures=tf.constant(x.transpose(0, 2, 3, 1)))
np.save(sys.argv[3], found["logits"].numpy())
assert not {"bakeoff", "torch", "onnx"} & set(sys.modules)
"""


def test_savedmodel_runs_in_plain_tensorflow(model, tmp_path):
    x = pictures((3, 8, 10))
    np.save(tmp_path / "x.npy", x)
    FORMATS["savedmodel"].write(model, tmp_path / "model")
    words = [tmp_path / "model", tmp_path / "x.npy", tmp_path / "y.npy"]
    subprocess.run([sys.executable, "-I", "-c", PLAIN, *map(str, words)], check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.logits(x), rtol=1e-4, atol=1e-5)
    assert Card.model_validate_json((tmp_path / "model/assets.extra/card.json").read_text()) == model.card


def test_safetensors_come_back_bit_for_bit(model, tmp_path):
    FORMATS["safetensors"].write(model, tmp_path / "m.safetensors")
    again = read_safetensors(tmp_path / "m.safetensors")
    x = pictures((3, 8, 10))
    assert again.card == model.card
    assert np.array_equal(again.logits(x), model.logits(x))


def test_formats_by_name():
    assert [f.name for f in formats_named(["savedmodel", "onnx", "savedmodel"])] == ["savedmodel", "onnx"]
    assert {f.name for f in formats_named(["onnx-float", "all"])} == set(FORMATS)
    with pytest.raises(UsageError, match="--to onyx: unknown format; did you mean 'onnx'"):
        formats_named(["onyx"])
    with pytest.raises(UsageError, match="Choose from onnx"):
        formats_named([])


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


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    other = made_up({"linear": {}}, (1, 4, 4))
    with pytest.raises(UsageError, match=r"needs onnxscript, which is not installed: pip install 'bakeoff\[onnx\]'"):
        write_onnx(other, tmp_path / "m.onnx")
