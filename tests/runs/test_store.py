"""Run folders: whole or not there, immutable, readable, rebuilt index."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from bakeoff.errors import StoreError
from bakeoff.recipe import Job, Recipe
from bakeoff.runs import EpochRow, Finished, Store, Summary, files, hash_weights, load_weights
from bakeoff.runs.sealed import looks, open_test


def finished(seed: int = 0, loss: float = 0.5) -> Finished:
    job = Job(dataset="d" * 64, split="s" * 64, model={"linear": {}}, recipe=Recipe(), seed=seed)
    row = EpochRow(epoch=1, step=3, lr=1e-3, seconds=0.1, running_loss=loss, running_accuracy=0.5, train_loss=loss,
                   train_accuracy=0.6, validation_loss=float("nan"), validation_accuracy=float("nan"))  # fmt: skip
    weights = {"1.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "1.bias": np.zeros(2, np.float32)}
    summary = Summary(parameters=8, trainable=8, buffers=0, flops_forward=12, epochs=1, steps=3, seconds=0.1,
                      pack_seconds=0.2, pack_size=1, stopped="epochs", diverged=False, weights_epoch=1, selected=False,
                      train_accuracy=0.6, train_loss=loss, train_examples=9, weights_sha256=hash_weights(weights),
                      device="cpu")  # fmt: skip
    logits = np.random.default_rng(seed).normal(size=(5, 2)).astype(np.float32)
    return Finished(job, [row], np.array([0.7, 0.6, loss], np.float32), summary, {"python": "3"}, weights, logits[:0],
                    np.zeros(0, np.int64), logits, np.array([0, 1, 0, 1, 0]))  # fmt: skip


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    store.write(result)
    run = store.load(result.job.key)
    assert run.job == result.job
    assert run.key == result.job.key == Path(run.path).name
    assert run.summary == result.summary
    assert np.array_equal(run.step_loss, result.step_loss)
    assert np.isnan(run.curve("validation_loss")[0])
    assert run.curve("train_accuracy").tolist() == [0.6]
    weights = load_weights(run)
    assert hash_weights(weights) == run.summary["weights_sha256"]
    assert list(store) == [run.key]
    assert store.check(run.key) == []


def test_files_of_a_run_are_those_of_its_manifest_and_hold_no_pickle(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    path = store.write(result)
    manifest = json.loads((path / "manifest.json").read_text())
    assert {p.name for p in path.iterdir()} == {*manifest, "manifest.json"}
    for name in manifest:
        if name.endswith(".npz"):
            with np.load(path / name, allow_pickle=False) as arrays:
                assert arrays.files


def test_a_second_write_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.write(finished())
    before = {p.name: p.read_bytes() for p in path.iterdir()}
    store.write(finished(loss=0.9))
    assert {p.name: p.read_bytes() for p in path.iterdir()} == before


@pytest.mark.parametrize("fail_at", range(1, 13))
def test_a_write_that_fails_leaves_no_run_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int
) -> None:
    store, calls, real = Store(tmp_path), 0, os.fsync

    def failing(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fail_at:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    result = finished()
    if fail_at <= 11:  # 8 files, the manifest, the folder, its parent
        with pytest.raises(OSError, match="No space"):
            store.write(result)
    else:
        store.write(result)
    monkeypatch.undo()
    if store.has(result.job.key):  # the rename came before the fault: then the run is whole
        assert store.check(result.job.key) == []
    assert [p for p in store.paths.runs.iterdir() if p.name.startswith(".tmp")] == []
    store.write(result)
    assert store.check(result.job.key) == []


@pytest.mark.parametrize("name", ["job.json", "summary.json", "curves.jsonl", "validation.npz", "steps.npz"])
def test_damage_is_found_and_named(tmp_path: Path, name: str) -> None:
    store, result = Store(tmp_path), finished()
    path = store.write(result)
    (path / name).write_bytes((path / name).read_bytes()[:-3])
    assert any(name in problem for problem in store.check(result.job.key))
    (path / name).unlink()
    with pytest.raises(StoreError, match=name):
        store.load(result.job.key)


def test_a_newer_schema_is_refused_in_words(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    file = store.write(result) / "job.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 99}))
    with pytest.raises(StoreError, match="newer bakeoff"):
        store.load(result.job.key)


def test_the_index_is_rebuilt_from_the_folders(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for seed in range(3):
        store.write(finished(seed))
    before = store.index.rows()
    assert [row["seed"] for row in sorted(before, key=lambda r: r["seed"])] == [0, 1, 2]
    store.paths.index.unlink()
    store.index.rebuild([store.paths.run(key) for key in store])
    assert store.index.rows() == before


def test_a_damaged_index_says_that_it_can_be_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.paths.index.write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreError, match="rebuilt"):
        store.index.rows()


def test_only_the_first_look_is_written_to_the_ledger(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    store.write(result)
    run = store.load(result.job.key)
    for _ in range(3):
        logits, labels = open_test(run, "f" * 64, store.paths.ledger)
    assert np.array_equal(logits, result.test_logits)
    assert labels.tolist() == [0, 1, 0, 1, 0]
    assert [look["run"] for look in looks(store.paths.ledger)] == [run.key]
    open_test(run, "a" * 64, store.paths.ledger)
    assert len(looks(store.paths.ledger)) == 2


def test_json_is_strict() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        files.to_json({"x": float("nan")})
