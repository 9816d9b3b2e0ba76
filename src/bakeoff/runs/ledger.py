"""The ledger of a study: a line for the first look at the test set of each run. The report prints it."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from bakeoff.atomic import writing
from bakeoff.errors import StoreError
from bakeoff.runs.lines import whole_lines

_BEGINS, _LONGEST = b'{"run"', 512
"""Of a line, in bytes: two sums and a time."""


def looks(ledger: Path) -> list[dict[str, str]]:
    """The ledger's lines, oldest first: `{"run", "test_fingerprint", "when"}`; empty where there is no ledger. Raises
    StoreError naming a line that cannot be read."""
    found = []
    for number, line in enumerate(_whole(ledger).splitlines(), 1):
        try:
            look = json.loads(line)
            found.append({key: str(look[key]) for key in ("run", "test_fingerprint", "when")})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{ledger}: line {number} cannot be read ({error}); it lists looks at test sets"
            ) from error
    return found


def note_look(key: str, test_fingerprint: str, ledger: Path) -> None:
    """Log that something of this run on this test set is about to be disclosed, if it is the first time; one process at
    a time, so that it is noted once. Where it is noted already, nothing is written: a finished study may lie where
    nobody can write."""

    def noted() -> bool:
        return any(look["run"] == key and look["test_fingerprint"] == test_fingerprint for look in looks(ledger))

    if noted():
        return
    with writing(ledger), ledger.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if noted():
            return
        file.truncate(len(_whole(ledger)))
        line = {"run": key, "test_fingerprint": test_fingerprint, "when": datetime.now(UTC).isoformat()}
        file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _whole(ledger: Path) -> bytes:
    """Without a last line that was being written when the power went: that test set had not been opened yet. What is
    damaged is not taken for one, lest looks be forgotten."""
    try:
        return whole_lines(ledger.read_bytes(), _BEGINS, _LONGEST) if ledger.exists() else b""
    except (OSError, ValueError) as error:
        raise StoreError(f"{ledger}: cannot be read ({error}); it lists looks at test sets") from error
