"""When a search is worth a line, and how long it will take: thousands of its packs end, one a second or faster."""

from __future__ import annotations

import time
from collections.abc import Callable

from bakeoff.fleet.events import SearchNews

PAUSE_S = 5.0
"""Seconds between two lines at least."""
PAUSE_SHARE = 0.02
"""Of the time that the search has taken: a long one says less often how it goes."""


class SearchPace:
    """`clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: tuple[str, int] | None = None
        self._began = self._started = self._said = clock()
        self._from = 0.0

    def part(self, news: SearchNews) -> tuple[str, int]:
        """What `news.share` is a share of: the search, or one of its stages."""
        return (news.name, 0 if news.of_all else news.stage)

    def turn(self, news: SearchNews) -> bool:
        """Whether another search, or another part of one, has begun with this."""
        before, self._of = self._of, self.part(news)
        if before == self._of:
            return False
        self._started, self._from = self._clock(), news.share
        if before is None or before[0] != news.name:
            self._began = self._said = self._started
        return True

    def due(self) -> bool:
        """Whether it is time for another line; if so, it is taken as said."""
        now = self._clock()
        if now - self._said < max(PAUSE_S, PAUSE_SHARE * (now - self._began)):
            return False
        self._said = now
        return True

    def line(self, news: SearchNews) -> str:
        stage = "" if news.of_all else f" of stage {news.stage}"
        trained = f"{news.trials:,} training{'' if news.trials == 1 else 's'}"
        best = f"; best {news.best}" if news.best else ""
        return f"{100 * news.share:3.0f}%{stage} of search {news.name}, {trained}{best}{self._left(news)}"

    def _left(self, news: SearchNews) -> str:
        """At the pace of this part, in this sitting."""
        done = news.share - self._from
        if done <= 0 or news.share >= 1:
            return ""
        seconds = (self._clock() - self._started) * (1 - news.share) / done
        size, unit = (1, "s") if seconds < 90 else (60, "min") if seconds < 5400 else (3600, "h")
        return f"; about {seconds / size:,.{int(unit == 'h')}f} {unit} left"
