"""What to do with the best model: the one place that knows the commands for it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote


def next_steps(best: Path) -> list[str]:
    """Commands to copy: export the model, and use it. `best`: <study folder>/<entry>."""
    to = best.parent / "exported"
    return [
        f"bakeoff export {quote(str(best))} --to onnx --out {quote(str(to))}",
        f"bakeoff predict {quote(str(best))} photo.jpg",
    ]
