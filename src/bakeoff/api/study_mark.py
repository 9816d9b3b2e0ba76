"""What tells a study folder from any other: what is repaired is moved and deleted, so it must be ours.

A name is not enough. People call their own study file study.yaml, `bakeoff init` does, too, and other programs have
runs/ and plan.json.
"""

from __future__ import annotations

import re
from pathlib import Path

from bakeoff.errors import UsageError
from bakeoff.runs import Store, StudyPaths

_RESOLVED = re.compile(rb"^profile: (full|quick)\ndata:\n  ", re.MULTILINE)
_PLAN = re.compile(rb'\A\{\n  "packs": \[|"schema_version": \d+\n\}\n\Z')
"""Its beginning or its end: either may be damaged."""
_NAMED = 3


def require_study_folder(folder: Path) -> None:
    """Raises UsageError unless a study has been run in this folder, however damaged it is now."""
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    if not _is_study(folder):
        inside = [str(path) for path in _below(folder) if _is_study(path)]
        more = ", ..." if len(inside) > _NAMED else ""
        hint = f"; there are some inside: {', '.join(inside[:_NAMED])}{more}" if inside else ""
        raise UsageError(f"{folder}: not a study folder, no study has been run in it{hint}")


def _is_study(folder: Path) -> bool:
    """It has a plan of ours, a run, or the study file and the lock that a run begins with."""
    store = Store(folder)
    paths = store.paths
    if _PLAN.search(_read(paths.plan)) or any(_is_run(paths, key) for key in store):
        return True
    return paths.lock.exists() and _RESOLVED.search(_read(paths.study)) is not None


def _is_run(paths: StudyPaths, key: str) -> bool:
    return any((paths.run(key) / name).is_file() for name in ("manifest.json", "job.json"))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _below(folder: Path) -> list[Path]:
    return sorted(path for pattern in ("*", "runs/*") for path in folder.glob(pattern) if path.is_dir())
