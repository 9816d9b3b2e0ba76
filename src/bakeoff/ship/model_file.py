"""The exported file that a path means: itself, or the one in the folder that `export` made."""

from __future__ import annotations

from pathlib import Path

from bakeoff.data.stream import shown
from bakeoff.errors import UsageError

TAKEN = (".onnx", ".safetensors")
ELSEWHERE = {
    "model.pt2": "PyTorch",
    "saved_model.pb": "TensorFlow",
    "model/saved_model.pb": "TensorFlow",
}
"""What lies in a folder that only another library runs."""


def model_file(path: Path) -> Path | None:
    """The .onnx or .safetensors file; None for what is neither such a file nor a folder that holds exports. Raises
    UsageError for an export that runs elsewhere, and for a folder of several exports."""
    if path.suffix.lower() in TAKEN and not path.is_dir():
        return path
    for suffix in TAKEN:
        if (path / f"model{suffix}").is_file():
            return path / f"model{suffix}"
    if path.suffix.lower() == ".pt2":
        raise _runs_in("PyTorch", path)
    for name, library in ELSEWHERE.items():
        if (path / name).is_file():
            raise _runs_in(library, path)
    formats = sorted({file.parent.name for suffix in TAKEN for file in path.glob(f"*/model{suffix}")})
    if formats:
        raise UsageError(f"{shown(path)}: a folder of exports; choose from {', '.join(formats)} in it")
    return None


def _runs_in(library: str, path: Path) -> UsageError:
    return UsageError(f"{shown(path)}: runs in {library}; predict takes {' and '.join(TAKEN)}")
