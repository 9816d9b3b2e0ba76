"""The sealed test logits. Only `judge` may open them (a test of the imports holds this), and every first
disclosure of a (run, test set) is written to the study's ledger, which the report prints."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bakeoff.errors import StoreError
from bakeoff.runs.run import Run

SEALED = "test.sealed.npz"


def looks(ledger: Path) -> list[dict[str, str]]:
    """The ledger's lines, oldest first: `{"run", "test_fingerprint", "when"}`; empty where there is no ledger."""
    if not ledger.exists():
        return []
    return [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines() if line.strip()]


def note_look(run: Run, test_fingerprint: str, ledger: Path) -> None:
    """Log that something of this run on this test set is about to be disclosed, if it is the first time."""
    if any(look["run"] == run.key and look["test_fingerprint"] == test_fingerprint for look in looks(ledger)):
        return
    line = {"run": run.key, "test_fingerprint": test_fingerprint, "when": datetime.now(UTC).isoformat()}
    with ledger.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def open_test(run: Run, test_fingerprint: str, ledger: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return (logits float32 [N, K], labels int64 [N]) of the sealed test set; log the look if it is the first."""
    note_look(run, test_fingerprint, ledger)
    path = Path(run.path) / SEALED
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["logits"], arrays["labels"]
    except (OSError, KeyError, ValueError) as error:
        raise StoreError(f"{path}: cannot read the sealed test logits ({error})") from error
