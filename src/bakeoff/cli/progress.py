"""Progress on stderr: one bar for the study with ETA and best so far, one line a pack, of a search a line now and then;
plain lines elsewhere. With `live`, a terminal shows the curves of the entries under the bar."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bakeoff.cli.curves import chart
from bakeoff.cli.search_pace import SearchPace
from bakeoff.fleet.events import Event, SearchNews
from bakeoff.show import Board

SPEED_OVER = 600.0
"""Seconds of the past that the time left is estimated from: news comes once an epoch, which may take minutes."""


class _BarOverCurves(Bar):
    """A bar, and under it what `board` knows of the curves."""

    board: Board | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.board is not None:
            yield chart(self.board, plain=self.console.options.ascii_only)


class Progress:
    """A context whose `watch` takes a launch's events. `live`: curves under the bar, where there is a terminal."""

    def __init__(self, console: Console | None = None, *, live: bool = False) -> None:
        self._board = Board() if live else None
        self.console = console or Console(file=sys.stderr, highlight=False)
        self._bar: _BarOverCurves | None = None
        self._task: TaskID | None = None
        self._pace = SearchPace()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def watch(self, event: Event) -> None:
        """Show one event."""
        if self._board is not None:
            self._board.take(event)
        if event.search is not None and event.kind not in ("note", "pack_failed"):
            self._search(event, event.search)
            return
        if event.kind == "start":
            self._say(event.text)
            self._start()
        elif event.kind == "pack_done":
            self._say(f"{self._share(event)}  {event.text}")
        elif event.kind == "pack_failed":
            # The reasons come at the end, where they are not scrolled away.
            self._say(f"[red]failed[/red]  {escape(event.text.partition(': ')[0])}", markup=True)
        elif event.kind == "note":
            self._say(event.text)
        if event.kind not in ("start", "past", "note"):
            self._move(event.done, event.total, f"best {event.best}" if event.best else "")

    def _search(self, event: Event, news: SearchNews) -> None:
        """A search has thousands of packs: the bar moves with each, lines come at a pace."""
        if event.kind == "start":
            self._start()
        if self._pace.turn(news) and event.kind == "start":
            self._say(event.text)
            if self._bar is not None and self._task is not None:
                self._bar.reset(self._task)  # the time left is that of this stage
        elif event.kind in ("epoch", "pack_done") and self._bar is None and news.share < 1 and self._pace.due():
            self._say(self._pace.line(news))
        of = "" if news.of_all else f" stage {news.stage}"
        best = f"; best {news.best}" if news.best else ""
        self._move(news.share, 1.0, f"search {news.name}{of}: {news.trials:,} trainings{best}")

    def _move(self, done: float, total: float, words: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, description=escape(words))

    def _start(self) -> None:
        if self._bar is not None or not self.console.is_terminal:
            return
        columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(), TextColumn("left"),
                   TimeRemainingColumn(), TextColumn("{task.description}"))  # fmt: skip
        self._bar = _BarOverCurves(*columns, console=self.console, transient=True, speed_estimate_period=SPEED_OVER)
        self._bar.board = self._board
        self._bar.start()
        self._task = self._bar.add_task("", total=1.0)

    def _say(self, text: str, *, markup: bool = False) -> None:
        self.console.print(text, markup=markup, soft_wrap=True)

    @staticmethod
    def _share(event: Event) -> str:
        return f"{100 * event.done / event.total:3.0f}%" if event.total else ""


class Download:
    """A context whose `watch` takes how far downloads have come: a bar in a terminal, elsewhere a line an address."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(file=sys.stderr, highlight=False)
        self._bar = Bar(BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=self.console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Download:
        if self.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def watch(self, address: str, done: int, total: int | None) -> None:
        if address not in self._tasks:
            self.console.print(f"fetching {address}", markup=False, soft_wrap=True)
            self._tasks[address] = self._bar.add_task("", total=total)
        self._bar.update(self._tasks[address], completed=done, total=total)
