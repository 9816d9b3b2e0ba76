"""Libraries of extras, asked for when they are used."""

from __future__ import annotations

import importlib
from types import ModuleType

from bakeoff.errors import UsageError


def needed(module: str, extra: str) -> ModuleType:
    """The module. Raises UsageError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(f"this needs {module}, which is not installed: pip install 'bakeoff[{extra}]'") from error
