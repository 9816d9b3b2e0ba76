"""A short soak: the same harm as `make soak` does, less of it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from bakeoff.ship.onnx_file import OnnxModel
from scripts.soak import fuzz, hostile, names, onnx_files
from scripts.soak.mutate import mutate
from scripts.soak.parsers import Parser, parsers
from scripts.soak.parts import OLD
from scripts.soak.table import DOCS, PARTS, Row, keep, page

SHORT = """
import json, sys
from functools import partial
from pathlib import Path
import torch
torch.set_num_threads(1)
from scripts.soak import damage, faults, index, kills
from scripts.soak.study import prepare, start, wait_for
from scripts.soak.syscalls import kill_at
folder = Path(sys.argv[1])
sandbox = prepare(folder)
killed = kills.kill_runs(sandbox, folder, 3)
faulty = faults.inject(sandbox, folder, 4)
wait_for(start(sandbox.file, folder / "half", partial(kill_at, len(sandbox.calls))))
damaged = damage.damage(folder / "half", 100)
print(json.dumps({
    "runs": len(sandbox.hashes), "kills": killed.kills, "studies": killed.studies,
    "checkpoints": len(list((folder / "half").glob("packs/*/*.safetensors"))),
    "after kills": killed.unreadable + killed.lost + killed.different,
    "faults": sum(faulty.injected.values()), "after faults": faulty.wrong,
    "index": index.open_together(folder / "undisturbed", folder, 8, 10),
    "cut": damaged.cut, "flipped": [damaged.flipped, damaged.of_content],
    "after damage": damaged.unnoticed + damaged.harmed,
}))
"""


@pytest.fixture(scope="module")
def soaked(tmp_path_factory) -> dict:
    """In a process of its own, because it forks."""
    root = Path(__file__).parents[2]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    command = [sys.executable, "-c", SHORT, str(tmp_path_factory.mktemp("soak"))]
    done = subprocess.run(command, env=env, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_kills_lose_nothing(soaked):
    assert soaked["runs"] == 6
    assert soaked["kills"] >= 3
    assert soaked["studies"] >= 1
    assert soaked["after kills"] == []


def test_every_fault_is_told_and_resumed_from(soaked):
    assert soaked["faults"] == 4
    assert soaked["after faults"] == []


def test_many_open_one_index(soaked):
    assert soaked["index"] == []


def test_damage_is_noticed_and_harms_nobody_else(soaked):
    assert soaked["cut"] > 50
    assert soaked["flipped"] == [100, 10]
    assert soaked["checkpoints"] == 1
    assert soaked["after damage"] == []


PARSERS = ("IDX, plain and gzipped", "NPZ", "CIFAR pickles", "CIFAR archives", "pictures", "PyTorch weights",
           "study files (YAML)", "checkpoints (safetensors)", "shards of trials (Parquet)", "ledgers (JSON lines)",
           "ONNX models", "ONNX models of others", "weights of others (PyTorch, safetensors)",
           "Keras configurations (JSON)", "exported safetensors", "run folders (JSON)", "plans (JSON)",
           "files of a search (JSON)", "splits (NPZ)", "kept files", "features of backbones",
           "weights of Keras (HDF5, in a process of its own)")  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_parsers_refuse_what_is_damaged(name, tmp_path):
    known = parsers(tmp_path, OLD)
    assert tuple(known) == PARSERS
    inputs = 400 // min(known[name].dear, 4)
    found = fuzz.fuzz(name, known[name], inputs, tmp_path)
    assert found.wrong == []
    assert found.inputs == inputs
    assert found.refused > inputs // 10
    for seed in known[name].seeds:
        known[name].parse(seed)  # what it starts from is sound


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("raise ValueError('a bug')", "a bug"),
        ("import os; os.kill(os.getpid(), 11)", "it crashed"),
        ("import time; t = time.process_time()\nwhile time.process_time() < t + 1.1: pass", "one input took"),
        ("content = bytearray(300 * 2**20); content[::4096] = b'x' * len(content[::4096])", "MB"),
    ],
)
def test_the_fuzzer_notices(harm, words, tmp_path):
    def parse(content: bytes) -> None:
        exec(harm, {"content": content})

    found = fuzz.fuzz("bad", Parser([b"x"], parse), 1, tmp_path)
    assert len(found.wrong) == 1
    assert words in found.wrong[0]


def test_mutations_are_many_and_repeatable():
    one, two = (random.Random(1), random.Random(1))
    made = [mutate([b"abcdefgh" * 20, b"other"], one) for _ in range(500)]
    assert made == [mutate([b"abcdefgh" * 20, b"other"], two) for _ in range(500)]
    assert len(set(made)) > 300


def test_archives_and_pickles_do_no_harm(tmp_path):
    for tried, least in ((hostile.archives(tmp_path), 200), (hostile.pickles(tmp_path), 200)):
        assert tried.through == []
        assert tried.count >= least


def test_onnx_files_lead_nowhere(tmp_path):
    tried = onnx_files.traversals(tmp_path)
    assert tried.through == []
    assert tried.count >= 100


@pytest.mark.parametrize("place", ["an initializer", "a constant", "a branch", "a branch in a branch", "a function"])
def test_they_are_sound_but_for_the_path(place, tmp_path):
    """Else they would prove nothing."""
    inline = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [onnx_files.SIDE], [1.0] * onnx_files.SIDE)
    (tmp_path / "m.onnx").write_bytes(onnx_files.PLACES[place](inline).SerializeToString())
    OnnxModel(tmp_path / "m.onnx")


def test_gadgets_would_run_if_they_were_let(tmp_path):
    """Else they would prove nothing."""
    import pickle

    ran = set()
    for name, content in hostile.gadgets(tmp_path / hostile.MARK):
        if name.startswith(("posix.", "subprocess.call", "builtins.eval", "io.open", "shutil.", "GLOBAL", "INST")):
            with contextlib.suppress(Exception):
                pickle.loads(content)
            mark = tmp_path / hostile.MARK
            if mark.exists():
                ran.add(name.split(" ")[0])
                mark.rmdir() if mark.is_dir() else mark.unlink()
    assert {"posix.system", "posix.mkdir", "builtins.eval", "shutil.copyfile", "GLOBAL", "INST"} <= ran


def test_names_do_not_run_in_a_browser(tmp_path):
    tried = names.hostile_pages(tmp_path, 50)
    assert tried.count == 50
    assert tried.through == []


def test_names_that_run_are_noticed(tmp_path):
    tried = hostile.Tried()
    (tmp_path / "bad.html").write_text(f"<p>{names.names(1)[0]}</p><img src=x onerror='{names.RUN}'>")
    (tmp_path / "good.html").write_text("<p>x</p>")
    with names._chromium(tmp_path / "profile") as browser:
        names._look(browser, tmp_path / "good.html", tried)
        assert tried.through == []
        names._look(browser, tmp_path / "bad.html", tried)
    assert len(tried.through) == 1
    assert "ran 1, handlers 1" in tried.through[0]


def test_there_are_500_different_names():
    assert len(set(names.names(500))) == 500


def test_the_page_is_drawn_from_its_figures(tmp_path):
    known = json.loads((DOCS / "reliability.json").read_text())
    assert (DOCS / "reliability.md").read_text() == page(known)
    assert set(known) <= set(PARTS)
    keep("index", [Row("index", "a", "3", 0, "failed")], "made here", tmp_path)
    keep("index", [Row("index", "b", "4", 1, "failed")], "made there", tmp_path)
    text = (tmp_path / "reliability.md").read_text()
    assert "| b | 4 | 1 | failed |" in text
    assert "| a |" not in text
    assert "made there" in text
