"""Paths of data in a study: where a relative one starts, and how it is written whole."""

from __future__ import annotations

from pathlib import Path

from bakeoff.data import describe
from bakeoff.study.schema import DataSpec
from bakeoff.study.yaml_file import Document

SPELLED = {"name": ("name", "folder", "path"), "dir": ("dir",)}
"""The keys that a study file may give each of them by."""


def beside_the_file(data: DataSpec, document: Document) -> DataSpec:
    """A relative path starts at the study file, if it leads anywhere from there; else, as one that the command line
    gives, at the working directory."""
    found = {}
    for key, path in _paths(data).items():
        overridden = {("data",), *(("data", word) for word in SPELLED[key])} & document.overridden.keys()
        if not overridden and (there := Path(document.name).parent / path).exists():
            found[key] = str(there)
    return data.model_copy(update=found)


def whole(data: DataSpec) -> DataSpec:
    """With paths that hold wherever the file is read."""
    return data.model_copy(update={k: str(path.resolve()) for k, path in _paths(data).items() if path.exists()})


def _paths(data: DataSpec) -> dict[str, Path]:
    """What may be one: `dir`, and a name that is not that of a dataset, whatever lies there."""
    known = {one.name for one in describe()}
    given = {"name": None if data.name in known else data.name, "dir": data.dir}
    return {key: Path(value).expanduser() for key, value in given.items() if value}
