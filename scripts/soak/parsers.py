"""Every reader of bytes from outside, with small sound files to start from. It may raise BakeoffError, nothing else."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image

from bakeoff.data.cifar_files import find_files
from bakeoff.data.idx import read_idx
from bakeoff.data.npz import read_npz
from bakeoff.data.pictures import FORMATS, read_pixels
from bakeoff.data.torchfile import read_torch_file
from bakeoff.data.unpickle import unpickle
from bakeoff.data.weights import read_weights
from bakeoff.data.weights.keras_config import parse_config
from bakeoff.models.foreign.reading import graph_of
from bakeoff.runs import Store, TrialStore, load_run
from bakeoff.runs.files import MANIFEST, to_json
from bakeoff.runs.ledger import looks
from bakeoff.ship.onnx_file import OnnxModel
from bakeoff.ship.safetensors_file import read_safetensors
from bakeoff.study.yaml_file import read_yaml
from bakeoff.train.checkpoint import read_checkpoint
from scripts.soak.exports import keras_configurations, onnx_files, safetensors_files, weights_files
from scripts.soak.keras_files import keras_files, read_keras
from scripts.soak.study_parsers import study_parsers

PIXELS = np.arange(2 * 6 * 6, dtype=np.uint8).reshape(2, 6, 6)


@dataclass(frozen=True)
class Parser:
    seeds: list[bytes]
    parse: Callable[[bytes], object]
    dear: int = 1
    """How many times fewer inputs it is given than the others, because each takes so long."""


def parsers(folder: Path, study: Path) -> dict[str, Parser]:
    """By name. `folder`: where files for them may be written, best in memory; `study`: a finished study folder."""

    def file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        path = folder / name

        def parse(content: bytes) -> object:
            path.write_bytes(content)
            return read(path)

        return parse

    layout = [("a.bin", "b.bin")]
    return {
        "IDX, plain and gzipped": Parser(_idx(), file("x-idx3-ubyte", lambda p: read_idx(p, dimensions=3))),
        "NPZ": Parser(_npz(), file("x.npz", lambda p: read_npz(p, ("images", "labels", "names")))),
        "CIFAR pickles": Parser(_pickles(), lambda content: unpickle(content, "x")),
        "CIFAR archives": Parser(_tars(), file("x.tar", lambda p: find_files("cifar10", p, layout))),
        "pictures": Parser(_pictures(), file("x.png", lambda p: read_pixels(p, size=8, channels=3))),
        "PyTorch weights": Parser(_weights(), file("x.pt", read_torch_file)),
        "study files (YAML)": Parser(_studies(), _yaml),
        "checkpoints (safetensors)": Parser(_checkpoints(), file("x.safetensors", read_checkpoint)),
        "shards of trials (Parquet)": Parser(
            _shards(study), file("x.parquet", lambda p: TrialStore(p.parent).read("x"))
        ),
        "ledgers (JSON lines)": Parser(_ledgers(), file("x.jsonl", looks)),
        "ONNX models": Parser(onnx_files(), file("x.onnx", lambda p: OnnxModel(p, threads=1))),
        "ONNX models of others": Parser(onnx_files(), lambda content: graph_of(content, "x.onnx")),
        "weights of others (PyTorch, safetensors)": Parser(weights_files(), file("z.pt", read_weights)),
        "Keras configurations (JSON)": Parser(keras_configurations(), lambda content: parse_config(content, "x.keras")),
        "exported safetensors": Parser(safetensors_files(folder), file("y.safetensors", read_safetensors)),
        "run folders (JSON)": Parser(*_run(folder, study)),
        **{name: Parser(*seeded) for name, seeded in study_parsers(folder, study).items()},
        "weights of Keras (HDF5, in a process of its own)": Parser(keras_files(), file("x.keras", read_keras), dear=40),
    }


def _idx() -> list[bytes]:
    plain = b"\0\0\x08\x03" + np.array(PIXELS.shape, ">u4").tobytes() + PIXELS.tobytes()
    return [plain, gzip.compress(plain)]


def _npz() -> list[bytes]:
    out = []
    for save in (np.savez, np.savez_compressed):
        buffer = io.BytesIO()
        save(buffer, images=PIXELS, labels=np.arange(2), names=np.array(["a", "b"]))
        out.append(buffer.getvalue())
    return out


def _pickles() -> list[bytes]:
    value = {b"labels": [1, 2, 300], b"data": PIXELS.reshape(2, -1), b"names": [b"a", "b"], b"more": (None, True, (1,))}
    return [pickle.dumps(value, protocol) for protocol in range(5)]


def _tars() -> list[bytes]:
    out = []
    kinds: dict[Literal["w", "w:gz", "w:bz2"], int] = {
        "w": tarfile.GNU_FORMAT, "w:gz": tarfile.PAX_FORMAT, "w:bz2": tarfile.GNU_FORMAT,
    }  # fmt: skip
    for mode, form in kinds.items():
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode, format=form) as archive:
            for name in ("d/a.bin", "d/b.bin", "d/" + "long" * 30):
                info = tarfile.TarInfo(name)
                info.size = 40
                archive.addfile(info, io.BytesIO(bytes(range(40))))
        out.append(buffer.getvalue())
    return out


def _pictures() -> list[bytes]:
    out = []
    for mode in ("RGB", "L"):
        for kind in FORMATS:
            buffer = io.BytesIO()
            Image.fromarray(PIXELS[0]).convert(mode).save(buffer, kind)
            out.append(buffer.getvalue())
    return out


def _weights() -> list[bytes]:
    out = []
    for zipped in (True, False):
        buffer = io.BytesIO()
        whole = torch.ones(4, 3)
        state = {"a.weight": whole[:2], "b": torch.zeros(2, dtype=torch.int64), "c.weight": whole[2:].t()}
        torch.save(state, buffer, _use_new_zipfile_serialization=zipped)
        out.append(buffer.getvalue())
    return out


def _studies() -> list[bytes]:
    return [
        b"study: x\nseeds: 3\nrecipes:\n  plain: {lr: 1e-3, epochs: [1, 2], 'a b': \"c\\n\"}\n"
        b"entries:\n- a: &x {b: c}\n- *x\n",
        b"a: &a [1, 2.5, .5, ~, yes]\nb: *a\nc: |\n  text\n  more\nd: !!str 3\n? e\n: {f: 0x1F}\n",
    ]


def _yaml(content: bytes) -> object:
    return read_yaml(content.decode("utf-8", "replace"), "x.yaml")


def _checkpoints() -> list[bytes]:
    from safetensors.torch import save

    state = {"schema": 1, "keys": ["a"], "epoch": 1, "alive": [0], "steps": 3, "progress": []}
    return [save({"model/w": torch.ones(2, 3), "steps/0": torch.zeros(4)}, metadata={"state": json.dumps(state)})]


def _shards(study: Path) -> list[bytes]:
    """Without a sum, so that what lies behind the sum is reached too."""
    import pyarrow.parquet as pq

    out = []
    for path in sorted(study.glob("trials/*/*.parquet"))[:1]:
        buffer = io.BytesIO()
        pq.write_table(pq.read_table(path).replace_schema_metadata({"bakeoff_schema": "1"}), buffer)
        out += [path.read_bytes(), buffer.getvalue()]
    return out


def _ledgers() -> list[bytes]:
    line = json.dumps({"run": "a" * 64, "test_fingerprint": "b" * 64, "when": "2026-01-01T00:00:00+00:00"}).encode()
    return [line + b"\n" + line + b"\n"]


def _run(folder: Path, study: Path) -> tuple[list[bytes], Callable[[bytes], object]]:
    """A run folder of a stranger, who can write a manifest that is right whatever the files hold. The first byte says
    which file the others are."""
    key = next(iter(Store(study)))
    path = folder / key
    shutil.copytree(Store(study).paths.run(key), path, dirs_exist_ok=True)
    whole = {file.name: file.read_bytes() for file in path.iterdir() if file.name != MANIFEST}
    names = ("job.json", "curves.jsonl", "summary.json")

    def parse(content: bytes) -> object:
        files = whole | ({names[content[0] % 3]: content[1:]} if content else {})
        for name in names:
            (path / name).write_bytes(files[name])
        sums = {n: {"size": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()}
        (path / MANIFEST).write_text(to_json(sums))
        return load_run(path)

    return [bytes([i]) + whole[name] for i, name in enumerate(names)], parse
