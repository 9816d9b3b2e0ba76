"""Files of weights made to hang a reader, to fill the memory, or to reach outside; and others that are no weights."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from bakeoff.data.kept import keep
from bakeoff.data.weights import hdf5, kept_weights, read_weights
from bakeoff.data.weights.keras_config import parse_config
from bakeoff.errors import DataError

LAYERS = [
    {"class_name": "InputLayer", "config": {"name": "pictures", "batch_shape": [None, 4, 4, 1]}},
    {"class_name": "Flatten", "config": {"name": "flatten"}},
    {"class_name": "Dense", "config": {"name": "dense", "use_bias": True, "activation": "linear"}},
]
CONFIG = {"class_name": "Sequential", "config": {"name": "m", "layers": LAYERS}}


def fill(file: h5py.File) -> None:
    """As Keras 3 writes it: one dense layer, a dropout's seed, the optimiser's state."""
    file["layers/dense/vars/0"] = np.ones((16, 3), np.float32)
    file["layers/dense/vars/1"] = np.zeros(3, np.float32)
    file["layers/dropout/seed_generator/vars/0"] = np.array([1, 2], np.uint32)
    file["optimizer/vars/0"] = np.int64(7)


@pytest.fixture
def h5(tmp_path) -> Path:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        fill(file)
    return tmp_path / "m.weights.h5"


def archive(path: Path, config: object = CONFIG, weights=fill, method: int = zipfile.ZIP_STORED) -> Path:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        weights(file)
    with zipfile.ZipFile(path, "w", method) as out:
        out.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        out.writestr("model.weights.h5", content.getvalue())
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_weights(path)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 600 + len(str(path))
    assert path.name in message or "\\" in message
    return message


def test_plain_files_are_read(tmp_path, h5):
    for path in (h5, archive(tmp_path / "m.keras")):
        (layer,) = read_weights(path).layers
        assert (layer.name, layer.kind, layer.tensors["weight"].shape) == ("dense", "dense", (16, 3))
    assert read_weights(h5).steps is None
    assert [step.class_name for step in read_weights(tmp_path / "m.keras").steps] == ["InputLayer", "Flatten", "Dense"]


def test_a_file_is_what_its_content_says(tmp_path, h5):
    h5.rename(tmp_path / "w.pth")
    assert read_weights(tmp_path / "w.pth").maker == "keras"
    save_file({"0.weight": np.ones((3, 16), np.float32)}, tmp_path / "w.keras")
    assert read_weights(tmp_path / "w.keras").maker == "torch"


def test_compressed_arrays_are_read(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.ones((1000, 3)), compression="gzip", shuffle=True)
    (layer,) = read_weights(tmp_path / "m.h5").layers
    assert layer.tensors["weight"].shape == (1000, 3)


LINKS = {
    "external": lambda secret: h5py.ExternalLink(secret, "/layers/dense/vars/0"),
    "soft": lambda _: h5py.SoftLink("/layers/dense/vars/1"),
    "dangling": lambda _: h5py.SoftLink("/nowhere"),
}


@pytest.mark.parametrize("kind", LINKS)
def test_links_are_not_followed(tmp_path, h5, kind):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        fill(file)
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = LINKS[kind](str(tmp_path / "secret.h5"))
    assert "layers/dense/vars/0 is a link to elsewhere, which is not followed" in refused(h5)


def test_data_in_other_files_is_not_opened(tmp_path, h5):
    (tmp_path / "raw").write_bytes(bytes(16 * 3 * 4))
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", (16, 3), "f4", external=[(str(tmp_path / "raw"), 0, 192)])
    assert "lies in other files, which are not opened" in refused(h5)


def test_a_virtual_dataset_is_not_opened(tmp_path, h5):
    layout = h5py.VirtualLayout((16, 3), "f4")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (16, 3))
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_virtual_dataset("layers/dense/vars/0", layout)
    assert "lies in other files, which are not opened" in refused(h5)


@pytest.mark.parametrize("chunks", [None, (256, 256)])
def test_a_shape_of_terabytes_is_not_allocated(h5, chunks):
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", (2**20, 2**20), "f4", chunks=chunks, fillvalue=1)
    assert "announces 4,398,046,511,104 bytes" in refused(h5)


def test_a_compressed_bomb_is_not_unpacked(h5):
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        big = file.create_dataset(
            "layers/dense/vars/0", (2**14, 2**14), "f4", chunks=(2**10, 2**10), compression="gzip"
        )
        big[:1024, :1024] = 0  # one of 256 pieces
    assert "announces 1,073,741,824 bytes" in refused(h5)


def test_all_arrays_together_have_a_limit(h5, monkeypatch):
    monkeypatch.setattr(hdf5, "MAX_BYTES", 200)
    assert "announces 12 bytes; the file has at most 8 for it" in refused(h5)


def test_what_goes_round_in_circles_is_ended(h5, monkeypatch):
    """The HDF5 library does, over a few changed bytes."""
    monkeypatch.setattr(hdf5, "SECONDS", 0.0)
    assert "damaged: not read in 0 s" in refused(h5)


def test_a_crash_of_the_library_is_not_ours(h5, tmp_path, monkeypatch):
    (tmp_path / "crash.py").write_text("import os; os.abort()")
    monkeypatch.setattr(hdf5.hdf5_child, "__file__", str(tmp_path / "crash.py"))
    assert "damaged: it ends in a crash" in refused(h5)


def test_filters_that_load_code_are_refused(h5):
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", data=np.ones((16, 3), np.float32), compression="lzf")
    assert "compressed in a way that is not read" in refused(h5)


def test_groups_in_a_circle_end(h5):
    with h5py.File(h5, "a") as file:
        file["layers/again"] = file["layers"]
        file["layers/once_more"] = file["layers"]
    assert "more groups and arrays than a file of weights has" in refused(h5)


def test_thousands_of_arrays_are_refused(h5, monkeypatch):
    monkeypatch.setattr(hdf5, "MAX_OBJECTS", 10)
    assert "more groups and arrays" in refused(h5)


@pytest.mark.parametrize("what", [np.array([b"x"]), np.ones(3, np.int32), np.ones(3, np.complex64)])
def test_what_are_no_weights(h5, what):
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = what
    assert "weights are float16, float32 or float64" in refused(h5)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_numbers_that_are_none(h5, value):
    with h5py.File(h5, "a") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = np.array([0, value, 0])
    assert "dense: bias holds" in refused(h5)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_refused(tmp_path, h5, share):
    for path in (h5, archive(tmp_path / "m.keras"), archive(tmp_path / "z.keras", method=zipfile.ZIP_DEFLATED)):
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        refused(path)


def test_changed_bytes_never_end_in_anything_but_an_error_or_layers(tmp_path, h5):
    rng = np.random.default_rng(0)
    for original in (h5.read_bytes(), archive(tmp_path / "m.keras").read_bytes()):
        for _ in range(15):
            content = bytearray(original)
            for at in rng.integers(0, len(content), 4):
                content[at] = rng.integers(256)
            (tmp_path / "changed").write_bytes(content)
            with contextlib.suppress(DataError):
                assert len(read_weights(tmp_path / "changed").layers) <= 2


def with_layers(*items: dict, **config: object) -> dict:
    return {"class_name": "Functional", "config": {"layers": list(items), **config}}


def node(name: str, *inputs: str, kind: str = "Flatten", times: int = 1) -> dict:
    call = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [i, 0, 0]}} for i in inputs]}
    return {"class_name": kind, "config": {}, "name": name, "inbound_nodes": [call] * times if inputs else []}


CONFIGS = {
    "no JSON": ("{", "not the configuration of a Keras model"),
    "a list": ([], "not the configuration of a Keras model"),
    "deep": ("[" * 200_000, "not the configuration of a Keras model"),
    "its own class": ({"class_name": "Mine", "config": {}}, "a model of the class 'Mine'; expected Sequential"),
    "no layers": ({"class_name": "Sequential", "config": {}}, "not the configuration of a Keras model"),
    "one name": ({"class_name": "Sequential", "config": {"layers": LAYERS[1:2] * 2}}, "two layers have one name"),
    "a circle": (with_layers(node("a", "b"), node("b", "a"), output_layers=[["a", 0, 0]]), "go round in a circle"),
    "twice": (with_layers(node("a"), node("b", "a", times=2), output_layers=[["b", 0, 0]]), "used more than once"),
    "two ends": (with_layers(node("a"), node("b", "a"), output_layers=[["a", 0, 0], ["b", 0, 0]]), "has 2 outputs"),
    "no such layer": (with_layers(node("a", "z"), output_layers=[["a", 0, 0]]), "not the configuration"),
    "a layer less": ({"class_name": "Sequential", "config": {"layers": LAYERS[:2]}}, "belongs to no layer of config"),
    "its own layer": ({"class_name": "Sequential", "config": {"layers": [
        *LAYERS[:2], {"class_name": "Lambda", "config": {"name": "dense"}}]}}, "belongs to no layer of config.json"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONFIGS)
def test_configurations_that_are_none(tmp_path, what):
    config, words = CONFIGS[what]
    assert words in refused(archive(tmp_path / "m.keras", config))


def test_a_deep_graph_does_not_end_in_a_recursion(tmp_path):
    names = [f"n{i}" for i in range(3000)]
    chain = [node(name, *before) for name, before in zip(names, [(), *((n,) for n in names)], strict=False)]
    path = archive(tmp_path / "m.keras", with_layers(*chain, output_layers=[[names[-1], 0, 0]]), lambda _: None)
    assert [step.name for step in read_weights(path).steps] == names


def test_graphs_as_keras_2_wrote_them():
    """The body of a residual before its shortcut, which the sum names first and the list has in between."""

    def old(name: str, *inputs: str, kind: str = "Conv2D") -> dict:
        return {"class_name": kind, "config": {}, "name": name, "inbound_nodes": [[[i, 0, 0, {}] for i in inputs]]}

    first = {"class_name": "InputLayer", "config": {}, "name": "in", "inbound_nodes": []}
    layers = [first, old("a", "in"), old("short", "in"), old("b", "a"), old("sum", "short", "b", kind="Add")]
    model = {"class_name": "Model", "config": {"layers": layers, "output_layers": [["sum", 0, 0]]}}
    steps = parse_config(json.dumps(model), "m.h5")
    assert [step.name for step in steps] == ["in", "a", "b", "short", "sum"]
    assert [step.group for step in steps if step.class_name == "Conv2D"] == [
        "layers/conv2d", "layers/conv2d_2", "layers/conv2d_1",
    ]  # fmt: skip


def test_groups_as_tensorflow_2_13_called_them(tmp_path):
    def older(file: h5py.File) -> None:
        file["_layer_checkpoint_dependencies/dense/vars/0"] = np.ones((16, 3), np.float32)
        file["_layer_checkpoint_dependencies/dense/vars/1"] = np.zeros(3, np.float32)

    (layer,) = read_weights(archive(tmp_path / "m.keras", weights=older)).layers
    assert layer.name == "dense"


def test_an_announced_giant_in_an_archive_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("config.json", " " * 2**25)
        out.writestr("model.weights.h5", b"")
    assert "config.json announces 33,554,432 bytes" in refused(tmp_path / "m.keras")


def test_a_member_that_is_missing(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as out:
        out.writestr("config.json", json.dumps(CONFIG))
    assert "model.weights.h5 is missing" in refused(tmp_path / "m.keras")


def legacy(path: Path, names: object = ("dense/kernel:0", "dense/bias:0"), layers: object = ("dense",)) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = layers
        group = file.create_group("dense")
        group.attrs["weight_names"] = names
        group["dense/kernel:0"] = np.ones((16, 3), np.float32)
        group["dense/bias:0"] = np.ones(3, np.float32)
    return path


def test_lists_of_the_older_form(tmp_path):
    assert read_weights(legacy(tmp_path / "a.h5")).ordered
    assert "dense/gamma:0 is listed, but not there" in refused(
        legacy(tmp_path / "b.h5", ["dense/gamma:0", "dense/moving_mean:0"])
    )
    assert "holds 1 arrays, not the weights of" in refused(legacy(tmp_path / "c.h5", ["dense/what:0"]))
    assert "not the text that Keras writes there" in refused(legacy(tmp_path / "d.h5", layers=np.arange(3)))


def test_other_files(tmp_path):
    (tmp_path / "empty.pt").touch()
    (tmp_path / "text.keras").write_text("weights")
    with h5py.File(tmp_path / "nothing.h5", "w"):
        pass
    torch.save({"a.b": torch.ones(2, 2, 2)}, tmp_path / "odd.pt")
    save_file({"x": np.ones(3, np.float32)}, tmp_path / "cut.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "cut.safetensors").read_bytes()[:-4])
    for name in ("empty.pt", "text.keras", "nothing.h5", "odd.pt", "cut.safetensors", "gone.h5"):
        refused(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.h5")
    assert "not a plain file" in refused(tmp_path / "pipe.h5")


def test_hostile_names_are_printed_as_escapes(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["layers/dense\x1b[31m\n/vars/0"] = np.ones((2, 2), np.float32)
    assert "\\x1b[31m\\n" in refused(tmp_path / "m.h5")


def test_without_h5py_it_says_what_to_install(h5, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(Exception, match=r"pip install 'bakeoff\[keras\]'"):
        read_weights(h5)


def test_a_kept_file_is_refused_under_the_name_that_it_came_with_last(tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    for name in ("other.safetensors", "mine.keras"):
        (tmp_path / name).write_text("no weights at all")
        reference = keep(tmp_path / name).reference
    with pytest.raises(DataError, match=r"^mine\.keras: ") as refused:
        kept_weights(reference)
    assert "home" not in str(refused.value)
