"""Why something failed, in one line for a person."""

from __future__ import annotations

from bakeoff.errors import BakeoffError
from bakeoff.train.passes import is_out_of_memory


def reason_of(error: BaseException) -> str:
    if isinstance(error, RuntimeError) and is_out_of_memory(error):
        return "out of memory; choose a smaller batch_size, or fewer workers"
    words = str(error) if isinstance(error, BakeoffError) else f"{type(error).__name__}: {error}"
    return words.splitlines()[0]
