"""What a launch tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Event:
    """`done` of `total` is the share of the launch's estimated work; `best` the best validation score so far."""

    kind: Literal["start", "pack_started", "epoch", "pack_done", "pack_failed", "note"]
    text: str
    done: float = 0.0
    total: float = 1.0
    best: str | None = None


Watch = Callable[[Event], None]
