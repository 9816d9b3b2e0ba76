"""A command that somebody stops: SIGTERM and a closed terminal end it as Ctrl-C does, and it says what was kept."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from bakeoff.signals import HANGUP, asking, leave_terminal

GO_ON = (["run"], ["quick"], ["data", "fetch"])
"""Commands that keep what they did so far."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """While inside, what asks to stop raises KeyboardInterrupt. Training sets handlers of its own, which let an epoch
    end; this is for all that comes before and after it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == HANGUP:
            signal.signal(number, signal.SIG_IGN)
            leave_terminal()
        raise KeyboardInterrupt

    # Ctrl-C does so by itself, unless a shell has it ignored for what runs in the background.
    before = {number: signal.signal(number, handle) for number in asking() if number != signal.SIGINT}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Stoppable(TyperGroup):
    """The commands, each of which may be stopped. One that has an outcome to tell has told it by then."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with stoppable():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            goes_on = any(sys.argv[1:][: len(command)] == command for command in GO_ON)
            print("stopped; the same command goes on from here" if goes_on else "stopped", file=sys.stderr)
            raise typer.Exit(130) from None
