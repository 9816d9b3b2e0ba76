"""What becomes of the best model: exported where that can be done, and the commands to go on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote

from bakeoff.api.shipping import export, find_run
from bakeoff.data.stream import shown
from bakeoff.errors import BakeoffError


def exported(best: Path, say: Callable[[str], None]) -> Path | None:
    """The best model as an ONNX file with its certificate, below the study's folder; written unless it is there.
    None where that cannot be done: `say` hears why. `best`: <study folder>/<entry>."""
    try:
        to = best.parent / "exported" / f"{best.name}-{find_run(best).run.key[:8]}"
        file = to / "onnx" / "model.onnx"
        if not file.exists():
            export(best, "onnx", to)
    except BakeoffError as error:
        say(f"{shown(best)} is not exported: {error}")
        return None
    return file


def next_steps(best: Path, model: Path | None) -> list[str]:
    """Commands to copy. `model`: what was exported of the best entry, or None."""
    if model is not None:
        return [f"bakeoff predict {quote(str(model))} photo.jpg"]
    return [
        f"bakeoff export {quote(str(best))} --to onnx --out {quote(str(best.parent / 'exported'))}",
        f"bakeoff predict {quote(str(best))} photo.jpg",
    ]
