"""Every format gives the model's own answers in its own runtime, for every kind of layer."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import numpy as np
import pytest
from models import check_every_format, pictures

from bakeoff.errors import UsageError
from bakeoff.ship.card import Card
from bakeoff.ship.formats import FORMATS, formats_named
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
}


@pytest.mark.parametrize("name", MODELS)
def test_every_format_computes_the_model(name, tmp_path):
    check_every_format(*MODELS[name], tmp_path)


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
    assert [f.name for f in formats_named(["onnx,savedmodel", "onnx-nhwc, onnx"])] == [
        "onnx",
        "savedmodel",
        "onnx-nhwc",
    ]
    with pytest.raises(UsageError, match="--to onyx: unknown format; did you mean 'onnx'"):
        formats_named(["onyx"])
    with pytest.raises(UsageError, match="Choose from onnx"):
        formats_named([])
