"""What packs of one process share: normalised pictures, features, the images that epochs end on. Made once, kept while
there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Thing = TypeVar("Thing")

ROOM = 8
"""Things kept: feed and probes of three folds, and two more. The one unused for longest goes first."""


class Supply:
    """Things by key. Whoever holds one keeps it for as long as it likes; a Supply only saves making it again."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._things: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """The thing under `key`, made now if it is not there."""
        if key not in self._things:
            self._things[key] = make()
        self._things.move_to_end(key)
        while len(self._things) > self._room:
            self._things.popitem(last=False)
        return cast(Thing, self._things[key])
