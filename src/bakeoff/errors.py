"""Errors a person can act on: what is wrong, where, what was expected, the nearest valid choice."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any


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


class ShipError(BakeoffError):
    """An exported file that does not compute what its model does."""


class WriteError(StoreError, OSError):
    """A file that could not be written: a full disk, a read-only folder, a failing device."""


class TrainError(BakeoffError):
    """A training that this machine cannot do."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """`"; did you mean 'relu'?"` when a choice is close to `word`, else `"; choose from a, b, c"`, if there are any."""
    choices = sorted(choices)
    if not choices:
        return "; there is none to choose from"
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; choose from {', '.join(choices)}"


def plain(error: Mapping[str, Any]) -> str:
    """What was expected, in words, of one of pydantic's errors about a value (not about a missing or unknown key)."""
    given = error.get("input")
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    message = re.sub(r"^Input should be ", "expected ", error["msg"])
    message = re.sub(r" or instance of \w+", "", message)  # a class of ours, which no file can hold
    for words, plainer in _PLAINER.items():
        message = message.replace(words, plainer)
    if error["type"] == "literal_error" and isinstance(given, str):
        # Named already; only a near miss is worth a word more.
        hint = nearest(given, re.findall(r"'([^']*)'", error["msg"]))
        return f"{message}, not {given!r}" + (hint if "did you mean" in hint else "")
    return f"{message}, not {given!r:.80}"


_PLAINER = {
    "a valid ": "a ",
    ", unable to parse string as a number": "",
    ", unable to parse string as an integer": "",
    ", got a number with a fractional part": "",
    "a integer": "a whole number",
    "dictionary": "mapping (key: value)",
    "tuple": "list",
    "string": "text",
}
