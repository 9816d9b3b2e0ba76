"""Errors a person can act on: what is wrong, where, what was expected, the nearest valid choice."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BakeoffError(Exception):
    """A user's mistake or a fault of the outside world. The CLI prints the message, never a traceback.

    `exit_code` is what the command line returns: 1 for a failure, 2 for wrong usage or a bad study file.
    """

    exit_code = 1


class UsageError(BakeoffError):
    """Wrong arguments, or a study file that cannot be understood."""

    exit_code = 2


class DataError(BakeoffError):
    """A dataset or a picture that cannot be read; the message names the file."""


class StoreError(BakeoffError):
    """A run folder or study folder that is missing, damaged or written by a newer version."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """`"; did you mean 'relu'?"` when a choice is close to `word`, else `"; choose from a, b, c"`."""
    choices = sorted(choices)
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; choose from {', '.join(choices)}"
