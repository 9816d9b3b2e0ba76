"""Keeps live.html beside a study while it trains: written by the parent process alone, each time whole."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType

from bakeoff.atomic import write_bytes
from bakeoff.fleet import Event
from bakeoff.show.live_board import Board, Ending
from bakeoff.show.live_page import Heading, render_live
from bakeoff.show.live_panels import draw_picture
from bakeoff.show.png import png
from bakeoff.show.svg import document

PERIOD_S = 2.0
"""Seconds between two pages at least."""
BEAT_S = 15.0
"""A page is written this often even without news, so that a reader's page can tell a long epoch from a dead run."""
COST = 0.01
"""Share of one core that writing may take: a page that is dear to write is written more rarely."""


class LivePage:
    """A context: give `watch` a launch's events, and say with `end` how the study ended.

    Leaving it by an exception ends the page as failed, or stopped if it was Ctrl-C. A page that cannot be written is
    no reason to end a training: the next one is tried.
    """

    def __init__(self, folder: Path, heading: Heading) -> None:
        self.path = folder / "live.html"
        self.board = Board()
        self.heading = heading
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._news = False
        self._pause = PERIOD_S
        self._writer = threading.Thread(target=self._keep, name="live page", daemon=True)

    def __enter__(self) -> LivePage:
        self._write()
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._writer.join()
        if kind is not None:
            self.end("stopped" if kind is KeyboardInterrupt else "failed", str(error))
        if self.board.ending == "done":
            self._draw()
        self._write()

    def watch(self, event: Event) -> None:
        """Take one event; the page shows it soon."""
        with self._lock:
            self.board.take(event)
            self._news = True

    def end(self, ending: Ending, reason: str = "", order: list[str] | None = None) -> None:
        """How the study ended; see `Board.end`. The last page is written when the context is left."""
        with self._lock:
            self.board.end(ending, reason, order)

    def _keep(self) -> None:
        written = time.monotonic()
        while not self._over.wait(self._pause):
            if self._news or time.monotonic() - written >= BEAT_S:
                self._write()
                written = time.monotonic()

    def _write(self) -> None:
        began = time.thread_time()
        with self._lock:
            self._news = False
            text = render_live(self.board, self.heading, datetime.now().astimezone(), max(BEAT_S, self._pause))
        with contextlib.suppress(OSError):
            write_bytes(self.path, text.encode("utf-8", "replace"))
        self._pause = max(PERIOD_S, (time.thread_time() - began) / COST)

    def _draw(self) -> None:
        scene = draw_picture(self.board, f"Curves of {self.heading.study}")
        figures = self.path.parent / "figures"
        with contextlib.suppress(OSError):
            write_bytes(figures / "live.svg", document(scene).encode("utf-8", "replace"))
            write_bytes(figures / "live.png", png(scene))
