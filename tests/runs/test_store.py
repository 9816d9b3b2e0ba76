"""Run folders: whole or not there, immutable, readable, rebuilt index."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from bakeoff.atomic import write_bytes
from bakeoff.errors import StoreError, WriteError
from bakeoff.recipe import Job, Recipe
from bakeoff.runs import EpochRow, Finished, Store, Summary, files, hash_weights, load_weights
from bakeoff.runs.files import MANIFEST, to_json
from bakeoff.runs.ledger import looks
from bakeoff.runs.sealed import open_test
from bakeoff.runs.store import load_run


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


@pytest.mark.parametrize("key", ["key", "job", "schema"])
def test_a_stranger_with_a_right_manifest_may_lack_a_key(tmp_path: Path, key: str) -> None:
    store, result = Store(tmp_path), finished()
    file = store.write(result) / "job.json"
    head = json.loads(file.read_text())
    del head[key]
    file.write_text(json.dumps(head))
    manifest = file.with_name(MANIFEST)
    sums = json.loads(manifest.read_text())
    sums["job.json"] = {"size": file.stat().st_size, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    manifest.write_text(to_json(sums))
    with pytest.raises(StoreError, match=f"job.json: cannot read this run .*{key}"):
        load_run(file.parent)


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


def test_a_line_that_was_being_written_is_not_a_look_and_is_written_over(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    store.write(result)
    run, ledger = store.load(result.job.key), store.paths.ledger
    open_test(run, "f" * 64, ledger)
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + b'{"run": "' + b"a" * 20)
    assert [look["run"] for look in looks(ledger)] == [run.key]
    open_test(run, "a" * 64, ledger)
    assert ledger.read_bytes().startswith(whole)
    assert [look["test_fingerprint"] for look in looks(ledger)] == ["f" * 64, "a" * 64]


def test_a_look_that_is_noted_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished study may lie on a disk that nobody can write."""
    store, result = Store(tmp_path), finished()
    store.write(result)
    run, ledger = store.load(result.job.key), store.paths.ledger
    open_test(run, "f" * 64, ledger)
    real = Path.open

    def read_only(path: Path, mode: str = "r", *arguments: object, **keywords: object):
        if set(mode) & set("wax+"):
            raise OSError(30, "Read-only file system", str(path))
        return real(path, mode, *arguments, **keywords)

    monkeypatch.setattr(Path, "open", read_only)
    assert open_test(run, "f" * 64, ledger)[1].tolist() == [0, 1, 0, 1, 0]
    with pytest.raises(WriteError, match=r"ledger\.jsonl: cannot be written: Read-only file system; choose another"):
        open_test(run, "a" * 64, ledger)


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b"{}", b"[" * 9000, b"3"])
def test_a_ledger_that_cannot_be_read_names_the_line(tmp_path: Path, line: bytes) -> None:
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_bytes(b'{"run": "r", "test_fingerprint": "t", "when": "w"}\n' + line + b"\n")
    with pytest.raises(StoreError, match="line 2"):
        looks(ledger)


@pytest.mark.parametrize("end", [b"nonsense", b"\0" * 100, b'{"run": "' + b"a" * 600, b'{"jun'])
@pytest.mark.parametrize("lines", [0, 1])
def test_a_damaged_end_is_not_taken_for_a_line_that_was_being_written(tmp_path: Path, end: bytes, lines: int) -> None:
    """Then looks would be forgotten, and the next one would erase them."""
    store, result = Store(tmp_path), finished()
    store.write(result)
    run, ledger = store.load(result.job.key), store.paths.ledger
    content = b'{"run": "r", "test_fingerprint": "t", "when": "w"}\n' * lines + end
    ledger.write_bytes(content)
    with pytest.raises(StoreError, match=r"ledger\.jsonl: cannot be read .*it lists looks at test sets"):
        looks(ledger)
    with pytest.raises(StoreError, match=r"ledger\.jsonl: cannot be read"):
        open_test(run, "f" * 64, ledger)
    assert ledger.read_bytes() == content


def test_only_what_is_named_as_a_run_is_one(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    store.write(result)
    for name in (".tmp-abcdefgh", "coats", "f" * 63):
        (store.paths.runs / name).mkdir()
    assert list(store) == [result.job.key]


def test_every_bit_of_a_run_counts(tmp_path: Path) -> None:
    """A bit of every 16 bytes of every file, one after the other; then the neighbour is still whole."""
    store, result, other = Store(tmp_path), finished(), finished(seed=1)
    path = store.write(result)
    store.write(other)
    for file in sorted(path.iterdir()):
        whole = file.read_bytes()
        for at in range(0, len(whole), 16):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at // 16 % 8]) + whole[at + 1 :])
            with pytest.raises(StoreError):
                store.load(result.job.key)
        file.write_bytes(whole)
    assert store.load(result.job.key).key == result.job.key
    assert store.load(other.job.key).key == other.job.key


def test_a_manifest_may_not_name_files_elsewhere(tmp_path: Path) -> None:
    store, result = Store(tmp_path), finished()
    path = store.write(result)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(files.to_json({**manifest, "../../x": {"size": 0, "sha256": ""}}))
    assert "elsewhere" in store.check(result.job.key)[0]


def test_a_run_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    store, result, other = Store(tmp_path), finished(), finished(seed=1)
    store.write(result).rename(store.paths.run(other.job.key))
    with pytest.raises(StoreError, match="not its own"):
        store.load(other.job.key)


@pytest.mark.parametrize(
    ("number", "advice"), [(28, "make room"), (30, "another folder"), (13, "another folder"), (5, "Input/output")]
)
def test_what_cannot_be_written_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(WriteError, match=advice) as caught:
        write_bytes(tmp_path / "results.json", b"x")
    assert str(caught.value).startswith(f"{tmp_path / 'results.json'}: cannot be written: {os.strerror(number)}")
    assert isinstance(caught.value, OSError)
    assert list(tmp_path.iterdir()) == []


def test_json_is_strict() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        files.to_json({"x": float("nan")})
