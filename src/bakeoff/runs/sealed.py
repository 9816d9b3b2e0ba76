"""The sealed test logits. Only `judge` may open them (a test of the imports holds this), and every first
disclosure of a (run, test set) is written to the study's ledger, which the report prints."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bakeoff.atomic import writing
from bakeoff.data.npz import read_npz
from bakeoff.errors import DataError, StoreError
from bakeoff.runs.run import Run

SEALED = "test.sealed.npz"


def looks(ledger: Path) -> list[dict[str, str]]:
    """The ledger's lines, oldest first: `{"run", "test_fingerprint", "when"}`; empty where there is no ledger. Raises
    StoreError naming a line that cannot be read."""
    if not ledger.exists():
        return []
    found = []
    for number, line in enumerate(_whole(ledger.read_bytes()).splitlines(), 1):
        try:
            look = json.loads(line)
            found.append({key: str(look[key]) for key in ("run", "test_fingerprint", "when")})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{ledger}: line {number} cannot be read ({error}); it lists looks at test sets"
            ) from error
    return found


def open_test(run: Run, test_fingerprint: str, ledger: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return (logits float32 [N, K], labels int64 [N]) of the sealed test set; log the look if it is the first."""
    note_look(run.key, test_fingerprint, ledger)
    path = Path(run.path) / SEALED
    try:
        arrays = read_npz(path, ("logits", "labels"), empty=True)
        return arrays["logits"], arrays["labels"]
    except (DataError, KeyError) as error:
        raise StoreError(f"{path}: cannot read the sealed test logits ({error})") from error


def note_look(key: str, test_fingerprint: str, ledger: Path) -> None:
    """Log that something of this run on this test set is about to be disclosed, if it is the first time; one process at
    a time, so that a look is noted once."""
    with writing(ledger), ledger.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if any(look["run"] == key and look["test_fingerprint"] == test_fingerprint for look in looks(ledger)):
            return
        file.truncate(len(_whole(ledger.read_bytes())))
        line = {"run": key, "test_fingerprint": test_fingerprint, "when": datetime.now(UTC).isoformat()}
        file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _whole(text: bytes) -> bytes:
    """Without a last line that was being written when the power went: that test set had not been opened yet."""
    return text[: text.rfind(b"\n") + 1]
