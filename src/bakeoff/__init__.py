"""bakeoff: honest, fast comparison of image classifiers.

The public names load when they are first used, so that `import bakeoff` and `bakeoff --help` stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "BakeoffError": "bakeoff.errors",
    "Dataset": "bakeoff.data",
    "ImageClassifier": "bakeoff.api",
    "Recipe": "bakeoff.recipe",
    "Results": "bakeoff.judge",
    "Study": "bakeoff.api",
    "compare": "bakeoff.api",
    "export": "bakeoff.api",
    "from_arrays": "bakeoff.data",
    "import_model": "bakeoff.api",
    "load_dataset": "bakeoff.data",
    "predict": "bakeoff.api",
    "quick": "bakeoff.api",
}

__all__ = [
    "BakeoffError",
    "Dataset",
    "ImageClassifier",
    "Recipe",
    "Results",
    "Study",
    "compare",
    "export",
    "from_arrays",
    "import_model",
    "load_dataset",
    "predict",
    "quick",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
