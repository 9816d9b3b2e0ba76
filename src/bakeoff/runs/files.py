"""JSON files and whole folders with a manifest, written atomically."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bakeoff.atomic import BESIDE, sync_directory, write_bytes, write_synced, writing

MANIFEST = "manifest.json"


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode())


def to_json(value: Any) -> str:
    """Readable, sorted, strict JSON: NaN and infinity are refused."""
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    write_text(path, to_json(value))


def write_folder(path: Path, contents: Mapping[str, bytes]) -> None:
    """Make folder `path` with these files and a manifest of their sizes and SHA-256, by one rename.

    Does nothing if `path` already exists: a run is immutable, and its key names its content. Raises WriteError.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=BESIDE))
        try:
            for name, content in contents.items():
                write_synced(beside / name, content)
            manifest = {
                name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in contents.items()
            }
            write_synced(beside / MANIFEST, to_json(manifest).encode())
            sync_directory(beside)
            beside.chmod(0o755)
            if not path.exists():
                beside.rename(path)
                sync_directory(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def broken_files(path: Path) -> list[str]:
    """What in a run folder differs from its manifest, a sentence each; empty if all is well."""
    try:
        text = (path / MANIFEST).read_text(encoding="utf-8")
        manifest = json.loads(text)
        if text != to_json(manifest):
            return [f"{path / MANIFEST} is not as it was written"]
        return [problem for name, facts in manifest.items() if (problem := _fault(path, name, facts))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return [f"{path / MANIFEST} cannot be read ({error})"]


def _fault(path: Path, name: str, facts: dict[str, Any]) -> str:
    """What is wrong with one file of a manifest; empty if nothing is."""
    if Path(name).name != name:
        raise ValueError("it names a file elsewhere")
    file = path / name
    if not file.is_file():
        return f"{file} is missing"
    same = file.stat().st_size == facts["size"]
    with file.open("rb") as stream:
        same = same and hashlib.file_digest(stream, "sha256").hexdigest() == facts["sha256"]
    return "" if same else f"{file} differs from its manifest"
