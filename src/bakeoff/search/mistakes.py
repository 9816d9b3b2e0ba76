"""A mistake in a declared space, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.errors import UsageError


class SpaceError(UsageError):
    """`path`: the keys and positions below `over` that lead to it; `reason`: what is wrong, in words."""

    def __init__(self, path: Sequence[str | int], reason: str) -> None:
        super().__init__(f"{'.'.join(map(str, path))}: {reason}" if path else reason)
        self.path = tuple(path)
        self.reason = reason
