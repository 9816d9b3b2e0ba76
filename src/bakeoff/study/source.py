"""Where a study's text comes from: a file, or the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from bakeoff.data.stream import refuse_special
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.study.yaml_file import MAX_BYTES, Document, read_yaml


def packaged_studies() -> dict[str, str]:
    """Name -> question of the studies that come with the package."""
    found = {}
    for name in _names():
        value = _packaged(name).value
        found[name] = value.get("question", "") if isinstance(value, dict) else ""
    return found


def read_study(path_or_name: str | Path) -> Document:
    """The study of this file, or the packaged one of this name (write ./name for a file of the same name). Raises
    UsageError."""
    if str(path_or_name) in _names():
        return _packaged(str(path_or_name))
    path = Path(path_or_name).expanduser()
    try:
        if not path.is_relative_to("/dev"):  # /dev/stdin, /dev/fd/63: somebody is at the other end
            refuse_special(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        return read_yaml(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        # A cut in the middle of a letter is a file too large, not a file that is no text.
        reason = f"over {MAX_BYTES:,} bytes" if len(content) > MAX_BYTES else "not a text file"
        raise UsageError(f"{path}: {reason}; a study file is a page or two of YAML") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = nearest(str(path_or_name), _names()) if path.suffix == "" else ""
        raise UsageError(f"{path_or_name}: no such study file or packaged study{hint}") from error
    except DataError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error


def _names() -> list[str]:
    files = resources.files("bakeoff.studies").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def _packaged(name: str) -> Document:
    file = resources.files("bakeoff.studies").joinpath(f"{name}.yaml")
    return read_yaml(file.read_text("utf-8"), file.name)
