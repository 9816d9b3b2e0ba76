"""The sealed test logits. Only `judge` may open them (a test of the imports holds this), and every first
disclosure of a (run, test set) is written to the study's ledger, which the report prints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bakeoff.data.npz import read_npz
from bakeoff.errors import DataError, StoreError
from bakeoff.runs.ledger import note_look
from bakeoff.runs.run import Run

SEALED = "test.sealed.npz"


def open_test(run: Run, test_fingerprint: str, ledger: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return (logits float32 [N, K], labels int64 [N]) of the sealed test set; log the look if it is the first."""
    note_look(run.key, test_fingerprint, ledger)
    path = Path(run.path) / SEALED
    try:
        arrays = read_npz(path, ("logits", "labels"), empty=True)
        return arrays["logits"], arrays["labels"]
    except (DataError, KeyError) as error:
        raise StoreError(f"{path}: cannot read the sealed test logits ({error})") from error
