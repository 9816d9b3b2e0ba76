"""Ctrl-C, SIGTERM, a closed terminal and a time limit as a flag: once to stop soon with everything kept, twice (but for
the terminal) to stop at once."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

from bakeoff.signals import HANGUP, asking, leave_terminal


@contextlib.contextmanager
def stop_on_signal(until: float | None = None) -> Iterator[threading.Event]:
    """An event that the first signal to stop sets, or `time.monotonic()` reaching `until`. Outside the main thread no
    handler can be set: then no signal sets it."""
    stop, ended = threading.Event(), threading.Event()

    def watch_the_time(left: float) -> None:
        if not ended.wait(left):
            stop.set()

    watcher = threading.Thread(target=watch_the_time, args=((until or 0.0) - time.monotonic(),), daemon=True)
    if until is not None:
        watcher.start()
    try:
        with _signals_set(stop):
            yield stop
    finally:
        ended.set()
        if until is not None:
            watcher.join()


@contextlib.contextmanager
def _signals_set(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == HANGUP:
            leave_terminal()
        elif stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            for child in multiprocessing.active_children():
                child.kill()  # a commit is whole or not there, whenever that is
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handle) for number in asking()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
