"""Faults of the disk, one by one: each call that writes fails once; the study then ends in words and resumes."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scripts.soak.study import SOUND, TOLD, Sandbox, hashes, start, unreadable, wait_for
from scripts.soak.syscalls import KINDS, fail_at

ERRORS = (errno.ENOSPC, errno.EIO)


@dataclass
class Faults:
    injected: Counter[str] = field(default_factory=Counter)
    silent: int = 0
    """Faults that the study outlived: what failed could be done without, or was done again."""
    wrong: list[str] = field(default_factory=list)


def inject(sandbox: Sandbox, folder: Path, count: int) -> Faults:
    """About `count` faults, spread over all calls of a study, their kinds and both errors."""
    found, calls = Faults(), Counter(sandbox.calls)
    each = -(-count // (len(KINDS) * len(ERRORS)))
    planned = [
        (kind, 1 + i * (calls[kind[0]] - 1) // max(each - 1, 1), error)
        for kind in KINDS
        for i in range(each)
        for error in ERRORS
    ]
    for kind, number, error in planned[:: max(1, len(planned) // count)]:
        _one(sandbox, folder / "faulty", kind, number, error, found)
    return found


def _one(sandbox: Sandbox, out: Path, kind: str, number: int, error: int, found: Faults) -> None:
    name = f"{errno.errorcode[error]} in {kind} {number}"
    shutil.rmtree(out, ignore_errors=True)
    code = wait_for(start(sandbox.file, out, partial(fail_at, kind, number, error)))
    found.injected[f"{kind} {errno.errorcode[error]}"] += 1
    found.silent += code == SOUND
    if code not in (SOUND, TOLD):
        found.wrong.append(f"{name}: ended with {code}")
    if out.exists() and (broken := unreadable(out)):
        found.wrong.append(f"{name}: {broken[0]}")
    if wait_for(start(sandbox.file, out)) != SOUND or hashes(out) != sandbox.hashes:
        found.wrong.append(f"{name}: not resumed to the same weights")


def full_disk(sandbox: Sandbox, folder: Path) -> list[str]:
    """`bakeoff run` on a file system of 300 KB, for real, made larger afterwards. What went wrong; raises
    PermissionError where none can be mounted."""
    place = folder / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        raise PermissionError("mounting a small file system needs root")
    out = place / "study"
    command = [sys.executable, "-m", "bakeoff", "run", str(sandbox.file), "--out", str(out), "--workers", "2"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        full = subprocess.run(command, env=env, capture_output=True, text=True)
        wrong = [] if full.returncode in (1, 3) else [f"exit code {full.returncode}"]
        wrong += ["a traceback"] if "Traceback" in full.stderr else []
        wrong += [] if "No space left on device; make room" in full.stderr else [f"it said: {full.stderr[-300:]}"]
        wrong += unreadable(out)
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        again = subprocess.run(command, env=env, capture_output=True, text=True)
        wrong += [] if again.returncode == 0 else [f"resumed with {again.returncode}: {again.stderr[-300:]}"]
        wrong += [] if hashes(out) == sandbox.hashes else ["other weights"]
    finally:
        subprocess.run(["umount", place], check=True)
    return wrong
