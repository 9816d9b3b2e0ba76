"""Run folders on disk: `runs/<key>/`, written by one rename, read back as `Run`. The folders are the truth."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from bakeoff.data.npz import read_npz
from bakeoff.errors import DataError, StoreError
from bakeoff.recipe import Job
from bakeoff.runs.files import broken_files, to_json, write_folder
from bakeoff.runs.index import Index, Row
from bakeoff.runs.paths import StudyPaths
from bakeoff.runs.run import EpochRow, Run, Summary
from bakeoff.runs.sealed import SEALED

RUN_SCHEMA = 1
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class Finished:
    """What training hands over for one job: everything a run folder holds.

    Logits are float32 [N, K] of the stored weights; `weights` maps tensor names to arrays.
    """

    job: Job
    curves: list[EpochRow]
    step_loss: np.ndarray
    summary: Summary
    environment: dict[str, Any]
    weights: dict[str, np.ndarray]
    validation_logits: np.ndarray
    validation_labels: np.ndarray
    test_logits: np.ndarray
    test_labels: np.ndarray


def hash_weights(weights: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and bytes, in the order of the names: independent of file layout."""
    sha = hashlib.sha256()
    for name in sorted(weights):
        array = np.ascontiguousarray(weights[name])
        sha.update(f"{name}{array.dtype}{list(array.shape)}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def _npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _strict(row: Mapping[str, Any]) -> dict[str, Any]:
    """NaN and infinity become null: strict JSON has neither."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}


class Store:
    """The finished runs of one study folder."""

    def __init__(self, root: Path) -> None:
        self.paths = StudyPaths(Path(root))
        self.index = Index(self.paths.index)

    def has(self, key: str) -> bool:
        return self.paths.run(key).is_dir()

    def __iter__(self) -> Iterator[str]:
        """Keys of all run folders, sorted; what else lies among them is not ours."""
        folder = self.paths.runs
        yield from sorted(p.name for p in folder.iterdir() if _KEY.fullmatch(p.name)) if folder.is_dir() else ()

    def write(self, finished: Finished) -> Path:
        """Commit one run: the folder by one rename, then its row in the index."""
        key = finished.job.key
        rows = "".join(json.dumps(_strict(row), allow_nan=False) + "\n" for row in finished.curves)
        path = self.paths.run(key)
        write_folder(
            path,
            {
                "job.json": to_json(
                    {"schema": RUN_SCHEMA, "key": key, "job": finished.job.model_dump(mode="json")}
                ).encode(),
                "curves.jsonl": rows.encode(),
                "steps.npz": _npz(loss=finished.step_loss.astype(np.float32)),
                "summary.json": to_json(_strict(finished.summary)).encode(),
                "environment.json": to_json(finished.environment).encode(),
                "weights.safetensors": save({k: np.ascontiguousarray(v) for k, v in finished.weights.items()}),
                "validation.npz": _npz(logits=finished.validation_logits, labels=finished.validation_labels),
                SEALED: _npz(logits=finished.test_logits, labels=finished.test_labels),
            },
        )
        with contextlib.suppress(StoreError):  # the run is there; whoever reads the index brings it up to date
            self.index.add(path)
        return path

    def load(self, key: str) -> Run:
        """Read one run (not its weights or sealed test logits). Raises StoreError if it is missing, damaged, or the run
        of another job."""
        run = load_run(self.paths.run(key))
        if run.key != key:
            raise StoreError(f"{run.path}: holds the run {run.key}, not its own")
        return run

    def rows(self) -> list[Row]:
        """A row of the index for every whole run; see `Index`."""
        return self.index.rows([self.paths.run(key) for key in self])

    def check(self, key: str) -> list[str]:
        """What differs from the run's manifest, a sentence each."""
        return broken_files(self.paths.run(key))


def load_run(path: Path) -> Run:
    """Read one run folder. Raises StoreError naming the file that is missing or damaged, any one of its manifest."""
    head = _head(path / "job.json")
    problems = broken_files(path)
    if problems:
        raise StoreError(problems[0])
    file = path / "job.json"
    try:
        key, job = head["key"], Job.model_validate(head["job"])
        file = path / "curves.jsonl"
        curves = tuple(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
        file = path / "summary.json"
        summary = json.loads(file.read_text(encoding="utf-8"))
        file = path / "environment.json"
        environment = json.loads(file.read_text(encoding="utf-8"))
        file = path / "steps.npz"
        step_loss = read_npz(file, ("loss",))["loss"]
        file = path / "validation.npz"
        arrays = read_npz(file, ("logits", "labels"), empty=True)
        logits, labels = arrays["logits"], arrays["labels"]
    except (OSError, ValueError, KeyError, TypeError, DataError, RecursionError) as error:
        raise StoreError(f"{file}: cannot read this run ({error})") from error
    return Run(key, job, curves, step_loss, summary, environment, logits, labels, str(path))


def _head(file: Path) -> dict[str, Any]:
    """job.json, whose schema says whether the rest can be understood."""
    try:
        head: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if head["schema"] > RUN_SCHEMA:
            raise StoreError(
                f"{file}: written by a newer bakeoff (schema {head['schema']}, this one reads {RUN_SCHEMA})"
            )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{file}: cannot read this run ({error})") from error
    return head


def load_weights(run: Run) -> dict[str, np.ndarray]:
    """The stored weights by name."""
    path = Path(run.path) / "weights.safetensors"
    try:
        return load_file(path)
    except Exception as error:  # safetensors raises its own bare exception types
        raise StoreError(f"{path}: cannot read the weights ({error})") from error
